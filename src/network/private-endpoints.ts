import type { PrivateEndpoint } from "../model/hosts.ts";
import type { Subnet, VirtualNetwork } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import { parseRange } from "./addresses.ts";
import { isConnected } from "./peerings.ts";

import { networkIdOf } from "./service-tags.ts";
import type { SystemRoute } from "./system-routes.ts";

/** Which rules of a subnet hold for the private endpoints in it (network.md §4). */
export function endpointPolicies(subnet: Subnet): { securityGroup: boolean; routeTable: boolean } {
  const policies = subnet.privateEndpointNetworkPolicies.toLowerCase();
  return {
    securityGroup: policies === "enabled" || policies === "networksecuritygroupenabled",
    routeTable: policies === "enabled" || policies === "routetableenabled",
  };
}

/**
 * The host routes Azure gives every subnet of a network for the private endpoints in it and in its peers. Where the
 * endpoint's subnet has route table policies, wider user-defined routes win, so no host route stands against them.
 */
export function endpointRoutes(
  virtualNetwork: VirtualNetwork,
  endpoints: readonly PrivateEndpoint[],
): SystemRoute[] {
  if (endpoints.length === 0) return [];
  const near = new Set([
    idKey(virtualNetwork.id),
    ...virtualNetwork.peerings.flatMap((peering) =>
      isConnected(peering) === "yes" && peering.remoteVirtualNetwork !== undefined
        ? [idKey(peering.remoteVirtualNetwork.id)]
        : [],
    ),
  ]);
  return endpoints.flatMap(({ subnet, privateIpAddresses, source }) => {
    if (subnet === undefined || !near.has(idKey(networkIdOf(subnet.id)))) return [];
    if (subnet.target !== undefined && endpointPolicies(subnet.target).routeTable) return [];
    return privateIpAddresses.flatMap((text) => {
      const range = parseRange(text);
      return range === undefined ? [] : [{ range, nextHopType: "InterfaceEndpoint", origin: source }];
    });
  });
}
