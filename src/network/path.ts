import type {
  AzureFirewall,
  FirewallNetworkRule,
  NetworkInterface,
  PrivateEndpoint,
} from "../model/hosts.ts";
import type {
  EffectiveSecurityRule,
  NetworkSecurityGroup,
  Peering,
  RouteTable,
  SecurityRule,
  Subnet,
  TableRoute,
  VirtualNetwork,
} from "../model/network.ts";
import type { Missing, Statement, Verdict } from "./verdict.ts";

/**
 * The way of one connection from the gateway subnet to a server and back, hop by hop (network.md §1.6, §2.5).
 * `no` when any hop says no, otherwise `unknown` when any hop does, otherwise `yes`. Hops and missing lists are shared
 * between servers that take the same way, so their sentences name the widest part of the network they hold for; a path
 * is never changed after it is made.
 */
export interface NetworkPath {
  readonly verdict: Verdict;
  /**
   * The peering comes first, because it decides what the tag VirtualNetwork means; then in the order a packet meets
   * them; the return route and, where both ways are known, the symmetry judgement come last.
   */
  readonly hops: readonly Hop[];
  /** The first hop that says no. */
  readonly blocker: Hop | undefined;
  readonly destination: Destination;
  /** What would turn `unknown` into an answer; empty otherwise. */
  readonly missing: readonly Missing[];
}

/** Where an address lies, seen from the gateway's virtual network. */
export interface Destination {
  readonly place:
    | "gateway-subnet"
    | "same-virtual-network"
    | "peered-virtual-network"
    /**
     * A private address outside the gateway's network and its peers: on-premises, another network, or nowhere. When
     * it lies in exactly one exported network all the same, that network is named below.
     */
    | "private-elsewhere"
    | "public"
    | "unknown";
  readonly subnet: Subnet | undefined;
  readonly virtualNetwork: VirtualNetwork | undefined;
  readonly networkInterface: NetworkInterface | undefined;
  readonly privateEndpoint: PrivateEndpoint | undefined;
}

export type Hop = SecurityGroupHop | AdminRuleHop | RouteHop | PeeringHop | ApplianceHop | SymmetryHop;

export interface SecurityGroupHop extends Statement {
  readonly kind: "security-group";
  readonly place: "gateway-subnet-outbound" | "backend-subnet-inbound" | "backend-nic-inbound";
  readonly verdict: Verdict;
  /** Undefined when only the effective rules of a NIC are known. */
  readonly group: NetworkSecurityGroup | undefined;
  /** The rule that decides. Undefined when the verdict is unknown, or no rule matched. */
  readonly rule: SecurityRule | EffectiveSecurityRule | undefined;
  /**
   * Set when the answer differs between addresses of the gateway subnet: the verdict is then `no`, `rule` denies some
   * of them, and these rules allow others (single instance addresses, part of the prefix). With an empty list a `no`
   * holds for every address an instance can have. What a partial denial means is for the cause to judge.
   */
  readonly partlyAllowedBy: readonly (SecurityRule | EffectiveSecurityRule)[];
}

/** A security admin rule of Virtual Network Manager, visible in effective outputs only; comes before the groups. */
export interface AdminRuleHop extends Statement {
  readonly kind: "admin-rule";
  readonly verdict: Verdict;
  readonly rule: EffectiveSecurityRule;
}

export interface RouteHop extends Statement {
  readonly kind: "route";
  /** `forward`: chosen at the gateway subnet for the server. `return`: chosen at the server for the gateway subnet. */
  readonly direction: "forward" | "return";
  readonly verdict: Verdict;
  readonly subnet: Subnet | undefined;
  readonly prefix: string;
  /** As in effective routes: `VnetLocal` `VNetPeering` `Internet` `VirtualAppliance` `VirtualNetworkGateway` `None` … */
  readonly nextHopType: string;
  readonly nextHopIpAddress: string | undefined;
  /** `unknown` when the routes at this end are not known, and prefix and next hop therefore are not either. */
  readonly chosenFrom: "user" | "bgp" | "system" | "effective" | "unknown";
  /** A virtual network gateway may teach a more specific route that would win over this one (network.md §5). */
  readonly learnedRoutesPossible: boolean;
  readonly table: RouteTable | undefined;
  readonly route: TableRoute | undefined;
  /** Why the verdict is no: blackhole by `None`, no way for a private address. */
  readonly reason: "none-next-hop" | "no-private-path" | undefined;
}

export interface PeeringHop extends Statement {
  readonly kind: "peering";
  readonly verdict: Verdict;
  /** The side that is at fault, or the local one. */
  readonly peering: Peering | undefined;
  readonly virtualNetwork: VirtualNetwork;
  readonly reason:
    | "not-connected"
    /**
     * `allowVirtualNetworkAccess` is off: the tag VirtualNetwork leaves the other side out, so only explicit security
     * rules let traffic pass. `no` when no such rule does.
     */
    | "access-not-allowed"
    | "prefix-not-synced"
    | "other-side-missing"
    /** An appliance forwards over a peering without `allowForwardedTraffic`. Not enforced everywhere: never `no`. */
    | "forwarded-traffic-not-allowed"
    | undefined;
}

/** The network appliance a route leads through. */
export interface ApplianceHop extends Statement {
  readonly kind: "appliance";
  readonly direction: "forward" | "return";
  readonly verdict: Verdict;
  readonly address: string;
  readonly networkInterface: NetworkInterface | undefined;
  readonly firewall: AzureFirewall | undefined;
  /**
   * `no-such-address` with verdict `unknown`: no exported interface has the address, but not everything that could own
   * it was listed.
   */
  readonly reason: "no-such-address" | "no-ip-forwarding" | "firewall-denies" | "unreachable" | undefined;
  /** The firewall rule that decides. */
  readonly rule: FirewallNetworkRule | undefined;
}

/** Whether reply packets take a way a stateful device lets them take (network.md §2.5). */
export interface SymmetryHop extends Statement {
  readonly kind: "symmetry";
  readonly verdict: Verdict;
  readonly forward: RouteHop;
  readonly back: RouteHop;
}
