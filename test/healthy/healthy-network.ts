import { addressText, halvesOf, type Range, rangeOf, rangeText } from "./addresses.ts";
import type { Dice } from "./dice.ts";
import type { Json } from "./notation.ts";

const group = "/subscriptions/44444444-5555-6666-7777-888888888888/resourceGroups/rg-fabrikam-mill/providers";
export const networkId = (kind: string, name: string): string => `${group}/Microsoft.Network/${kind}/${name}`;
export const computeId = (kind: string, name: string): string => `${group}/Microsoft.Compute/${kind}/${name}`;
export const webId = (name: string): string => `${group}/Microsoft.Web/sites/${name}`;

export function resource(type: string, id: string, settings: Json): Json {
  return { id, name: id.split("/").at(-1), type, location: "westeurope", ...settings };
}

export interface Network {
  readonly range: Range;
  readonly resource: Json & { id: string; subnets: Json[]; virtualNetworkPeerings: Json[] };
}

export interface Subnet {
  readonly network: Network;
  readonly range: Range;
  readonly resource: Json & { id: string };
  /** How many addresses were given away. */
  taken: number;
}

/** Prefixes that none of the networks use, all private. */
const unusedPrefixes = ["10.249.0.0/16", "10.248.7.0/24", "172.31.0.0/16", "192.168.250.0/24"] as const;
const applianceAddress = "10.249.0.4";

/** One to three networks, each a /16 of its own; the first has the gateway, the others are peered with it. */
export function layOutNetworks(dice: Dice): Network[] {
  const plan = dice.pick(
    ["10.10.0.0/16", "10.20.0.0/16", "10.30.0.0/16"],
    ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"],
    ["172.16.0.0/16", "10.200.0.0/16", "172.20.0.0/16"],
    ["192.168.0.0/17", "10.64.0.0/16", "172.18.0.0/16"],
    ["100.64.0.0/16", "10.99.0.0/16", "100.65.0.0/16"],
  );
  const networks = plan.slice(0, dice.integer(1, 3)).map((prefix, index): Network => {
    const range = rangeOf(prefix);
    return {
      range,
      resource: {
        ...resource("Microsoft.Network/virtualNetworks", networkId("virtualNetworks", `vnet-${index}`), {}),
        id: networkId("virtualNetworks", `vnet-${index}`),
        addressSpace: { addressPrefixes: [prefix] },
        dhcpOptions: { dnsServers: [] },
        subnets: [],
        virtualNetworkPeerings: [],
      },
    };
  });
  const [home, ...others] = networks as [Network, ...Network[]];
  for (const other of others) {
    addPeering(dice, home, other.resource.id, [rangeText(other.range)]);
    addPeering(dice, other, home.resource.id, [rangeText(home.range)]);
  }
  for (const network of networks) {
    if (!dice.chance(4)) continue;
    addPeering(dice, network, networkId("virtualNetworks", "vnet-gone"), ["10.248.0.0/16"]);
    Object.assign(network.resource.virtualNetworkPeerings.at(-1) as Json, { peeringState: "Disconnected" });
  }
  return networks;
}

function addPeering(dice: Dice, network: Network, remoteId: string, prefixes: readonly string[]): void {
  const name = `to-${remoteId.split("/").at(-1)}`;
  network.resource.virtualNetworkPeerings.push({
    id: `${network.resource.id}/virtualNetworkPeerings/${name}`,
    name,
    peeringState: "Connected",
    peeringSyncLevel: "FullyInSync",
    allowVirtualNetworkAccess: true,
    allowForwardedTraffic: dice.chance(),
    allowGatewayTransit: false,
    useRemoteGateways: false,
    remoteVirtualNetwork: { id: remoteId },
    remoteAddressSpace: { addressPrefixes: prefixes },
  });
}

export function addSubnet(dice: Dice, network: Network, name: string, lengths: readonly number[]): Subnet {
  const place = network.resource.subnets.length + 1;
  const length = dice.pick(...(lengths as [number, ...number[]]));
  const range: Range = { first: network.range.first + place * 256, length };
  const id = `${network.resource.id}/subnets/${name}`;
  const prefix = rangeText(range);
  const subnet: Subnet["resource"] = {
    id,
    name,
    ...(dice.chance(3) ? { addressPrefixes: [prefix] } : { addressPrefix: prefix }),
    delegations: [],
    serviceEndpoints: [],
    privateEndpointNetworkPolicies: "Disabled",
  };
  network.resource.subnets.push(subnet);
  return { network, range, resource: subnet, taken: 0 };
}

/** The next free address; Azure keeps the first four. */
export function takeAddress(subnet: Subnet): string {
  return addressText(subnet.range.first + 4 + subnet.taken++);
}

/** What has to stay possible: from the gateway subnet to these addresses and ports. */
export interface Flow {
  readonly from: Subnet;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

const otherPorts = ["22", "3389", "1433", "81-442", "3000-4999", "9300-9400"] as const;

type Side = { Prefix?: string; Prefixes?: readonly string[]; Groups?: readonly string[] };

interface RuleWish {
  readonly access: "Allow" | "Deny";
  readonly direction: "Inbound" | "Outbound";
  readonly protocol?: string;
  readonly source: Side;
  readonly destination: Side;
  readonly ports: readonly string[];
}

function oneOrMore(values: readonly string[]): Side {
  return values.length === 1 ? { Prefix: values[0] as string } : { Prefixes: values };
}

const any: Side = { Prefix: "*" };

export function securityRule(groupId: string, name: string, priority: number, wish: RuleWish): Json {
  const side = (field: "source" | "destination", { Prefix, Prefixes, Groups }: Side): Json => ({
    ...(Prefix === undefined ? {} : { [`${field}AddressPrefix`]: Prefix }),
    [`${field}AddressPrefixes`]: Prefixes ?? [],
    ...(Groups === undefined
      ? {}
      : {
          [`${field}ApplicationSecurityGroups`]: Groups.map((id) => ({ id })),
        }),
  });
  const [port] = wish.ports;
  return {
    id: `${groupId}/securityRules/${name}`,
    name,
    priority,
    direction: wish.direction,
    access: wish.access,
    protocol: wish.protocol ?? "*",
    ...side("source", wish.source),
    ...side("destination", wish.destination),
    sourcePortRange: "*",
    sourcePortRanges: [],
    ...(wish.ports.length === 1
      ? { destinationPortRange: port, destinationPortRanges: [] }
      : { destinationPortRanges: wish.ports }),
  };
}

const defaults = [
  ["AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"],
  ["AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"],
  ["DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"],
  ["AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"],
  ["AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"],
  ["DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"],
] as const;

export type SecurityGroup = Json & { id: string; securityRules: Json[] };

export function securityGroup(name: string, wishes: readonly RuleWish[], dice: Dice): SecurityGroup {
  const id = networkId("networkSecurityGroups", name);
  let priority = dice.integer(200, 1000);
  const rules = wishes.map((wish, index) => {
    priority += dice.integer(1, 90);
    return securityRule(id, `rule-${index}`, priority, wish);
  });
  // Azure sorts by nothing in particular.
  if (dice.chance()) rules.reverse();
  return {
    ...resource("Microsoft.Network/networkSecurityGroups", id, {}),
    id,
    securityRules: rules,
    defaultSecurityRules: defaults.map(([rule, at, direction, access, source, destination]) => ({
      ...securityRule(id, rule, at, {
        access,
        direction,
        source: { Prefix: source },
        destination: { Prefix: destination },
        ports: ["*"],
      }),
      id: `${id}/defaultSecurityRules/${rule}`,
    })),
  };
}

/** Rules of a group on the servers' side: the flow passes, whatever else is denied. */
export function serverSideRules(dice: Dice, flow: Flow, asg: string | undefined): RuleWish[] {
  const noise = (): RuleWish[] =>
    Array.from({ length: dice.integer(0, 3) }, () => harmlessInbound(dice, flow));
  if (dice.chance(3)) return noise();
  return [
    ...noise(),
    ...dice.some(singleAddressAllows(flow)),
    ...allowing(dice, flow, asg),
    ...noise(),
    ...dice.some(deniesBehind(flow)),
  ];
}

function harmlessInbound(dice: Dice, { from, addresses }: Flow): RuleWish {
  const deny = { access: "Deny", direction: "Inbound" } as const;
  const gateway = rangeText(from.range);
  return dice.pick<RuleWish>(
    { ...deny, source: any, destination: any, ports: [dice.pick(...otherPorts)] },
    { ...deny, source: any, destination: any, ports: otherPorts },
    { ...deny, protocol: dice.pick("Udp", "Icmp"), source: any, destination: any, ports: ["*"] },
    { ...deny, source: { Prefix: dice.pick(...unusedPrefixes) }, destination: any, ports: ["*"] },
    { ...deny, source: { Prefixes: unusedPrefixes }, destination: any, ports: ["*"] },
    { ...deny, source: { Prefix: "Internet" }, destination: any, ports: ["*"] },
    { ...deny, source: { Prefix: gateway }, destination: { Prefix: "10.249.3.0/24" }, ports: ["*"] },
    { ...deny, source: { Prefix: gateway }, destination: { Prefixes: [...unusedPrefixes] }, ports: ["*"] },
    {
      ...deny,
      access: "Allow",
      source: { Prefix: "AzureLoadBalancer" },
      destination: any,
      ports: ["*"],
    },
    { ...deny, access: "Allow", source: any, destination: oneOrMore(addresses), ports: ["22"] },
  );
}

function singleAddressAllows({ from, ports }: Flow): RuleWish[] {
  return [4, 5, 9].map((host) => ({
    access: "Allow",
    direction: "Inbound",
    protocol: "Tcp",
    source: { Prefix: addressText(from.range.first + host) },
    destination: any,
    ports: ports.map(String),
  }));
}

function allowing(dice: Dice, { from, addresses, ports }: Flow, asg: string | undefined): RuleWish[] {
  const prefix = rangeText(from.range);
  const base: RuleWish = {
    access: "Allow",
    direction: "Inbound",
    protocol: dice.pick("Tcp", "*", "TCP"),
    source: dice.pick<Side>(
      { Prefix: prefix },
      { Prefix: "VirtualNetwork" },
      { Prefix: rangeText(from.network.range) },
      { Prefixes: [prefix, "10.249.9.0/24"] },
      { Prefixes: halvesOf(from.range).map(rangeText) },
      any,
    ),
    destination: dice.pick<Side>(
      any,
      oneOrMore(addresses),
      oneOrMore([...new Set(addresses.map((address) => address.replace(/\d+$/, "0/24")))]),
      { Prefix: "VirtualNetwork" },
      asg === undefined ? any : { Groups: [asg] },
    ),
    ports: ports.map(String),
  };
  return dice.pick<() => RuleWish[]>(
    () => [base],
    () => ports.map((port) => ({ ...base, ports: [String(port)] })),
    () => [{ ...base, ports: ["*"] }],
    () => [{ ...base, ports: ["80-443", "5000-9299"] }],
    () => halvesOf(from.range).map((half) => ({ ...base, source: { Prefix: rangeText(half) } })),
  )();
}

function deniesBehind({ from }: Flow): RuleWish[] {
  const deny = { access: "Deny", direction: "Inbound", destination: any, ports: ["*"] } as const;
  return [
    { ...deny, source: { Prefix: rangeText(from.range) } },
    { ...deny, source: { Prefix: "VirtualNetwork" } },
    { ...deny, source: any },
  ];
}

/** Rules of the gateway subnet's group, for the flows to all servers. */
export function gatewaySideRules(
  dice: Dice,
  subnet: Subnet,
  flows: readonly Flow[],
  { v1, isolated }: { v1: boolean; isolated: boolean },
): RuleWish[] {
  const inbound = { direction: "Inbound", access: "Allow" } as const;
  const outbound = { direction: "Outbound", source: any } as const;
  const own: Side = dice.pick<Side>(any, { Prefix: rangeText(subnet.range) });
  const closed = dice.chance();
  const addresses = flows.flatMap((flow) => flow.addresses);
  return [
    ...dice.some<RuleWish>([
      { ...inbound, access: "Deny", source: any, destination: any, ports: ["22", "3389"] },
      { ...inbound, access: "Deny", source: { Prefix: "10.249.0.0/16" }, destination: any, ports: ["*"] },
    ]),
    ...(isolated && dice.chance()
      ? []
      : [
          {
            ...inbound,
            protocol: "Tcp",
            source: { Prefix: "GatewayManager" },
            destination: any,
            ports: [v1 ? "65503-65534" : "65200-65535"],
          },
        ]),
    {
      ...inbound,
      protocol: "Tcp",
      source: dice.pick<Side>({ Prefix: "Internet" }, any),
      destination: own,
      ports: ["80", "443", "8080", "8443"],
    },
    ...(closed
      ? [
          { ...inbound, source: { Prefix: "AzureLoadBalancer" }, destination: any, ports: ["*"] },
          { ...inbound, access: "Deny" as const, source: any, destination: any, ports: ["*"] },
        ]
      : []),
    ...dice.some<RuleWish>([
      { ...outbound, access: "Deny", destination: { Prefix: "Internet" }, ports: ["25"] },
      { ...outbound, access: "Deny", destination: { Prefixes: unusedPrefixes }, ports: ["*"] },
      { ...outbound, access: "Deny", protocol: "Tcp", destination: any, ports: ["22", "3389"] },
    ]),
    ...(addresses.length > 0 && dice.chance(3)
      ? [
          { ...outbound, access: "Allow" as const, destination: oneOrMore(addresses), ports: ["*"] },
          {
            ...outbound,
            access: "Deny" as const,
            destination: { Prefix: rangeText(subnet.network.range) },
            ports: ["*"],
          },
        ]
      : []),
  ];
}

export type RouteTable = Json & { id: string; routes: Json[] };

export function routeTable(name: string, routes: readonly Json[], propagation: boolean): RouteTable {
  const id = networkId("routeTables", name);
  return {
    ...resource("Microsoft.Network/routeTables", id, {}),
    id,
    disableBgpRoutePropagation: !propagation,
    routes: routes.map((route, index) => ({ id: `${id}/routes/r${index}`, name: `r${index}`, ...route })),
  };
}

export function gatewaySideRoutes(dice: Dice, subnet: Subnet): Json[] {
  return dice.some<Json>([
    { addressPrefix: "0.0.0.0/0", nextHopType: "Internet" },
    ...harmlessRoutes(subnet),
  ]);
}

export function serverSideRoutes(dice: Dice, subnet: Subnet): Json[] {
  return dice.some<Json>([
    { addressPrefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopIpAddress: applianceAddress },
    ...harmlessRoutes(subnet),
  ]);
}

function harmlessRoutes({ network }: Subnet): Json[] {
  return [
    { addressPrefix: rangeText(network.range), nextHopType: "VnetLocal" },
    { addressPrefix: "10.248.7.0/24", nextHopType: "None" },
    {
      addressPrefix: "172.31.0.0/16",
      nextHopType: "VirtualAppliance",
      nextHopIpAddress: applianceAddress,
    },
    { addressPrefix: "192.168.250.0/24", nextHopType: "VirtualNetworkGateway" },
    { addressPrefix: "203.0.113.0/24", nextHopType: "Internet" },
  ];
}
