import type { BaseWish, ServerPlace } from "./base.ts";
import { names } from "./names.ts";
import { networkId, networkResource } from "./resource.ts";

/** The application gateway of a base world: one listener, one rule, one pool. `authority`: of the servers, DER. */
export function gatewayResource(
  { generation = "v2", ...wish }: BaseWish,
  places: readonly ServerPlace[],
  port: number,
  authority: Buffer | undefined,
) {
  const id = networkId("applicationGateways", "agw-lab");
  const link = (collection: string, name: string) => ({ id: `${id}/${collection}/${name}` });
  const part = (collection: string, name: string) => ({ ...link(collection, name), name });
  const { protocol = "Http", members = "ip", probe = {}, setting = {} } = wish;
  const root = generation === "v2" ? authority : undefined;
  return networkResource("applicationGateways", "agw-lab", {
    sku:
      generation === "v2"
        ? { name: "Standard_v2", tier: "Standard_v2", capacity: 2 }
        : { name: "Standard_Medium", tier: "Standard", capacity: 2 },
    operationalState: "Running",
    gatewayIPConfigurations: [
      {
        ...part("gatewayIPConfigurations", "gateway"),
        subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "snet-gateway") },
      },
    ],
    frontendIPConfigurations: [
      {
        ...part("frontendIPConfigurations", "public"),
        publicIPAddress: { id: networkId("publicIPAddresses", "pip-agw") },
      },
    ],
    frontendPorts: [{ ...part("frontendPorts", "port-80"), port: 80 }],
    httpListeners: [
      {
        ...part("httpListeners", "web"),
        protocol: "Http",
        frontendIPConfiguration: link("frontendIPConfigurations", "public"),
        frontendPort: link("frontendPorts", "port-80"),
        hostName: names.host,
      },
    ],
    backendAddressPools: [
      {
        ...part("backendAddressPools", "pool-app"),
        backendAddresses:
          members === "nic"
            ? []
            : places.map(({ address, fqdn }) => (members === "fqdn" ? { fqdn } : { ipAddress: address })),
      },
    ],
    probes:
      probe === false
        ? []
        : [
            {
              ...part("probes", "probe-app"),
              protocol,
              host: names.host,
              path: "/health",
              interval: 1,
              timeout: 1,
              unhealthyThreshold: 1,
              pickHostNameFromBackendHttpSettings: false,
              minServers: 0,
              ...probe,
            },
          ],
    ...(root !== undefined
      ? {
          trustedRootCertificates: [
            { ...part("trustedRootCertificates", "lab-root"), data: root.toString("base64") },
          ],
        }
      : {}),
    backendHttpSettingsCollection: [
      {
        ...part("backendHttpSettingsCollection", "set-app"),
        ...{ port, protocol },
        cookieBasedAffinity: "Disabled",
        pickHostNameFromBackendAddress: false,
        requestTimeout: 3,
        ...(protocol === "Https" ? { hostName: names.host } : {}),
        ...(root !== undefined
          ? { trustedRootCertificates: [link("trustedRootCertificates", "lab-root")] }
          : {}),
        ...(probe === false ? {} : { probe: link("probes", "probe-app") }),
        ...setting,
      },
    ],
    requestRoutingRules: [
      {
        ...part("requestRoutingRules", "app"),
        ruleType: "Basic",
        ...(generation === "v2" ? { priority: 100 } : {}),
        httpListener: link("httpListeners", "web"),
        backendAddressPool: link("backendAddressPools", "pool-app"),
        backendHttpSettings: link("backendHttpSettingsCollection", "set-app"),
      },
    ],
  });
}
