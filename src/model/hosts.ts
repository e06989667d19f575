import type { ApplicationSecurityGroup, NetworkSecurityGroup, Subnet } from "./network.ts";
import type { Reference, Resource } from "./resource.ts";
import type { Source } from "./source.ts";

/** The things that own addresses: network interfaces, machines, load balancers, endpoints, appliances. */

export interface NetworkInterface extends Resource {
  readonly networkSecurityGroup: Reference<NetworkSecurityGroup> | undefined;
  readonly enableIpForwarding: boolean;
  readonly virtualMachine: Reference<VirtualMachine> | undefined;
  readonly dnsServers: readonly string[];
  readonly ipConfigurations: readonly IpConfiguration[];
}

export interface IpConfiguration extends Resource {
  readonly networkInterface: NetworkInterface;
  readonly privateIpAddress: string | undefined;
  readonly primary: boolean | undefined;
  readonly subnet: Reference<Subnet> | undefined;
  readonly publicIpAddress: Reference<PublicIpAddress> | undefined;
  readonly applicationSecurityGroups: readonly Reference<ApplicationSecurityGroup>[];
  /** Ids of the gateway backend pools this IP configuration joined. */
  readonly gatewayPoolIds: readonly string[];
}

export interface PublicIpAddress extends Resource {
  readonly ipAddress: string | undefined;
  readonly fqdn: string | undefined;
  readonly idleTimeoutMinutes: number | undefined;
}

/** Where a machine is in its life, from `powerState` or the instance view; `unknown` = not exported. */
export type PowerState = "running" | "stopped" | "deallocated" | "starting" | "stopping" | "unknown";

export interface VirtualMachine extends Resource {
  readonly powerState: PowerState;
  readonly provisioningState: string | undefined;
  readonly networkInterfaces: readonly Reference<NetworkInterface>[];
}

export interface ScaleSet extends Resource {
  /** `Manual` | `Automatic` | `Rolling` */
  readonly upgradeMode: string | undefined;
  /** Pool ids in the scale set's network profile: what instances of the latest model join. */
  readonly gatewayPoolIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly networkSecurityGroupIds: readonly string[];
  readonly instances: readonly ScaleSetInstance[];
}

export interface ScaleSetInstance extends Resource {
  readonly instanceId: string;
  readonly latestModelApplied: boolean | undefined;
  readonly powerState: PowerState;
}

export interface PrivateEndpoint extends Resource {
  readonly subnet: Reference<Subnet> | undefined;
  readonly privateIpAddresses: readonly string[];
  /** FQDN → addresses as the endpoint reports them (`customDnsConfigs`). */
  readonly dnsConfigs: readonly { readonly fqdn: string; readonly ipAddresses: readonly string[] }[];
  /** Ids of the resources it connects to. */
  readonly targetIds: readonly string[];
  readonly connectionState: string | undefined;
  readonly location: string | undefined;
}

export interface LoadBalancer extends Resource {
  readonly frontends: readonly {
    readonly name: string;
    readonly privateIpAddress: string | undefined;
    readonly publicIpAddressId: string | undefined;
    readonly subnetId: string | undefined;
  }[];
  /** Frontend ports of its load-balancing rules; empty when it has none. */
  readonly rulePorts: readonly number[];
}

export interface AzureFirewall extends Resource {
  readonly privateIpAddress: string | undefined;
  readonly networkRules: readonly FirewallNetworkRule[];
  /** A firewall policy holds the rules elsewhere: then the rules are not known. */
  readonly firewallPolicyId: string | undefined;
}

export interface FirewallNetworkRule {
  readonly name: string;
  readonly source: Source;
  readonly priority: number;
  readonly action: "Allow" | "Deny";
  readonly protocols: readonly string[];
  readonly sourceAddresses: readonly string[];
  readonly destinationAddresses: readonly string[];
  readonly destinationPorts: readonly string[];
}
