import type { PrivateDnsZone } from "./dns.ts";
import type { Gateway } from "./gateway.ts";
import type {
  AzureFirewall,
  LoadBalancer,
  NetworkInterface,
  PrivateEndpoint,
  PublicIpAddress,
  ScaleSet,
  VirtualMachine,
} from "./hosts.ts";
import type {
  ApplicationSecurityGroup,
  EffectiveRoutes,
  EffectiveSecurityGroups,
  NetworkSecurityGroup,
  RouteTable,
  ServiceTag,
  Subnet,
  VirtualNetwork,
} from "./network.ts";
import type { Resource } from "./resource.ts";
import type { ApiManagementService, ContainerAppsEnvironment, WebSite } from "./services.ts";
import type { ReadProblem } from "./source.ts";

/** Everything around the gateways that was exported, linked. */
export interface Network {
  readonly virtualNetworks: readonly VirtualNetwork[];
  /** Every subnet known, inside a virtual network or exported alone. */
  readonly subnets: readonly Subnet[];
  readonly networkSecurityGroups: readonly NetworkSecurityGroup[];
  readonly applicationSecurityGroups: readonly ApplicationSecurityGroup[];
  readonly routeTables: readonly RouteTable[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly publicIpAddresses: readonly PublicIpAddress[];
  readonly virtualMachines: readonly VirtualMachine[];
  readonly scaleSets: readonly ScaleSet[];
  readonly privateDnsZones: readonly PrivateDnsZone[];
  readonly privateEndpoints: readonly PrivateEndpoint[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly natGateways: readonly Resource[];
  /** `virtualNetworkGateways` and ExpressRoute gateways: only that they exist, and the subnet they stand in. */
  readonly virtualNetworkGateways: readonly (Resource & { readonly subnetIds: readonly string[] })[];
  readonly azureFirewalls: readonly AzureFirewall[];
  readonly webSites: readonly WebSite[];
  readonly apiManagementServices: readonly ApiManagementService[];
  readonly containerAppsEnvironments: readonly ContainerAppsEnvironment[];
  readonly effectiveSecurityGroups: readonly EffectiveSecurityGroups[];
  readonly effectiveRoutes: readonly EffectiveRoutes[];
  readonly serviceTags: readonly ServiceTag[];
  /**
   * Lower-case resource types of which a list was among the documents. Only then does "there is no such resource" mean
   * more than "it was not exported".
   */
  readonly listedTypes: ReadonlySet<string>;
}

/** The resolved, typed picture of all configuration documents. */
export interface Model {
  readonly gateways: readonly Gateway[];
  readonly network: Network;
  readonly problems: readonly ReadProblem[];
}
