/** One pool, one setting, one rule, and the probe it has: what is to be probed for real. */
export interface BackendWish {
  readonly name: string;
  /** Addresses or names. */
  readonly servers: readonly string[];
  readonly port: number;
  readonly protocol?: "Http" | "Https";
  /** Fields of the probe; `false` = the setting has none. */
  readonly probe?: Readonly<Record<string, unknown>> | false;
  readonly setting?: Readonly<Record<string, unknown>>;
}

const network = "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network";
const gatewayId = `${network}/applicationGateways/agw-live`;
const part = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}`, name });

/** A v2 gateway as `az` shows it; its routes are `web/<name>`. */
export function liveGateway(backends: readonly BackendWish[], more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: gatewayId,
    name: "agw-live",
    type: "Microsoft.Network/applicationGateways",
    sku: { name: "Standard_v2", tier: "Standard_v2", capacity: 2 },
    httpListeners: [{ ...part("httpListeners", "web"), protocol: "Http" }],
    backendAddressPools: backends.map(({ name, servers }) => ({
      ...part("backendAddressPools", `pool-${name}`),
      backendAddresses: servers.map((server) =>
        /^[\d.]+$/.test(server) ? { ipAddress: server } : { fqdn: server },
      ),
    })),
    backendHttpSettingsCollection: backends.map(({ name, port, protocol = "Http", probe, setting }) => ({
      ...part("backendHttpSettingsCollection", `set-${name}`),
      port,
      protocol,
      requestTimeout: 20,
      ...(probe === false ? {} : { probe: part("probes", `probe-${name}`) }),
      ...setting,
    })),
    probes: backends
      .filter(({ probe }) => probe !== false)
      .map(({ name, protocol = "Http", probe }) => ({
        ...part("probes", `probe-${name}`),
        protocol,
        host: "app.contoso.example",
        path: "/health",
        interval: 30,
        timeout: 5,
        unhealthyThreshold: 3,
        ...probe,
      })),
    requestRoutingRules: backends.map(({ name }, index) => ({
      ...part("requestRoutingRules", name),
      ruleType: "Basic",
      priority: index + 1,
      httpListener: part("httpListeners", "web"),
      backendAddressPool: part("backendAddressPools", `pool-${name}`),
      backendHttpSettings: part("backendHttpSettingsCollection", `set-${name}`),
    })),
    ...more,
  };
}
