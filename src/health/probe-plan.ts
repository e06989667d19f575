import { isIPv4, isIPv6 } from "node:net";
import type { BackendSetting, Generation, Protocol } from "../model/gateway.ts";
import type { Origin } from "../model/source.ts";
import { parseStatusRanges, type StatusRange } from "./status-match.ts";
import type { Switches } from "./switches.ts";

/** A planned value and the field that decides it. */
export interface Planned<T> {
  readonly value: T;
  readonly because: Origin;
}

/** Exactly what the gateway would send to one server of a pair as a health probe, and what counts as healthy. */
export interface ProbePlan {
  /** `default` = the setting has no probe (health-probes.md §2). */
  readonly kind: "default" | "custom";
  readonly protocol: Protocol;
  readonly port: Planned<number | undefined>;
  /** Host header; undefined on layer 4. `rejected`: Azure refuses this configuration, nothing is sent. */
  readonly host: Planned<string | undefined> & { readonly rejected: boolean };
  /** Undefined on layer 4. */
  readonly path: Planned<string | undefined>;
  /** A PROXY protocol header goes in front of everything. */
  readonly proxyHeader: boolean;
  /** Undefined = no SNI is sent, or no TLS. */
  readonly sni: Planned<string | undefined>;
  readonly timeoutS: number;
  readonly intervalS: number;
  readonly unhealthyThreshold: number;
  readonly minServers: number;
  readonly healthyStatuses: Planned<readonly StatusRange[]>;
  /** Substring the body must hold; undefined = not looked at. */
  readonly healthyBody: Planned<string | undefined>;
}

const defaultHost = "127.0.0.1";

/** What is outside the range, which Azure refuses, is taken as the nearest value inside (health-probes.md §5). */
const longestTimeoutS = 86_400;

/**
 * Whether the plans of a setting differ between its servers. Where they do not, one plan serves them all: a gateway may
 * have 120,000 servers.
 */
export function plansVaryByServer(
  generation: Generation,
  setting: BackendSetting,
  switches: Switches,
): boolean {
  const tls = [setting.protocol, setting.probe?.target?.protocol].some(
    (protocol) => protocol === "Https" || protocol === "Tls",
  );
  if (setting.pickHostNameFromBackendAddress) return true;
  return tls && (generation === "v1" || switches.liveSniWithoutHost === "member");
}

/** Plans the probe of `address` under a setting (health-probes.md §2, §3). */
export function planProbe(
  generation: Generation,
  setting: BackendSetting,
  address: string | undefined,
  switches: Switches,
): ProbePlan {
  const probe = setting.probe?.target;
  const protocol = probe?.protocol ?? setting.protocol;
  const host = probeHost(setting, address, switches);
  const layer7 = protocol === "Http" || protocol === "Https";
  // v1 probes have no port of their own (gateway-resource.md §4.7).
  const ownPort = generation === "v2" ? probe?.port : undefined;
  const source = probe?.source ?? setting.source;
  return {
    kind: probe === undefined ? "default" : "custom",
    protocol,
    port: {
      value: ownPort ?? setting.port,
      because:
        ownPort === undefined || probe === undefined ? setting.source.at("port") : probe.source.at("port"),
    },
    host: layer7 ? host : { value: undefined, because: setting.source, rejected: false },
    path: {
      value: layer7 ? (probe?.path ?? "/") : undefined,
      because: probe === undefined ? setting.source.at("probe") : probe.source.at("path"),
    },
    proxyHeader: layer4(setting) && (probe?.enableProbeProxyProtocolHeader ?? false),
    sni: probeSni(generation, setting, protocol, host, address),
    timeoutS: Math.min(Math.max(probe?.timeoutS ?? 30, 1), longestTimeoutS),
    intervalS: probe?.intervalS ?? 30,
    unhealthyThreshold: probe?.unhealthyThreshold ?? 3,
    minServers: probe?.minServers ?? 0,
    healthyStatuses: {
      value: parseStatusRanges(probe?.match.statusCodes ?? []),
      because: source.at(probe === undefined ? "probe" : "match"),
    },
    healthyBody: { value: probe?.match.body, because: source.at(probe === undefined ? "probe" : "match") },
  };
}

function layer4({ collection }: BackendSetting): boolean {
  return collection === "backendSettingsCollection";
}

/** Precedence: probe host > setting hostName > member (only when picked) > 127.0.0.1 (health-probes.md §3). */
function probeHost(
  setting: BackendSetting,
  address: string | undefined,
  switches: Switches,
): Planned<string | undefined> & { rejected: boolean } {
  const probe = setting.probe?.target;
  if (probe?.host !== undefined) {
    return { value: probe.host, because: probe.source.at("host"), rejected: false };
  }
  const fromSetting = hostOfSetting(setting, address);
  if (probe?.pickHostNameFromBackendHttpSettings) {
    return {
      value: fromSetting?.value,
      because: fromSetting?.because ?? probe.source.at("pickHostNameFromBackendHttpSettings"),
      rejected: fromSetting === undefined,
    };
  }
  const usesSetting = probe === undefined && switches.defaultProbeHost === "setting";
  if (usesSetting && fromSetting !== undefined) return { ...fromSetting, rejected: false };
  const because = probe?.source.at("host") ?? setting.source.at("probe");
  return { value: defaultHost, because, rejected: false };
}

/** The host a setting overrides with: its `hostName`, or the member's own name or address when picked. */
export function hostOfSetting(
  setting: BackendSetting,
  address: string | undefined,
): Planned<string | undefined> | undefined {
  if (setting.hostName !== undefined) {
    return { value: setting.hostName, because: setting.source.at("hostName") };
  }
  if (setting.pickHostNameFromBackendAddress) {
    return { value: address, because: setting.source.at("pickHostNameFromBackendAddress") };
  }
  return undefined;
}

/** v2: the probe's host, never an IP literal nor 127.0.0.1. v1: the member's FQDN (request-handling.md §8.2). */
function probeSni(
  generation: Generation,
  setting: BackendSetting,
  protocol: Protocol,
  host: Planned<string | undefined>,
  address: string | undefined,
): Planned<string | undefined> {
  const because = host.because;
  if (protocol !== "Https" && protocol !== "Tls") return { value: undefined, because };
  if (generation === "v1") return { value: nameOnly(address), because: setting.source };
  if (protocol === "Tls") {
    const name = hostOfSetting(setting, address);
    return { value: nameOnly(name?.value), because: name?.because ?? setting.source };
  }
  return { value: nameOnly(host.value), because };
}

/** Whether a host is an IP address. The colon first: Node's pattern for IPv6 takes milliseconds to be made ready. */
export function isAddressLiteral(host: string): boolean {
  return isIPv4(host) || (host.includes(":") && isIPv6(host));
}

/** IP literals are never sent as SNI (RFC 6066 §3). */
export function nameOnly(host: string | undefined): string | undefined {
  return host === undefined || host === "" || isAddressLiteral(host) ? undefined : host;
}
