import type {
  AzureFirewall,
  IpConfiguration,
  LoadBalancer,
  NetworkInterface,
  PrivateEndpoint,
} from "../../src/model/hosts.ts";
import type { Network } from "../../src/model/model.ts";
import type {
  ApplicationSecurityGroup,
  NetworkSecurityGroup,
  Peering,
  RouteTable,
  SecurityRule,
  Subnet,
  TableRoute,
  VirtualNetwork,
} from "../../src/model/network.ts";
import { emptyNetwork } from "../../src/model/read/draft.ts";
import type { Reference, Resource } from "../../src/model/resource.ts";
import { Source } from "../../src/model/source.ts";

/** Models for tests as plain objects: what is not given is what an export without it reads as. */

const group = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

export const idOf = (type: string, name: string): string => `${group}/${type}/${name}`;

export function resource(type: string, name: string, value: object = {}): Resource {
  return { id: idOf(type, name), name, source: new Source(`${name}.json`, "", value) };
}

export function to<T>(target: { readonly id: string } & T): Reference<T> {
  return { id: target.id, source: new Source("reference.json", "/id", target.id), target };
}

/** A reference whose resource was not exported. */
export function toMissing<T>(id: string): Reference<T> {
  return { id, source: new Source("reference.json", "/id", id), target: undefined };
}

type RuleSpec = Partial<{
  direction: SecurityRule["direction"];
  protocol: string;
  from: string | readonly string[];
  to: string | readonly string[];
  port: string | readonly string[];
  fromPort: string | readonly string[];
  fromGroups: readonly ApplicationSecurityGroup[];
  toGroups: readonly ApplicationSecurityGroup[];
}>;

const list = (text: string | readonly string[] | undefined): readonly string[] =>
  text === undefined ? ["*"] : typeof text === "string" ? [text] : text;

export function rule(
  name: string,
  priority: number,
  access: SecurityRule["access"],
  spec: RuleSpec = {},
): SecurityRule {
  return {
    name,
    priority,
    access,
    source: new Source("rules.json", `/securityRules/${name}`, {}),
    isDefault: priority >= 65000,
    direction: spec.direction ?? "Inbound",
    protocol: spec.protocol ?? "*",
    sourcePrefixes: spec.fromGroups ? [] : list(spec.from),
    destinationPrefixes: spec.toGroups ? [] : list(spec.to),
    sourcePorts: list(spec.fromPort),
    destinationPorts: list(spec.port),
    sourceGroups: (spec.fromGroups ?? []).map(to),
    destinationGroups: (spec.toGroups ?? []).map(to),
  };
}

export const defaultRules: readonly SecurityRule[] = (["Inbound", "Outbound"] as const).flatMap(
  (direction) => [
    rule(`AllowVnet${direction}`, 65000, "Allow", {
      direction,
      from: "VirtualNetwork",
      to: "VirtualNetwork",
    }),
    direction === "Inbound"
      ? rule("AllowAzureLoadBalancerInBound", 65001, "Allow", { direction, from: "AzureLoadBalancer" })
      : rule("AllowInternetOutBound", 65001, "Allow", { direction, to: "Internet" }),
    rule(`DenyAll${direction}`, 65500, "Deny", { direction }),
  ],
);

export function securityGroup(name: string, ...rules: readonly SecurityRule[]): NetworkSecurityGroup {
  return { ...resource("networkSecurityGroups", name), rules: [...rules, ...defaultRules] };
}

export function applicationGroup(name: string): ApplicationSecurityGroup {
  return { ...resource("applicationSecurityGroups", name), members: [] };
}

export function route(
  name: string,
  addressPrefix: string,
  nextHopType: string,
  nextHopIpAddress?: string,
): TableRoute {
  const source = new Source("routes.json", `/routes/${name}`, {});
  return { name, source, addressPrefix, nextHopType, nextHopIpAddress };
}

export function routeTable(name: string, ...routes: readonly TableRoute[]): RouteTable {
  return { ...resource("routeTables", name), disableBgpRoutePropagation: false, routes };
}

export type SubnetSpec = Partial<Omit<Subnet, "networkSecurityGroup" | "routeTable">> & {
  readonly name: string;
  readonly prefix: string;
  readonly group?: NetworkSecurityGroup;
  readonly table?: RouteTable;
  readonly networkSecurityGroup?: Subnet["networkSecurityGroup"];
  readonly routeTable?: Subnet["routeTable"];
};

export interface BuiltNetwork extends VirtualNetwork {
  readonly subnets: Subnet[];
  readonly peerings: Peering[];
}

export function virtualNetwork(
  name: string,
  prefix: string | readonly string[],
  subnets: readonly SubnetSpec[],
  spec: Partial<VirtualNetwork> = {},
): BuiltNetwork {
  const built: BuiltNetwork = {
    ...resource("virtualNetworks", name, { virtualNetworkPeerings: [] }),
    addressPrefixes: list(prefix),
    dnsServers: [],
    location: "westeurope",
    ...spec,
    subnets: [],
    peerings: [],
  };
  for (const { prefix: own, group: nsg, table, ...rest } of subnets) {
    built.subnets.push({
      id: `${built.id}/subnets/${rest.name}`,
      source: new Source(`${name}.json`, `/subnets/${rest.name}`, {}),
      virtualNetwork: built,
      addressPrefixes: [own],
      networkSecurityGroup: nsg && to(nsg),
      routeTable: table && to(table),
      natGateway: undefined,
      serviceEndpoints: [],
      delegations: [],
      privateEndpointNetworkPolicies: "Disabled",
      defaultOutboundAccess: undefined,
      ...rest,
    });
  }
  return built;
}

export function subnetOf(network: VirtualNetwork, name: string): Subnet {
  const found = network.subnets.find((subnet) => subnet.name === name);
  if (found === undefined) throw new Error(`${network.name} has no subnet ${name}`);
  return found;
}

/** Gives `local` a peering to `remote`; call it twice for both sides. */
export function peer(local: BuiltNetwork, remote: VirtualNetwork, spec: Partial<Peering> = {}): Peering {
  const peering: Peering = {
    id: `${local.id}/virtualNetworkPeerings/to-${remote.name}`,
    name: `${local.name}-to-${remote.name}`,
    source: new Source(`${local.name}.json`, `/virtualNetworkPeerings/${local.peerings.length}`, {}),
    remoteVirtualNetwork: to(remote),
    peeringState: "Connected",
    peeringSyncLevel: "FullyInSync",
    allowVirtualNetworkAccess: true,
    allowForwardedTraffic: true,
    allowGatewayTransit: false,
    useRemoteGateways: false,
    remoteAddressPrefixes: remote.addressPrefixes,
    ...spec,
  };
  local.peerings.push(peering);
  return peering;
}

export function peerBoth(a: BuiltNetwork, b: BuiltNetwork): void {
  peer(a, b);
  peer(b, a);
}

export type InterfaceSpec = Partial<{
  group: NetworkSecurityGroup;
  networkSecurityGroup: NetworkInterface["networkSecurityGroup"];
  applicationGroups: readonly ApplicationSecurityGroup[];
  enableIpForwarding: boolean;
  publicIpAddress: IpConfiguration["publicIpAddress"];
  value: object;
}>;

export function networkInterface(
  name: string,
  privateIpAddress: string,
  subnet: Subnet,
  spec: InterfaceSpec = {},
): NetworkInterface {
  const ipConfigurations: IpConfiguration[] = [];
  const built: NetworkInterface = {
    ...resource("networkInterfaces", name, spec.value),
    networkSecurityGroup: spec.networkSecurityGroup ?? (spec.group && to(spec.group)),
    enableIpForwarding: spec.enableIpForwarding ?? false,
    virtualMachine: undefined,
    dnsServers: [],
    ipConfigurations,
  };
  ipConfigurations.push({
    id: `${built.id}/ipConfigurations/ipconfig1`,
    name: "ipconfig1",
    source: built.source,
    networkInterface: built,
    privateIpAddress,
    primary: true,
    subnet: to(subnet),
    publicIpAddress: spec.publicIpAddress,
    applicationSecurityGroups: (spec.applicationGroups ?? []).map(to),
    gatewayPoolIds: [],
  });
  return built;
}

export function privateEndpoint(
  name: string,
  address: string,
  subnet: Subnet,
  targetId: string,
  spec: Partial<PrivateEndpoint> = {},
): PrivateEndpoint {
  return {
    ...resource("privateEndpoints", name),
    subnet: to(subnet),
    privateIpAddresses: [address],
    dnsConfigs: [],
    targetIds: [targetId],
    connectionState: "Approved",
    location: "westeurope",
    ...spec,
  };
}

export function loadBalancer(name: string, address: string, subnet: Subnet): LoadBalancer {
  const frontend = {
    name: "f",
    privateIpAddress: address,
    publicIpAddressId: undefined,
    subnetId: subnet.id,
  };
  return { ...resource("loadBalancers", name), frontends: [frontend], rulePorts: [0] };
}

export function azureFirewall(
  name: string,
  privateIpAddress: string,
  spec: Partial<AzureFirewall> & { readonly value?: object } = {},
): AzureFirewall {
  const { value, ...rest } = spec;
  return {
    ...resource("azureFirewalls", name, value),
    privateIpAddress,
    networkRules: [],
    firewallPolicyId: undefined,
    ...rest,
  };
}

/** A network of virtual networks and whatever else is given. */
export function networkOf(
  virtualNetworks: readonly VirtualNetwork[],
  rest: Partial<Network> & { readonly listed?: readonly string[] } = {},
): Network {
  const { listed, ...parts } = rest;
  const types = (listed ?? []).map((type) => `microsoft.network/${type}`);
  const subnets = virtualNetworks.flatMap((virtualNetwork) => virtualNetwork.subnets);
  return { ...emptyNetwork(new Set(types)), virtualNetworks, subnets, ...parts };
}
