import type { Peering, VirtualNetwork } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import { type AddressSet, addressSet, containsAll } from "./address-sets.ts";
import { type AddressRange, parseRange } from "./addresses.ts";
import type { PeeringHop } from "./path.ts";
import type { Missing } from "./verdict.ts";

/** What is known of one peering, seen from the network that holds it (network.md §5). */
export interface PeeringState {
  readonly verdict: PeeringHop["verdict"];
  readonly reason: PeeringHop["reason"];
  /** The side at fault, or the local one. */
  readonly peering: Peering;
  readonly says: string;
  readonly missing: readonly Missing[];
}

/** The prefixes of these texts; what is not a prefix is left out. */
export function setOfPrefixes(prefixes: readonly string[]): AddressSet {
  return addressSet(prefixes.flatMap((text) => parseRange(text) ?? []));
}

/**
 * The addresses a peering leads to: those the two sides have agreed on, which are not always those the other network
 * has now.
 */
export function peeredAddresses(peering: Peering): AddressSet {
  const written =
    peering.remoteAddressPrefixes.length > 0
      ? peering.remoteAddressPrefixes
      : (peering.remoteVirtualNetwork?.target?.addressPrefixes ?? []);
  return setOfPrefixes(written);
}

/** Whether the peering is in effect as far as its own side says; undefined state = not exported. */
export function isConnected(peering: Peering): PeeringHop["verdict"] {
  if (peering.peeringState === undefined) return "unknown";
  return peering.peeringState.toLowerCase() === "connected" ? "yes" : "no";
}

/** The peering of `remote` that points back to `local`. */
export function peeringBack(remote: VirtualNetwork, local: VirtualNetwork): Peering | undefined {
  const wanted = idKey(local.id);
  return remote.peerings.find(({ remoteVirtualNetwork: other }) => other && idKey(other.id) === wanted);
}

/**
 * Whether the peering carries traffic for `range` and, when both sides are known, for the gateway's `own` addresses on
 * the way back. `allowVirtualNetworkAccess` is not judged here: it changes what a tag means, not the way.
 */
export function judgePeering(
  local: VirtualNetwork,
  peering: Peering,
  range: AddressRange,
  own: AddressSet,
): PeeringState {
  const name = `peering ${peering.name} of ${local.name}`;
  const remote = peering.remoteVirtualNetwork?.target;
  const back = remote && peeringBack(remote, local);
  const said = (
    verdict: PeeringState["verdict"],
    says: string,
    reason?: PeeringState["reason"],
    at: Peering = peering,
    missing: readonly Missing[] = [],
  ): PeeringState => ({ verdict, says, reason, peering: at, missing });

  const connected = isConnected(peering);
  if (connected === "no") {
    if (remote !== undefined && back === undefined && remote.source.at("virtualNetworkPeerings").value) {
      return said(
        "no",
        `${name} is ${peering.peeringState}, and ${remote.name} has no peering back`,
        "other-side-missing",
      );
    }
    return said("no", `${name} is ${peering.peeringState}, not Connected`, "not-connected");
  }
  if (back !== undefined && isConnected(back) === "no") {
    const says = `peering ${back.name} of ${remote?.name} is ${back.peeringState}, not Connected`;
    return said("no", says, "not-connected", back);
  }
  const unsynced = unsyncedSide(peering, range, back, own);
  if (unsynced !== undefined) return said("no", unsynced.says, "prefix-not-synced", unsynced.peering);
  if (connected === "unknown") {
    return said("unknown", `${name} has no exported state`, undefined, peering, [
      {
        what: `whether ${name} is connected`,
        type: "microsoft.network/virtualnetworks",
        resourceId: local.id,
      },
    ]);
  }
  return said("yes", `${name} to ${remoteName(peering)} is Connected`);
}

/** A side whose agreed prefixes leave out the addresses in question. */
function unsyncedSide(
  peering: Peering,
  range: AddressRange,
  back: Peering | undefined,
  own: AddressSet,
): { peering: Peering; says: string } | undefined {
  const leavesOut = (side: Peering, addresses: AddressSet) =>
    side.remoteAddressPrefixes.length > 0 &&
    !containsAll(setOfPrefixes(side.remoteAddressPrefixes), addresses);
  if (leavesOut(peering, [range])) {
    return {
      peering,
      says: `peering ${peering.name} is not in sync (${peering.peeringSyncLevel ?? "sync level not exported"}): it leaves out these addresses of ${remoteName(peering)}`,
    };
  }
  if (back !== undefined && leavesOut(back, own)) {
    return {
      peering: back,
      says: `peering ${back.name} is not in sync (${back.peeringSyncLevel ?? "sync level not exported"}): it leaves out the gateway subnet`,
    };
  }
  return undefined;
}

function remoteName(peering: Peering): string {
  const { remoteVirtualNetwork: remote } = peering;
  return remote?.target?.name ?? remote?.id.split("/").at(-1) ?? "the other network";
}
