import { type AzureResource, flagOf, partsOf, textOf } from "../world/resource.ts";
import type { OnPremises } from "../world/world.ts";
import {
  findById,
  gatewaySubnet,
  type NetworkFacts,
  type PeeringFacts,
  type Port,
  publicFrontends,
  type SubnetFacts,
} from "./facts.ts";
import { contains } from "./ranges.ts";

/** Where packets of a subnet go. */
export type Hop =
  | { readonly kind: "local" | "internet" | "none" | "on-premises" }
  | { readonly kind: "peer"; readonly network: string }
  | { readonly kind: "appliance"; readonly address: string; readonly network: string };

export interface SubnetRoute {
  readonly prefix: string;
  readonly hop: Hop;
  readonly source: "Default" | "User" | "VirtualNetworkGateway";
}

const reserved = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/**
 * Networks that packets of this one may go to directly, by its own side of the peerings, with the addresses that are agreed
 * on. `tagged`: those that count as `VirtualNetwork`, which is all that `allowVirtualNetworkAccess` decides.
 */
export function peersOf(
  network: NetworkFacts,
  all: readonly NetworkFacts[],
  which: "reached" | "tagged" = "reached",
): readonly NetworkFacts[] {
  return network.peerings
    .filter(({ connected, allowAccess }) => connected && (which === "reached" || allowAccess))
    .flatMap((peering) => {
      const found = all.find(({ id }) => id === peering.remote);
      return found === undefined ? [] : [{ ...found, prefixes: agreedPrefixes(peering, found) }];
    });
}

/** What a side of a peering knows of the other network: ranges added later are missing until it is synchronised. */
export function agreedPrefixes(peering: PeeringFacts, remote: NetworkFacts): readonly string[] {
  return peering.remotePrefixes.length > 0 ? peering.remotePrefixes : remote.prefixes;
}

/** The network whose virtual network gateway this one uses: its own, or a peer's that it may use. */
export function gatewayNetwork(
  network: NetworkFacts,
  all: readonly NetworkFacts[],
): NetworkFacts | undefined {
  if (network.hasGateway) return network;
  const users = network.peerings.filter(({ connected, useRemoteGateways }) => connected && useRemoteGateways);
  return all.find(
    ({ id, hasGateway, peerings }) =>
      hasGateway &&
      users.some(({ remote }) => remote === id) &&
      peerings.some(
        ({ remote, connected, allowTransit }) => remote === network.id && connected && allowTransit,
      ),
  );
}

export function announced(
  network: NetworkFacts,
  all: readonly NetworkFacts[],
  onPremises: OnPremises | undefined,
): readonly string[] {
  const owner = gatewayNetwork(network, all);
  return owner !== undefined && owner.name === onPremises?.network ? onPremises.announces : [];
}

/** The effective routes of a subnet: for one prefix the user's come before those of BGP, and these before the system's. */
export function effectiveRoutes(
  subnet: SubnetFacts,
  network: NetworkFacts,
  world: {
    readonly networks: readonly NetworkFacts[];
    readonly ports: readonly Port[];
    readonly resources: readonly AzureResource[];
    readonly onPremises: OnPremises | undefined;
  },
): readonly SubnetRoute[] {
  const { networks, ports, resources, onPremises } = world;
  const table = findById(resources, subnet.routeTable);
  const peers = peersOf(network, networks);
  const byPrefix = new Map<string, SubnetRoute>();
  const put = (prefix: string, hop: Hop, source: SubnetRoute["source"] = "Default"): void => {
    byPrefix.set(prefix, { prefix, hop, source });
  };
  for (const prefix of reserved) put(prefix, { kind: "none" });
  put("0.0.0.0/0", { kind: "internet" });
  for (const prefix of network.prefixes) put(prefix, { kind: "local" });
  for (const peer of peers)
    for (const prefix of peer.prefixes) put(prefix, { kind: "peer", network: peer.id });
  if (!(table !== undefined && flagOf(table, "disableBgpRoutePropagation"))) {
    const owner = gatewayNetwork(network, networks);
    for (const prefix of announced(network, networks, onPremises)) {
      const away = owner !== undefined && owner !== network;
      put(
        prefix,
        away ? { kind: "peer", network: owner.id } : { kind: "on-premises" },
        "VirtualNetworkGateway",
      );
    }
  }
  for (const port of ports.filter(({ isEndpoint }) => isEndpoint)) {
    const home = [network, ...peers].find(({ subnets }) => subnets.some(({ id }) => id === port.subnet));
    if (home === undefined) continue;
    const hop = endpointHop(home, subnet, network, resources);
    for (const address of port.addresses) put(`${address}/32`, hop);
  }
  for (const route of table === undefined ? [] : partsOf(resources, table, "routes")) {
    put(textOf(route, "addressPrefix") ?? "", hopOf(route, network, networks), "User");
  }
  return [...byPrefix.values()];
}

/** What an isolated gateway sends to a private endpoint of another region is dropped on the way. */
function endpointHop(
  home: NetworkFacts,
  subnet: SubnetFacts,
  network: NetworkFacts,
  resources: readonly AzureResource[],
): Hop {
  if (home.id === network.id) return { kind: "local" };
  const isolated = subnet.id === gatewaySubnet(resources) && publicFrontends(resources).length === 0;
  return isolated && home.location !== network.location
    ? { kind: "none" }
    : { kind: "peer", network: home.id };
}

function hopOf(route: unknown, network: NetworkFacts, networks: readonly NetworkFacts[]): Hop {
  const address = textOf(route, "nextHopIpAddress") ?? "";
  switch (textOf(route, "nextHopType")?.toLowerCase()) {
    case "virtualappliance": {
      const home = [network, ...peersOf(network, networks)].find(({ prefixes }) =>
        prefixes.some((prefix) => contains(prefix, address)),
      );
      return home === undefined ? { kind: "none" } : { kind: "appliance", address, network: home.id };
    }
    case "vnetlocal":
      return { kind: "local" };
    case "internet":
      return { kind: "internet" };
    case "virtualnetworkgateway": {
      const owner = gatewayNetwork(network, networks);
      if (owner === undefined) return { kind: "none" };
      return owner === network ? { kind: "on-premises" } : { kind: "peer", network: owner.id };
    }
    default:
      return { kind: "none" };
  }
}
