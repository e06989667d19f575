import { type BaseWish, baseWorld } from "./base.ts";
import { changed } from "./draft.ts";
import { isObject } from "./resource.ts";
import type { LabWorld } from "./world.ts";

export interface Layer4Wish extends Pick<BaseWish, "program" | "servers" | "members" | "place"> {
  /** Between gateway and servers; as with `Https`, a private authority is trusted for `Tls`. */
  readonly protocol: "Tcp" | "Tls";
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly probe?: Readonly<Record<string, unknown>>;
}

/**
 * A base world whose listener, setting and rule are those of layer 4, by the same names: the gateway carries connections at
 * port 80 to the servers, which speak HTTP to who sends requests through it.
 */
export function layer4World({ protocol, setting = {}, probe = {}, ...wish }: Layer4Wish): LabWorld {
  const base = baseWorld({ ...wish, protocol: protocol === "Tls" ? "Https" : "Http" });
  return changed(base, (draft) => {
    const gateway = base.resources.find(({ type }) => type === "Microsoft.Network/applicationGateways") ?? {};
    const first = (collection: string): Readonly<Record<string, unknown>> => {
      const [part] = (gateway as Readonly<Record<string, readonly unknown[]>>)[collection] ?? [];
      return isObject(part) ? part : {};
    };
    const { frontendIPConfiguration, frontendPort } = first("httpListeners");
    const { port, hostName, trustedRootCertificates } = first("backendHttpSettingsCollection");
    draft
      .gateway({ httpListeners: [], backendHttpSettingsCollection: [], requestRoutingRules: [], probes: [] })
      .part("listeners", "web", { protocol: "Tcp", frontendIPConfiguration, frontendPort })
      .part("probes", "probe-app", { protocol, interval: 1, timeout: 1, unhealthyThreshold: 1, ...probe })
      .part("backendSettingsCollection", "set-app", {
        ...{ port, protocol, timeout: 3, probe: draft.partLink("probes", "probe-app") },
        ...(protocol === "Tls" ? { hostName, trustedRootCertificates } : {}),
        ...setting,
      })
      .part("routingRules", "app", {
        ...{ ruleType: "Basic", priority: 100 },
        listener: draft.partLink("listeners", "web"),
        backendAddressPool: draft.partLink("backendAddressPools", "pool-app"),
        backendSettings: draft.partLink("backendSettingsCollection", "set-app"),
      });
  });
}
