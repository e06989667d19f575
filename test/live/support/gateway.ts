import { type BackendWish, liveGateway } from "../../support/gateway-document.ts";

export interface LiveBackend extends BackendWish {
  /** The name clients ask for; `<name>.contoso.example` unless given. */
  readonly host?: string;
  /** The path rules of this route; a rule without any otherwise. */
  readonly paths?: readonly string[];
}

const network = "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network";
const gatewayId = `${network}/applicationGateways/agw-live`;
const part = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}`, name });

/**
 * A gateway as Azure would take it: one listener on port 80 for every backend, by its host name. Routes are
 * `<name>/<name>`, or `<name>/<name>/<name>-paths` with paths. `more` replaces whole fields.
 */
export function gatewayOf(backends: readonly LiveBackend[], more: Readonly<Record<string, unknown>> = {}) {
  return liveGateway(backends, {
    frontendIPConfigurations: [
      {
        ...part("frontendIPConfigurations", "public"),
        publicIPAddress: { id: `${network}/publicIPAddresses/pip` },
      },
    ],
    frontendPorts: [{ ...part("frontendPorts", "p80"), port: 80 }],
    httpListeners: backends.map(({ name, host }) => ({
      ...part("httpListeners", name),
      protocol: "Http",
      frontendIPConfiguration: part("frontendIPConfigurations", "public"),
      frontendPort: part("frontendPorts", "p80"),
      hostName: host ?? `${name}.contoso.example`,
    })),
    urlPathMaps: backends.flatMap(({ name, paths }) => (paths === undefined ? [] : [pathMapOf(name, paths)])),
    requestRoutingRules: backends.map(({ name, paths }, index) => ({
      ...part("requestRoutingRules", name),
      priority: index + 1,
      httpListener: part("httpListeners", name),
      ...(paths === undefined
        ? { ruleType: "Basic", ...targetOf(name) }
        : { ruleType: "PathBasedRouting", urlPathMap: part("urlPathMaps", name) }),
    })),
    ...more,
  });
}

function targetOf(name: string) {
  return {
    backendAddressPool: part("backendAddressPools", `pool-${name}`),
    backendHttpSettings: part("backendHttpSettingsCollection", `set-${name}`),
  };
}

function pathMapOf(name: string, paths: readonly string[]) {
  const { backendAddressPool, backendHttpSettings } = targetOf(name);
  return {
    ...part("urlPathMaps", name),
    defaultBackendAddressPool: backendAddressPool,
    defaultBackendHttpSettings: backendHttpSettings,
    pathRules: [{ ...part(`urlPathMaps/${name}/pathRules`, `${name}-paths`), paths, ...targetOf(name) }],
  };
}
