import { addMachine, httpProgram, labAuthority, names, serverSubnet, tlsFor } from "./base.ts";
import type { Draft } from "./draft.ts";
import type { Program } from "./world.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Pool and backend setting, by name. */
export interface Target {
  readonly pool: string;
  readonly setting: string;
}

export interface ApplicationWish {
  /** `api` makes host `api-1`, pool `pool-api`, setting `set-api`, probe `probe-api`. */
  readonly name: string;
  /** In the subnet of the base worlds' servers. */
  readonly address: string;
  /** Default 8080, or 8443 with Https. */
  readonly port?: number;
  readonly protocol?: "Http" | "Https";
  /** Default: a Node server that answers everything with 200. */
  readonly program?: Program;
  readonly setting?: Fields;
  readonly probe?: Fields;
}

/** A second application beside that of the base world: a machine, and what the gateway needs to reach it. */
export function addApplication(draft: Draft, wish: ApplicationWish): Target {
  const { name, address, protocol = "Http", setting = {}, probe = {} } = wish;
  const https = protocol === "Https";
  const port = wish.port ?? (https ? 8443 : 8080);
  const tls = https ? tlsFor([names.host]) : undefined;
  const { network, subnet } = serverSubnet();
  addMachine(draft, {
    ...{ name: `${name}-1`, address, network, subnet },
    programs: [wish.program ?? httpProgram(port, tls)],
  });
  addSetting(draft, name, { protocol, port, setting, probe });
  draft.part("backendAddressPools", `pool-${name}`, { backendAddresses: [{ ipAddress: address }] });
  return { pool: `pool-${name}`, setting: `set-${name}` };
}

export interface SettingWish {
  readonly protocol?: "Http" | "Https";
  readonly port: number;
  readonly setting?: Fields;
  readonly probe?: Fields;
}

/** A backend setting `set-NAME` with its probe `probe-NAME`, as those of the base worlds are. */
export function addSetting(draft: Draft, name: string, wish: SettingWish): void {
  const { protocol = "Http", port, setting = {}, probe = {} } = wish;
  const https = protocol === "Https";
  if (https) {
    draft.part("trustedRootCertificates", "lab-root", { data: labAuthority().der.toString("base64") });
  }
  draft.part("probes", `probe-${name}`, {
    ...{ protocol, host: names.host, path: "/health", interval: 1, timeout: 1, unhealthyThreshold: 1 },
    pickHostNameFromBackendHttpSettings: false,
    ...probe,
  });
  draft.part("backendHttpSettingsCollection", `set-${name}`, {
    ...{ port, protocol, cookieBasedAffinity: "Disabled", requestTimeout: 3 },
    pickHostNameFromBackendAddress: false,
    probe: draft.partLink("probes", `probe-${name}`),
    ...(https
      ? {
          hostName: names.host,
          trustedRootCertificates: [draft.partLink("trustedRootCertificates", "lab-root")],
        }
      : {}),
    ...setting,
  });
}

export interface RuleWish {
  /** Names the rule, and its listener unless there is another. */
  readonly name: string;
  readonly listener?: string;
  /** Of the listener; none = it takes every host. */
  readonly hosts?: readonly string[];
  /** Of v2. */
  readonly priority?: number;
  readonly target: Target;
}

/** A listener on the port of the base world's, and a rule to a target. */
export function addRule(
  draft: Draft,
  { name, listener = name, hosts = [], priority, target }: RuleWish,
): void {
  draft.part("httpListeners", listener, {
    protocol: "Http",
    frontendIPConfiguration: draft.partLink("frontendIPConfigurations", "public"),
    frontendPort: draft.partLink("frontendPorts", "port-80"),
    ...(hosts.length === 1 ? { hostName: hosts[0] } : { hostNames: hosts }),
  });
  draft.part("requestRoutingRules", name, {
    ruleType: "Basic",
    ...(priority === undefined ? {} : { priority }),
    httpListener: draft.partLink("httpListeners", listener),
    ...linksTo(draft, target),
  });
}

export function linksTo(draft: Draft, { pool, setting }: Target): Fields {
  return {
    backendAddressPool: draft.partLink("backendAddressPools", pool),
    backendHttpSettings: draft.partLink("backendHttpSettingsCollection", setting),
  };
}

export interface PathWish {
  readonly name: string;
  readonly paths: readonly string[];
  readonly target: Target;
}

/** Makes a rule one by paths, with the map `paths`; no default = the map has none. */
export function routeByPath(
  draft: Draft,
  rule: string,
  { otherwise, rules }: { readonly otherwise?: Target; readonly rules: readonly PathWish[] },
): void {
  const map = draft.partLink("urlPathMaps", "paths");
  draft.part("urlPathMaps", "paths", {
    ...(otherwise === undefined
      ? {}
      : {
          defaultBackendAddressPool: draft.partLink("backendAddressPools", otherwise.pool),
          defaultBackendHttpSettings: draft.partLink("backendHttpSettingsCollection", otherwise.setting),
        }),
    pathRules: rules.map(({ name, paths, target }) => ({
      id: `${map.id}/pathRules/${name}`,
      ...{ name, paths },
      ...linksTo(draft, target),
    })),
  });
  draft.part("requestRoutingRules", rule, {
    ruleType: "PathBasedRouting",
    urlPathMap: map,
    ...{ backendAddressPool: undefined, backendHttpSettings: undefined },
  });
}
