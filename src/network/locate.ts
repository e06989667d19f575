import type { Network } from "../model/model.ts";
import type { Peering, Subnet, VirtualNetwork } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import type { OwnerPlace } from "./address-owners.ts";
import {
  type Address,
  type AddressRange,
  isPrivateAddress,
  parseRange,
  prefixLength,
  privateAddressRanges,
} from "./addresses.ts";
import type { Destination } from "./path.ts";
import { peeredAddresses } from "./peerings.ts";
import { type Covering, type Segments, segmentAt, sweep } from "./segments.ts";
import { networkIdOf } from "./service-tags.ts";

/** One piece of the address space, seen from the gateway's network. */
export interface Area extends OwnerPlace {
  readonly place: Destination["place"];
  /** The gateway network's peering that leads here. */
  readonly peering: Peering | undefined;
  /**
   * Whether the network is the gateway's, a peer, or joined to it by a chain of peerings: only then is it certain that
   * an address in it means this one and not another of the same number.
   */
  readonly joined: boolean;
  /** The prefix the area was made from; undefined for what lies outside all known networks. */
  readonly range: AddressRange | undefined;
}

/** What the gateway subnet's surroundings look like: which address lies where (Destination in path.ts). */
export class Surroundings {
  private readonly areas: Segments<Area>;
  private readonly bySubnet = new Map<Subnet, Area>();

  constructor(network: Network, from: Subnet) {
    const known = tiersAround(network, from);
    const coverings: Covering<Placed>[] = known.flatMap((tier, order) =>
      tier.flatMap((member) => this.placesOf(member, order, from)),
    );
    coverings.sort((a, b) => a.value.tier - b.value.tier || b.value.length - a.value.length);
    // Only there to cut where private space begins and ends.
    const edges = privateAddressRanges.map((range) => ({ ranges: [range], value: undefined }));
    this.areas = sweep<Placed | undefined, Area>([...coverings, ...edges], areaOf);
  }

  areaAt(address: Address): Area {
    return segmentAt(this.areas, address).result;
  }

  /** The area of a subnet whose address needs no guessing, because an IP configuration names it. */
  areaOfSubnet(subnet: Subnet): Area | undefined {
    return this.bySubnet.get(subnet);
  }

  private placesOf(member: Member, tier: number, from: Subnet): Covering<Placed>[] {
    const base = {
      virtualNetwork: member.virtualNetwork,
      networkId: member.networkId,
      peering: member.peering,
      joined: tier < 3,
    };
    const found: Covering<Placed>[] = [];
    const include = (range: AddressRange, subnet: Subnet | undefined): void => {
      const place = subnet === from ? "gateway-subnet" : placeOfTier(tier);
      const area: Area = { ...base, place, subnet, range };
      if (subnet !== undefined && !this.bySubnet.has(subnet)) this.bySubnet.set(subnet, area);
      const length = (subnet === undefined ? 0 : 1000) + (prefixLength(range) ?? 0);
      found.push({ ranges: [range], value: { area, tier, length } });
    };
    for (const subnet of member.subnets) {
      for (const text of subnet.addressPrefixes) {
        const range = parseRange(text);
        if (range !== undefined) include(range, subnet);
      }
    }
    const prefixes = member.virtualNetwork?.addressPrefixes.flatMap((text) => parseRange(text) ?? []);
    const ranges = prefixes ?? (member.peering === undefined ? [] : peeredAddresses(member.peering));
    for (const range of ranges) include(range, undefined);
    return found;
  }
}

interface Placed {
  readonly area: Area;
  readonly tier: number;
  readonly length: number;
}

/** A network around the gateway; `virtualNetwork` undefined when only its id is known. */
interface Member {
  readonly networkId: string;
  readonly virtualNetwork: VirtualNetwork | undefined;
  readonly subnets: readonly Subnet[];
  readonly peering: Peering | undefined;
}

function placeOfTier(tier: number): Destination["place"] {
  if (tier === 0) return "same-virtual-network";
  return tier === 1 ? "peered-virtual-network" : "private-elsewhere";
}

/** The gateway's own network, its peers, networks behind those, and all others. */
function tiersAround(network: Network, from: Subnet): readonly (readonly Member[])[] {
  const subnets = new Map<string, Subnet[]>();
  for (const subnet of network.subnets) {
    const key = idKey(subnet.virtualNetwork?.id ?? networkIdOf(subnet.id));
    const list = subnets.get(key);
    if (list === undefined) subnets.set(key, [subnet]);
    else list.push(subnet);
  }
  const networks = new Map(network.virtualNetworks.map((item) => [idKey(item.id), item]));
  const seen = new Set<string>();
  const member = (networkId: string, peering: Peering | undefined): Member[] => {
    const key = idKey(networkId);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ networkId, virtualNetwork: networks.get(key), subnets: subnets.get(key) ?? [], peering }];
  };
  const peersOf = (home: VirtualNetwork | undefined, first: boolean): Member[] =>
    (home?.peerings ?? []).flatMap((peering) =>
      peering.remoteVirtualNetwork === undefined
        ? []
        : member(peering.remoteVirtualNetwork.id, first ? peering : undefined),
    );
  const home = from.virtualNetwork;
  const own = member(home?.id ?? networkIdOf(from.id), undefined);
  const peers = peersOf(home, true);
  const behind: Member[] = [];
  for (let ring = peers; ring.length > 0; ) {
    ring = ring.flatMap(({ virtualNetwork }) => peersOf(virtualNetwork, false));
    behind.push(...ring);
  }
  const others = network.virtualNetworks.flatMap(({ id }) => member(id, undefined));
  return [own, peers, behind, others];
}

/** The nearest network that covers the addresses; several equally near ones mean that none is certain. */
function areaOf(active: readonly (Placed | undefined)[], range: AddressRange): Area {
  const [nearest] = active;
  if (nearest !== undefined) {
    const rivals = active.filter(
      (other) => other?.tier === nearest.tier && other.area.networkId !== nearest.area.networkId,
    );
    if (rivals.length === 0) return nearest.area;
  }
  const isPrivate = isPrivateAddress({ family: range.family, value: range.first });
  return {
    place: isPrivate ? "private-elsewhere" : "public",
    subnet: undefined,
    virtualNetwork: undefined,
    networkId: undefined,
    peering: undefined,
    joined: false,
    range: undefined,
  };
}
