import {
  type AzureResource,
  flagOf,
  type JsonObject,
  linkOf,
  listOf,
  ofType,
  partsOf,
  setting,
  textOf,
  textsOf,
} from "../world/resource.ts";
import type { Host, LabWorld } from "../world/world.ts";

/** A virtual network as the realiser needs it. Ids are in lower case. */
export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly prefixes: readonly string[];
  readonly dnsServers: readonly string[];
  readonly subnets: readonly SubnetFacts[];
  readonly peerings: readonly PeeringFacts[];
  /** It has a virtual network gateway. */
  readonly hasGateway: boolean;
}

export interface SubnetFacts {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly securityGroup: string | undefined;
  readonly routeTable: string | undefined;
  /** Security groups hold for private endpoints in it. */
  readonly endpointPolicies: boolean;
  readonly hasNatGateway: boolean;
}

export interface PeeringFacts {
  readonly remote: string;
  /** What this side knows of the other's addresses. */
  readonly remotePrefixes: readonly string[];
  readonly connected: boolean;
  readonly allowAccess: boolean;
  readonly allowForwarded: boolean;
  readonly allowTransit: boolean;
  readonly useRemoteGateways: boolean;
}

/** Something plugged into a subnet. */
export interface Port {
  /** Of the namespace behind it. */
  readonly host: string;
  readonly subnet: string;
  readonly addresses: readonly string[];
  readonly securityGroup: string | undefined;
  /** May send and get what is not its own. */
  readonly forwarding: boolean;
  /** The machine behind it passes on what it gets. */
  readonly isAppliance: boolean;
  readonly isEndpoint: boolean;
  readonly off: boolean;
}

export function networksOf(resources: readonly AzureResource[]): readonly NetworkFacts[] {
  const gateways = ofType(resources, "virtualNetworkGateways").flatMap((gateway) =>
    listOf(gateway, "ipConfigurations").map((one) => linkOf(one, "subnet") ?? ""),
  );
  return ofType(resources, "virtualNetworks").map((network) => {
    const id = network.id.toLowerCase();
    return {
      id,
      name: network.name,
      location: textOf(network, "location") ?? "",
      prefixes: textsOf(setting(network, "addressSpace"), "addressPrefixes"),
      dnsServers: textsOf(setting(network, "dhcpOptions"), "dnsServers"),
      subnets: partsOf(resources, network, "subnets").map((subnet) => subnetOf(id, subnet)),
      peerings: partsOf(resources, network, "virtualNetworkPeerings").map(peeringOf),
      hasGateway: gateways.some((subnet) => subnet.startsWith(`${id}/`)),
    };
  });
}

function subnetOf(network: string, subnet: JsonObject): SubnetFacts {
  const name = textOf(subnet, "name") ?? "";
  return {
    id: `${network}/subnets/${name}`.toLowerCase(),
    name,
    prefix: textOf(subnet, "addressPrefix") ?? textsOf(subnet, "addressPrefixes")[0] ?? "",
    securityGroup: linkOf(subnet, "networkSecurityGroup"),
    routeTable: linkOf(subnet, "routeTable"),
    endpointPolicies: /^(Enabled|NetworkSecurityGroupEnabled)$/.test(
      textOf(subnet, "privateEndpointNetworkPolicies") ?? "",
    ),
    hasNatGateway: linkOf(subnet, "natGateway") !== undefined,
  };
}

function peeringOf(peering: JsonObject): PeeringFacts {
  return {
    remote: linkOf(peering, "remoteVirtualNetwork") ?? "",
    remotePrefixes: textsOf(setting(peering, "remoteAddressSpace"), "addressPrefixes"),
    connected: textOf(peering, "peeringState") === "Connected",
    allowAccess: flagOf(peering, "allowVirtualNetworkAccess"),
    allowForwarded: flagOf(peering, "allowForwardedTraffic"),
    allowTransit: flagOf(peering, "allowGatewayTransit"),
    useRemoteGateways: flagOf(peering, "useRemoteGateways"),
  };
}

/** Every host in a network, and every instance of the gateway. */
export function portsOf(world: LabWorld): readonly Port[] {
  const instances = world.gateway.instances.map((address, index) => ({
    host: `gateway-${index}`,
    subnet: gatewaySubnet(world.resources),
    addresses: [address, ...(index === 0 ? privateFrontends(world.resources) : [])],
    securityGroup: undefined,
    forwarding: false,
    isAppliance: false,
    isEndpoint: false,
    off: false,
  }));
  return [...instances, ...world.hosts.flatMap((host) => portOf(world.resources, host) ?? [])];
}

function portOf(resources: readonly AzureResource[], host: Host): Port | undefined {
  const { at, name, forwards = false, silent = false } = host;
  if ("subnet" in at) {
    const subnet = networksOf(resources)
      .flatMap(({ subnets }) => subnets)
      .find((one) => one.name === at.subnet);
    if (subnet === undefined) throw new Error(`${name}: there is no subnet ${at.subnet}`);
    const common = { securityGroup: undefined, isEndpoint: false };
    return {
      host: name,
      subnet: subnet.id,
      addresses: [at.address],
      forwarding: forwards,
      isAppliance: forwards,
      off: silent,
      ...common,
    };
  }
  if ("firewall" in at) return firewallPort(resources, name, at.firewall);
  if (!("nic" in at)) return undefined;
  const nic = ofType(resources, "networkInterfaces").find((one) => one.name === at.nic);
  if (nic === undefined) throw new Error(`${name}: there is no network interface ${at.nic}`);
  const configurations = partsOf(resources, nic, "ipConfigurations");
  return {
    host: name,
    subnet: linkOf(configurations[0], "subnet") ?? "",
    addresses: configurations.flatMap((one) => textOf(one, "privateIPAddress") ?? []),
    securityGroup: linkOf(nic, "networkSecurityGroup"),
    forwarding: flagOf(nic, "enableIPForwarding"),
    isAppliance: forwards,
    isEndpoint: linkOf(nic, "privateEndpoint") !== undefined,
    off: silent || isStopped(resources, nic),
  };
}

function firewallPort(resources: readonly AzureResource[], host: string, name: string): Port {
  const firewall = ofType(resources, "azureFirewalls").find((one) => one.name === name);
  if (firewall === undefined) throw new Error(`${host}: there is no firewall ${name}`);
  const configurations = partsOf(resources, firewall, "ipConfigurations");
  return {
    host,
    subnet: linkOf(configurations[0], "subnet") ?? "",
    addresses: configurations.flatMap((one) => textOf(one, "privateIPAddress") ?? []),
    securityGroup: undefined,
    forwarding: true,
    isAppliance: true,
    isEndpoint: false,
    off: false,
  };
}

function isStopped(resources: readonly AzureResource[], nic: AzureResource): boolean {
  const machine = linkOf(nic, "virtualMachine");
  const found = resources.find(({ id }) => id.toLowerCase() === machine);
  const state = textOf(found, "powerState");
  return state !== undefined && state !== "VM running";
}

export function gatewayOf(resources: readonly AzureResource[]): AzureResource {
  const [gateway] = ofType(resources, "applicationGateways");
  if (gateway === undefined) throw new Error("the world has no application gateway");
  return gateway;
}

export function gatewaySubnet(resources: readonly AzureResource[]): string {
  return linkOf(partsOf(resources, gatewayOf(resources), "gatewayIPConfigurations")[0], "subnet") ?? "";
}

function privateFrontends(resources: readonly AzureResource[]): readonly string[] {
  return partsOf(resources, gatewayOf(resources), "frontendIPConfigurations").flatMap(
    (frontend) => textOf(frontend, "privateIPAddress") ?? [],
  );
}

/** The public addresses of the gateway's frontends. */
export function publicFrontends(resources: readonly AzureResource[]): readonly string[] {
  const links = partsOf(resources, gatewayOf(resources), "frontendIPConfigurations").map((frontend) =>
    linkOf(frontend, "publicIPAddress"),
  );
  return ofType(resources, "publicIPAddresses")
    .filter(({ id }) => links.includes(id.toLowerCase()))
    .flatMap((address) => textOf(address, "ipAddress") ?? []);
}

export function findById(
  resources: readonly AzureResource[],
  id: string | undefined,
): AzureResource | undefined {
  return id === undefined ? undefined : resources.find((one) => one.id.toLowerCase() === id);
}
