import type { BackendSetting, Generation, Protocol } from "../model/gateway.ts";
import type { Origin } from "../model/source.ts";
import { hostOfSetting, nameOnly, type Planned } from "./probe-plan.ts";
import type { Switches } from "./switches.ts";

/** A name that is either fixed by configuration or whatever the client asked for. */
export type HostChoice =
  | { readonly from: "configuration"; readonly value: string | undefined; readonly because: Origin }
  | { readonly from: "client"; readonly because: Origin };

/** What the gateway would send to one server for live traffic, as far as configuration decides it. */
export interface RequestPlan {
  readonly protocol: Protocol;
  readonly port: Planned<number | undefined>;
  /** request-handling.md §6 */
  readonly host: HostChoice;
  /** request-handling.md §8.2; `value` undefined = no SNI, or no TLS. */
  readonly sni: HostChoice;
  /** False = any name in the certificate will do. */
  readonly nameChecked: boolean;
  /** False = chain and dates are not looked at. */
  readonly chainChecked: boolean;
  readonly pathOverride: Planned<string | undefined>;
  readonly requestTimeoutS: Planned<number>;
}

/** Plans live traffic to `address` under a setting. */
export function planRequest(
  generation: Generation,
  setting: BackendSetting,
  address: string | undefined,
  switches: Switches,
): RequestPlan {
  const { source } = setting;
  const tls = setting.protocol === "Https" || setting.protocol === "Tls";
  return {
    protocol: setting.protocol,
    port: { value: setting.port, because: source.at("port") },
    host: hostChoice(setting, address),
    sni: tls
      ? liveSni(generation, setting, address, switches)
      : { from: "configuration", value: undefined, because: source.at("protocol") },
    nameChecked: tls && generation === "v2" && setting.validateSni,
    chainChecked: tls && (generation === "v1" || setting.validateCertChainAndExpiry),
    pathOverride: { value: setting.path, because: source.at("path") },
    requestTimeoutS: { value: setting.requestTimeoutS, because: source.at("requestTimeout") },
  };
}

function hostChoice(setting: BackendSetting, address: string | undefined): HostChoice {
  const fixed = hostOfSetting(setting, address);
  return fixed === undefined
    ? { from: "client", because: setting.source.at("hostName") }
    : { from: "configuration", ...fixed };
}

function liveSni(
  generation: Generation,
  setting: BackendSetting,
  address: string | undefined,
  switches: Switches,
): HostChoice {
  const { source } = setting;
  if (generation === "v1") {
    return { from: "configuration", value: nameOnly(address), because: source };
  }
  if (setting.validateSni && setting.sniName !== undefined) {
    return { from: "configuration", value: setting.sniName, because: source.at("sniName") };
  }
  const host = hostChoice(setting, address);
  if (host.from === "configuration") return { ...host, value: nameOnly(host.value) };
  if (switches.liveSniWithoutHost === "member" && nameOnly(address) !== undefined) {
    return { from: "configuration", value: address, because: source };
  }
  return host;
}
