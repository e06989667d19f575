import type { IpConfiguration, NetworkInterface } from "./hosts.ts";
import type { Reference, Resource } from "./resource.ts";
import type { Source } from "./source.ts";

export interface VirtualNetwork extends Resource {
  readonly addressPrefixes: readonly string[];
  /** Empty = Azure-provided DNS (168.63.129.16). */
  readonly dnsServers: readonly string[];
  readonly subnets: readonly Subnet[];
  readonly peerings: readonly Peering[];
  readonly location: string | undefined;
}

export interface Subnet extends Resource {
  /** Undefined when the subnet was exported alone (`az network vnet subnet show`). */
  readonly virtualNetwork: VirtualNetwork | undefined;
  /** `addressPrefix` and `addressPrefixes` together. */
  readonly addressPrefixes: readonly string[];
  readonly networkSecurityGroup: Reference<NetworkSecurityGroup> | undefined;
  readonly routeTable: Reference<RouteTable> | undefined;
  readonly natGateway: Reference<Resource> | undefined;
  /** e.g. `Microsoft.Web` */
  readonly serviceEndpoints: readonly string[];
  readonly delegations: readonly string[];
  /** `Disabled` (default) | `NetworkSecurityGroupEnabled` | `RouteTableEnabled` | `Enabled`, network.md §4 */
  readonly privateEndpointNetworkPolicies: string;
  readonly defaultOutboundAccess: boolean | undefined;
}

export interface Peering extends Resource {
  readonly remoteVirtualNetwork: Reference<VirtualNetwork> | undefined;
  readonly peeringState: string | undefined;
  readonly peeringSyncLevel: string | undefined;
  readonly allowVirtualNetworkAccess: boolean;
  readonly allowForwardedTraffic: boolean;
  readonly allowGatewayTransit: boolean;
  readonly useRemoteGateways: boolean;
  readonly remoteAddressPrefixes: readonly string[];
}

export interface NetworkSecurityGroup extends Resource {
  /** Custom rules then default rules, as written; not sorted. */
  readonly rules: readonly SecurityRule[];
}

export interface SecurityRule {
  readonly name: string;
  readonly source: Source;
  readonly isDefault: boolean;
  readonly priority: number;
  readonly direction: "Inbound" | "Outbound";
  readonly access: "Allow" | "Deny";
  /** Lower case: `tcp` `udp` `icmp` `esp` `ah` `*` */
  readonly protocol: string;
  /** CIDRs, addresses, service tags or `*`, singular and plural fields together. */
  readonly sourcePrefixes: readonly string[];
  readonly destinationPrefixes: readonly string[];
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
  readonly sourceGroups: readonly Reference<ApplicationSecurityGroup>[];
  readonly destinationGroups: readonly Reference<ApplicationSecurityGroup>[];
}

export interface ApplicationSecurityGroup extends Resource {
  /** The IP configurations (of the exported NICs) that list this group. */
  readonly members: readonly IpConfiguration[];
}

export interface RouteTable extends Resource {
  readonly disableBgpRoutePropagation: boolean;
  readonly routes: readonly TableRoute[];
}

export interface TableRoute {
  readonly name: string;
  readonly source: Source;
  /** CIDR or service tag. */
  readonly addressPrefix: string;
  /** `VirtualNetworkGateway` | `VnetLocal` | `Internet` | `VirtualAppliance` | `None` */
  readonly nextHopType: string;
  readonly nextHopIpAddress: string | undefined;
}

/** `az network nic list-effective-nsg`: what Azure itself applies at one NIC. */
export interface EffectiveSecurityGroups {
  readonly source: Source;
  /** Undefined when the document does not say which NIC it is of. */
  readonly networkInterface: Reference<NetworkInterface> | undefined;
  readonly groups: readonly EffectiveSecurityGroup[];
}

export interface EffectiveSecurityGroup {
  readonly source: Source;
  readonly networkSecurityGroupId: string | undefined;
  readonly association: "subnet" | "networkInterface" | "networkManager" | undefined;
  readonly associationId: string | undefined;
  /** Prefixes are the expanded ones where the document has them. Security admin rules may have access `AlwaysAllow`. */
  readonly rules: readonly EffectiveSecurityRule[];
}

export interface EffectiveSecurityRule extends Omit<SecurityRule, "access"> {
  readonly access: "Allow" | "Deny" | "AlwaysAllow";
}

/** `az network nic show-effective-route-table`. */
export interface EffectiveRoutes {
  readonly source: Source;
  readonly networkInterface: Reference<NetworkInterface> | undefined;
  readonly routes: readonly EffectiveRoute[];
}

export interface EffectiveRoute {
  readonly source: Source;
  readonly name: string | undefined;
  /** `Default` | `User` | `VirtualNetworkGateway` | `Unknown` */
  readonly origin: string;
  readonly active: boolean;
  readonly addressPrefixes: readonly string[];
  readonly nextHopType: string;
  readonly nextHopIpAddresses: readonly string[];
}

/** One tag of the published service-tag file. */
export interface ServiceTag {
  /** e.g. `AppService.WestEurope` */
  readonly name: string;
  readonly source: Source;
  readonly addressPrefixes: readonly string[];
}
