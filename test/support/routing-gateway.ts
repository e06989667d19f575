import { buildModel } from "../../src/model/build.ts";
import type { Gateway } from "../../src/model/gateway.ts";
import { Source } from "../../src/model/source.ts";

/** Where requests go: a pool and its setting, both called so, a redirect, or nowhere. */
type Target = string | { readonly redirect: string } | undefined;

export interface ListenerWish {
  readonly name: string;
  readonly protocol?: "Http" | "Https";
  readonly port?: number;
  readonly hosts?: readonly string[];
  readonly frontend?: "public" | "private";
  readonly priority?: number;
  /** Of a Basic rule. */
  readonly to?: Target;
  /** Of a path-based rule, in order. */
  readonly paths?: readonly (readonly [name: string, patterns: readonly string[], to: Target])[];
  /** Of the path map. */
  readonly default?: Target;
}

export interface RoutingWish {
  readonly listeners: readonly ListenerWish[];
  readonly tier?: string;
  /** Fields of every setting. */
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly members?: readonly string[];
  /** Fields of every Basic rule. */
  readonly rule?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

const network = "/subscriptions/s1/resourceGroups/rg-route/providers/Microsoft.Network";
const id = `${network}/applicationGateways/agw-route`;
const type = "Microsoft.Network/applicationGateways";
const part = (collection: string, name: string) => ({ id: `${id}/${collection}/${name}`, name });

/** One listener, one rule each; routes are `<listener>/<listener>[/<path rule>]`. */
export function routingDocument({ listeners, tier = "Standard_v2", ...wish }: RoutingWish) {
  const targets = listeners.flatMap((one) => [
    one.to,
    one.default,
    ...(one.paths ?? []).map(([, , to]) => to),
  ]);
  const names = [...new Set(targets.filter((target) => typeof target === "string"))];
  const redirects = [
    ...new Set(targets.flatMap((target) => (typeof target === "object" ? target.redirect : []))),
  ];
  const ports = [...new Set(listeners.map(portOf))];
  return {
    id,
    name: "agw-route",
    type,
    sku: { name: tier, tier, capacity: 2 },
    frontendIPConfigurations: [
      {
        ...part("frontendIPConfigurations", "public"),
        publicIPAddress: { id: `${network}/publicIPAddresses/pip` },
      },
      { ...part("frontendIPConfigurations", "private"), privateIPAddress: "10.0.0.9" },
    ],
    frontendPorts: ports.map((port) => ({ ...part("frontendPorts", `p${port}`), port })),
    httpListeners: listeners.map((one) => ({
      ...part("httpListeners", one.name),
      protocol: one.protocol ?? "Https",
      frontendIPConfiguration: part("frontendIPConfigurations", one.frontend ?? "public"),
      frontendPort: part("frontendPorts", `p${portOf(one)}`),
      hostNames: one.hosts ?? [],
    })),
    backendAddressPools: names.map((name) => ({
      ...part("backendAddressPools", name),
      backendAddresses: (wish.members ?? ["10.0.1.4"]).map((address) =>
        /^[\d.:]+$/.test(address) ? { ipAddress: address } : { fqdn: address },
      ),
    })),
    backendHttpSettingsCollection: names.map((name) => ({
      ...part("backendHttpSettingsCollection", name),
      port: 8080,
      protocol: "Http",
      requestTimeout: 20,
      ...wish.setting,
    })),
    redirectConfigurations: redirects.map((redirectType, index) => ({
      ...part("redirectConfigurations", `redirect-${redirectType}`),
      redirectType,
      targetUrl: `https://www.contoso.com/${index}`,
    })),
    urlPathMaps: listeners.flatMap((one) => (one.paths === undefined ? [] : mapOf(one, one.paths))),
    requestRoutingRules: listeners.map((one) => ({
      ...part("requestRoutingRules", one.name),
      httpListener: part("httpListeners", one.name),
      ...(one.priority === undefined ? {} : { priority: one.priority }),
      ...(one.paths === undefined
        ? { ruleType: "Basic", ...targetOf(one.to), ...wish.rule }
        : { ruleType: "PathBasedRouting", urlPathMap: part("urlPathMaps", one.name) }),
    })),
    ...wish.more,
  };
}

/** The gateway, with a public address called `agw-route.westeurope.cloudapp.azure.com` unless that is not exported. */
export function routingGateway(wish: RoutingWish, { publicName = true } = {}): Gateway {
  const records = [
    { id, type: type.toLowerCase(), source: new Source("gw.json", "", routingDocument(wish)) },
  ];
  const pip = {
    id: `${network}/publicIPAddresses/pip`,
    name: "pip",
    ipAddress: "203.0.113.7",
    dnsSettings: { fqdn: "agw-route.westeurope.cloudapp.azure.com" },
  };
  if (publicName) {
    const source = new Source("pip.json", "", pip);
    records.push({ id: pip.id, type: "microsoft.network/publicipaddresses", source });
  }
  const [gateway] = buildModel({ records, listedTypes: new Set() }).gateways;
  if (gateway === undefined) throw new Error("no gateway");
  return gateway;
}

function portOf({ port, protocol = "Https" }: ListenerWish): number {
  return port ?? (protocol === "Https" ? 443 : 80);
}

function mapOf(one: ListenerWish, paths: NonNullable<ListenerWish["paths"]>) {
  const fallback = Object.entries(targetOf(one.default)).map(([key, value]) => [
    `default${key.slice(0, 1).toUpperCase()}${key.slice(1)}`,
    value,
  ]);
  return {
    ...part("urlPathMaps", one.name),
    ...Object.fromEntries(fallback),
    pathRules: paths.map(([name, patterns, to]) => ({
      ...part(`urlPathMaps/${one.name}/pathRules`, name),
      paths: patterns,
      ...targetOf(to),
    })),
  };
}

function targetOf(target: Target): Record<string, unknown> {
  if (target === undefined) return {};
  if (typeof target === "object") {
    return { redirectConfiguration: part("redirectConfigurations", `redirect-${target.redirect}`) };
  }
  return {
    backendAddressPool: part("backendAddressPools", target),
    backendHttpSettings: part("backendHttpSettingsCollection", target),
  };
}
