import type { Network } from "../model/model.ts";
import type { RouteTable, ServiceTag, Subnet, VirtualNetwork } from "../model/network.ts";
import { idKey, type Reference } from "../model/resource.ts";
import type { Origin } from "../model/source.ts";
import { type AddressSet, addressSet, noAddresses, subtract } from "./address-sets.ts";
import { allIpv4, allIpv6, parseRange, privateAddressRanges } from "./addresses.ts";
import { isConnected, peeredAddresses, setOfPrefixes } from "./peerings.ts";
import type { Missing } from "./verdict.ts";

/** The addresses a prefix, tag or `*` covers for certain, and those it may cover; the rest it certainly does not. */
export interface Coverage {
  readonly certain: AddressSet;
  readonly possible: AddressSet;
  /** What would make the two equal. */
  readonly missing: Missing | undefined;
}

/**
 * The point of view from which a tag is read: VirtualNetwork means something else in every network. The same object is
 * used for all subnets of a network with the same route table, so that what is compiled for one serves all.
 */
export interface TagPlace {
  readonly virtualNetwork: VirtualNetwork | undefined;
  /** Set only when the subnet was exported without its network. */
  readonly loneSubnet: Subnet | undefined;
  readonly routeTable: Reference<RouteTable> | undefined;
  /** The routes that virtual network gateways were seen to teach the network; undefined = nobody looked. */
  readonly learned?: readonly LearnedRoute[] | undefined;
}

/** A route in effect somewhere in the network that came from a virtual network gateway. */
export interface LearnedRoute {
  readonly prefix: string;
  readonly origin: Origin;
}

const everything: AddressSet = [allIpv4, allIpv6];
const privateSpace = addressSet(privateAddressRanges);
const publicSpace = subtract(everything, privateSpace);
const platformAddress = setOfPrefixes(["168.63.129.16"]);

/** Tags whose addresses are fixed (network.md §1.3, §1.4). */
const fixedTags: ReadonlyMap<string, AddressSet> = new Map([
  ["azureloadbalancer", platformAddress],
  ["azureplatformdns", platformAddress],
  ["azureplatformimds", setOfPrefixes(["169.254.169.254"])],
]);

/**
 * Reads what stands in address fields of rules and routes. Published tags need the published list
 * (`Network.serviceTags`); without it they may cover any public address, and never a private one.
 */
export class ServiceTags {
  private readonly published: ReadonlyMap<string, ServiceTag>;
  private readonly placed = new Map<string, Coverage>();
  private readonly networks = new WeakMap<TagPlace, Coverage>();

  constructor(network: Network) {
    this.published = new Map(network.serviceTags.map((tag) => [tag.name.toLowerCase(), tag]));
  }

  /**
   * `within` decides the one question that runs through all rules: whether addresses that may belong to VirtualNetwork
   * do. Internet is its opposite, so both have to be read under the same assumption.
   */
  cover(text: string, place: TagPlace, within: boolean): Coverage {
    const tag = text.toLowerCase();
    if (tag === "virtualnetwork") return certainly(this.assumedNetwork(place, within));
    if (tag === "internet") return internet(this.assumedNetwork(place, within));
    const known = this.placed.get(tag);
    if (known !== undefined) return known;
    const read = this.read(text, tag);
    this.placed.set(tag, read);
    return read;
  }

  /** The addresses of VirtualNetwork at a place (network.md §1.4). */
  virtualNetwork(place: TagPlace): Coverage {
    let known = this.networks.get(place);
    if (known === undefined) {
      known = virtualNetworkAt(place);
      this.networks.set(place, known);
    }
    return known;
  }

  /** The published prefixes of a tag; undefined when the list was not given or does not have it. */
  publishedPrefixes(tag: string): AddressSet | undefined {
    const found = this.published.get(tag.toLowerCase());
    return found && setOfPrefixes(found.addressPrefixes);
  }

  /** The same, each prefix for itself: where routes are chosen, lengths count. */
  publishedPrefixList(tag: string): AddressSet | undefined {
    const found = this.published.get(tag.toLowerCase());
    return found?.addressPrefixes.flatMap((text) => parseRange(text) ?? []);
  }

  private assumedNetwork(place: TagPlace, within: boolean): AddressSet {
    const { certain, possible } = this.virtualNetwork(place);
    return within ? possible : certain;
  }

  private read(text: string, tag: string): Coverage {
    if (tag === "*" || tag === "any") return certainly(everything);
    const range = parseRange(text);
    if (range !== undefined) return certainly([range]);
    const fixed = fixedTags.get(tag) ?? this.publishedPrefixes(tag);
    if (fixed !== undefined) return certainly(fixed);
    const possible = /^[a-z][\w.]*$/i.test(text) ? publicSpace : everything;
    return { certain: noAddresses, possible, missing: publishedList(text) };
  }
}

function certainly(addresses: AddressSet): Coverage {
  return { certain: addresses, possible: addresses, missing: undefined };
}

/** Private addresses outside the network: the article counts them in, "reachable by the public internet" does not. */
function internet(virtualNetwork: AddressSet): Coverage {
  const possible = subtract(everything, virtualNetwork);
  return { certain: subtract(possible, privateSpace), possible, missing: undefined };
}

function publishedList(tag: string): Missing {
  return {
    what: `which addresses the service tag ${tag} covers`,
    type: "microsoft.network/servicetags",
    resourceId: undefined,
  };
}

function virtualNetworkAt({ virtualNetwork, loneSubnet, routeTable, learned: seen }: TagPlace): Coverage {
  if (virtualNetwork === undefined) {
    const certain = setOfPrefixes(loneSubnet?.addressPrefixes ?? []);
    return { certain, possible: everything, missing: networkOf(loneSubnet) };
  }
  const peers = virtualNetwork.peerings.filter((peering) => peering.allowVirtualNetworkAccess);
  const own = [...setOfPrefixes(virtualNetwork.addressPrefixes), ...platformAddress];
  const certain = addressSet([
    ...own,
    ...peers.filter((peering) => isConnected(peering) === "yes").flatMap(peeredAddresses),
    ...setOfPrefixes(
      (seen ?? []).flatMap(({ prefix }) => (/\/0$/.test(prefix) || !isPropagated(routeTable) ? [] : prefix)),
    ),
  ]);
  const learned = learnedRoutesAt(virtualNetwork, routeTable, seen);
  if (learned !== undefined) return { certain, possible: everything, missing: learned };
  const doubtful = peers.filter((peering) => isConnected(peering) === "unknown");
  const userRoutes = routeTable?.target?.routes.flatMap(
    ({ addressPrefix }) => parseRange(addressPrefix) ?? [],
  );
  const possible = addressSet([...certain, ...doubtful.flatMap(peeredAddresses), ...(userRoutes ?? [])]);
  return { certain, possible, missing: tagMap(virtualNetwork) };
}

/**
 * What would tell which routes virtual network gateways teach this network; undefined when they are known, or there can be
 * none, because nothing could teach them or propagation is off (network.md §2.2, §5).
 */
export function learnedRoutesAt(
  virtualNetwork: VirtualNetwork,
  routeTable: Reference<RouteTable> | undefined,
  seen: readonly LearnedRoute[] | undefined,
): Missing | undefined {
  if (routeTable !== undefined && routeTable.target === undefined) {
    return {
      what: `which routes the table ${routeTable.id.split("/").at(-1)} has`,
      type: "microsoft.network/routetables",
      resourceId: routeTable.id,
    };
  }
  if (!isPropagated(routeTable) || seen !== undefined) return undefined;
  const teaches = virtualNetwork.subnets.some(({ name }) =>
    /^(gatewaysubnet|routeserversubnet)$/i.test(name),
  );
  const borrows = virtualNetwork.peerings.some(
    (peering) => peering.useRemoteGateways && isConnected(peering) !== "no",
  );
  if (!teaches && !borrows) return undefined;
  return {
    what: `which routes the virtual network gateway teaches ${virtualNetwork.name}`,
    type: "microsoft.network/virtualnetworkgateways",
    resourceId: undefined,
  };
}

/** Whether learned routes reach the subnets of a table that is known, or of none. */
export function isPropagated(routeTable: Reference<RouteTable> | undefined): boolean {
  return routeTable?.target?.disableBgpRoutePropagation !== true;
}

/** The document that holds the network a subnet exported alone belongs to. */
export function networkOf(subnet: { readonly id: string } | undefined): Missing {
  const resourceId = subnet && networkIdOf(subnet.id);
  return {
    what: `the virtual network ${resourceId?.split("/").at(-1) ?? "of the subnet"}`,
    type: "microsoft.network/virtualnetworks",
    resourceId,
  };
}

/** The id of the network a subnet id lies in. */
export function networkIdOf(subnetId: string): string {
  const at = idKey(subnetId).lastIndexOf("/subnets/");
  return at < 0 ? subnetId : subnetId.slice(0, at);
}

function tagMap(virtualNetwork: VirtualNetwork): Missing {
  return {
    what: `which addresses count as VirtualNetwork in ${virtualNetwork.name} (effective security rules of a network interface there)`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}
