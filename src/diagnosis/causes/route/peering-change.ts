import type { Change } from "../../../model/change.ts";
import type { Peering, VirtualNetwork } from "../../../model/network.ts";
import { idKey } from "../../../model/resource.ts";
import { intersect } from "../../../network/address-sets.ts";
import type { PeeringHop } from "../../../network/path.ts";
import { peeringBack, setOfPrefixes } from "../../../network/peerings.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal } from "../../finding.ts";

/** Peers one network with another; together with the same from the other side, both are Connected. */
export function peer(from: VirtualNetwork, to: VirtualNetwork, like: Peering | undefined): Change {
  return {
    action: "add",
    resourceId: from.id,
    list: "virtualNetworkPeerings",
    value: {
      name: like?.name ?? `${from.name}-to-${to.name}`,
      remoteVirtualNetwork: { id: to.id },
      allowVirtualNetworkAccess: true,
      allowForwardedTraffic: like?.allowForwardedTraffic ?? false,
      allowGatewayTransit: like?.allowGatewayTransit ?? false,
      useRemoteGateways: like?.useRemoteGateways ?? false,
      // What Azure sets once both sides exist.
      peeringState: "Connected",
      remoteAddressSpace: { addressPrefixes: to.addressPrefixes },
    },
  };
}

function unpeer(network: VirtualNetwork, peering: Peering): Change {
  return {
    action: "remove",
    resourceId: network.id,
    list: "virtualNetworkPeerings",
    value: { name: peering.name },
  };
}

/** Azure refuses to peer networks whose addresses overlap. */
export function canPeer(a: VirtualNetwork, b: VirtualNetwork): boolean {
  return intersect(setOfPrefixes(a.addressPrefixes), setOfPrefixes(b.addressPrefixes)).length === 0;
}

function peeringId(network: VirtualNetwork, { id, name }: Peering): string {
  return id.startsWith("/") ? id : `${network.id}/virtualNetworkPeerings/${name}`;
}

/** The network that holds the side at fault, and the one on the other side. */
export function sidesOf(
  { peering, virtualNetwork }: PeeringHop,
  { virtualNetworks }: Facets["network"],
): { owner: VirtualNetwork; other: VirtualNetwork | undefined } {
  const owner =
    virtualNetworks.find(({ peerings }) => peerings.some((one) => one === peering)) ?? virtualNetwork;
  return { owner, other: peering?.remoteVirtualNetwork?.target };
}

/** What makes a peering carry traffic again, by what keeps it from doing so; `owner` holds the side at fault. */
export function repairPeering(
  hop: PeeringHop,
  owner: VirtualNetwork,
  other: VirtualNetwork | undefined,
): FixProposal | undefined {
  const { peering, reason } = hop;
  if (peering === undefined) return undefined;
  const resourceId = peeringId(owner, peering);
  if (reason === "access-not-allowed") {
    return {
      summary: `Allow virtual network access on peering ${peering.name} of ${owner.name}.`,
      changes: [{ action: "set", resourceId, path: "allowVirtualNetworkAccess", value: true }],
      sideEffects: [
        "The two networks then count as VirtualNetwork of each other in all security groups that use the tag.",
      ],
    };
  }
  if (other === undefined) return undefined;
  if (reason === "prefix-not-synced") {
    return {
      summary: `Synchronise peering ${peering.name} of ${owner.name} with the address space of ${other.name}.`,
      changes: [
        {
          action: "operate",
          resourceId,
          operation: "sync",
          becomes: [
            { path: "peeringSyncLevel", value: "FullyInSync" },
            { path: "remoteAddressSpace/addressPrefixes", value: other.addressPrefixes },
          ],
        },
      ],
      sideEffects: [`The added addresses of ${other.name} become reachable from all of ${owner.name}.`],
    };
  }
  return canPeer(owner, other) ? peerAgain(hop, owner, other) : undefined;
}

/** A side that waits becomes Connected when the other is made; a disconnected one has to be made anew (network.md §5). */
function peerAgain(hop: PeeringHop, owner: VirtualNetwork, other: VirtualNetwork): FixProposal {
  const side = hop.peering;
  const back = peeringBack(other, owner);
  return {
    summary: `Make the peering between ${owner.name} and ${other.name} anew, on both sides.`,
    changes: [
      ...(side === undefined ? [] : [unpeer(owner, side)]),
      ...(back === undefined ? [] : [unpeer(other, back)]),
      peer(owner, other, side),
      peer(other, owner, back),
    ],
    sideEffects: [
      `Everything in ${owner.name} and ${other.name} can reach each other as far as their security groups allow.`,
      ...(idKey(owner.id).split("/")[2] === idKey(other.id).split("/")[2]
        ? []
        : ["The networks are in different subscriptions: the change needs rights in both."]),
    ],
  };
}
