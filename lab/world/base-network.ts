import type { BaseWish } from "./base.ts";
import { names } from "./names.ts";
import { networkId, networkResource } from "./resource.ts";

/** Of the gateway. */
export function publicAddress() {
  return networkResource("publicIPAddresses", "pip-agw", {
    ipAddress: names.publicAddress,
    publicIPAllocationMethod: "Static",
    sku: { name: "Standard", tier: "Regional" },
  });
}

/** Hub and spoke, peered; with a virtual network gateway where servers are on premises. */
export function networks({ place = "same" }: BaseWish) {
  const premises = place === "on-premises";
  const hub = network(names.hub, "10.10.0.0/16", [
    ["snet-gateway", names.gatewaySubnet, "nsg-gateway"],
    ["snet-app", names.appSubnet, "nsg-app"],
    ["snet-nva", "10.10.9.0/24", undefined],
    ["GatewaySubnet", "10.10.255.0/27", undefined],
  ]);
  const spoke = network(names.spoke, "10.20.0.0/16", [
    ["snet-web", names.spokeSubnet, "nsg-web"],
    ["snet-endpoints", "10.20.9.0/24", undefined],
  ]);
  return [
    {
      ...hub,
      virtualNetworkPeerings: [peering(names.hub, "hub-to-spoke", names.spoke, "10.20.0.0/16")],
    },
    {
      ...spoke,
      virtualNetworkPeerings: [peering(names.spoke, "spoke-to-hub", names.hub, "10.10.0.0/16")],
    },
    ...(premises
      ? [
          networkResource("virtualNetworkGateways", "vpn-hub", {
            gatewayType: "Vpn",
            ipConfigurations: [
              {
                name: "default",
                subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "GatewaySubnet") },
              },
            ],
          }),
        ]
      : []),
  ];
}

function network(
  name: string,
  prefix: string,
  subnets: readonly (readonly [string, string, string | undefined])[],
) {
  return networkResource("virtualNetworks", name, {
    addressSpace: { addressPrefixes: [prefix] },
    dhcpOptions: { dnsServers: [] },
    subnets: subnets.map(([subnet, addressPrefix, group]) => ({
      id: networkId("virtualNetworks", name, "subnets", subnet),
      name: subnet,
      addressPrefix,
      delegations: [],
      serviceEndpoints: [],
      privateEndpointNetworkPolicies: "Disabled",
      ...(group === undefined
        ? {}
        : { networkSecurityGroup: { id: networkId("networkSecurityGroups", group) } }),
    })),
  });
}

function peering(network: string, name: string, remote: string, prefix: string) {
  return {
    id: networkId("virtualNetworks", network, "virtualNetworkPeerings", name),
    name,
    remoteVirtualNetwork: { id: networkId("virtualNetworks", remote) },
    remoteAddressSpace: { addressPrefixes: [prefix] },
    ...{ allowVirtualNetworkAccess: true, allowForwardedTraffic: false },
    ...{ allowGatewayTransit: false, useRemoteGateways: false },
    peeringState: "Connected",
  };
}
