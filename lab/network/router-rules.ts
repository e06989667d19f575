import type { AzureResource } from "../world/resource.ts";
import type { LabWorld } from "../world/world.ts";
import { findById, gatewaySubnet, type NetworkFacts, type PeeringFacts } from "./facts.ts";
import { appliancesBeside, type Plugged, peerDevice, type Shape, steerDevice } from "./plan.ts";
import { rangesOf, setText } from "./ranges.ts";
import { agreedPrefixes, announced, peersOf } from "./routing.ts";
import { type Direction, groupRules, type Surroundings } from "./security.ts";

export const platformResolver = "168.63.129.16";

/** What leaves a network for the internet has this source, unless it is the gateway's. */
export const outsideAddress = (network: NetworkFacts, all: readonly NetworkFacts[]): string =>
  `203.0.113.${200 + all.indexOf(network)}`;

/** What passes through the router of a network, for `nft -f`. */
export function rulesetOf(
  world: LabWorld,
  shape: Shape,
  network: NetworkFacts,
  ports: readonly Plugged[],
): string {
  const { networks } = shape;
  const subnetIndex = (id: string): number => network.subnets.findIndex((one) => one.id === id);
  const marks = ports.map(({ device, subnet }) => `"${device}" : ${subnetIndex(subnet) + 1}`);
  const gatewaySide = network.subnets.findIndex(({ name }) => name === "GatewaySubnet");
  if (gatewaySide >= 0) marks.push(`"op" : ${gatewaySide + 1}`);
  const around = surroundings(world, shape, network);
  const chains = new SecurityChains(world.resources, around);
  const bound = ports.map((port) => ({ port, ...chains.of(port, network) }));
  const lines = [
    "flush ruleset",
    "table ip lab {",
    ...chains.definitions(),
    ...bound.flatMap(({ port, outbound, inbound }) => [
      `chain o_${port.device} { ${outbound.map((name) => `jump ${name};`).join(" ")} }`,
      `chain i_${port.device} { ${inbound.map((name) => `jump ${name};`).join(" ")} }`,
    ]),
    "chain pre { type filter hook prerouting priority mangle; policy accept;",
    ...(marks.length > 0 ? [`meta mark set iifname map { ${marks.join(", ")} }`] : []),
    "}",
    // Azure drops in silence.
    "chain output { type filter hook output priority filter; policy accept;",
    "icmp type { destination-unreachable, time-exceeded, redirect } drop",
    "}",
    "chain forward { type filter hook forward priority filter; policy accept;",
    ...networks.flatMap((other, index) => peerLines(shape, network, other, index)),
    ...ports.flatMap(ownAddressLines),
    ...noWayOutLines(world, shape, network),
    "ct state established,related accept",
    ...vmapLines("iifname", "o", ports),
    ...vmapLines("oifname", "i", ports),
    "}",
    ...translationLines(world, shape, network),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function vmapLines(field: string, prefix: string, ports: readonly Plugged[]): readonly string[] {
  if (ports.length === 0) return [];
  return [
    `${field} vmap { ${ports.map(({ device }) => `"${device}" : jump ${prefix}_${device}`).join(", ")} }`,
  ];
}

/** What may come in from a peered network. */
function peerLines(
  shape: Shape,
  network: NetworkFacts,
  other: NetworkFacts,
  index: number,
): readonly string[] {
  if (other === network) return [];
  const peering: PeeringFacts | undefined = network.peerings.find(({ remote }) => remote === other.id);
  const devices = [
    peerDevice(index),
    ...appliancesBeside(shape.networks, shape.plugged, index)
      .filter(({ home }) => home === network)
      .map((one) => steerDevice(index, one.index)),
  ];
  return devices.flatMap((device) => {
    if (peering === undefined || !peering.connected) return [`iifname "${device}" drop`];
    if (peering.allowForwarded) return [];
    const known = setText(rangesOf(agreedPrefixes(peering, other)));
    return [`iifname "${device}" ip saddr != ${known} drop`];
  });
}

/** An interface without IP forwarding takes and sends only what is its own. */
function ownAddressLines({ device, addresses, forwarding }: Plugged): readonly string[] {
  if (forwarding || addresses.length === 0) return [];
  const own = setText(rangesOf(addresses));
  return [`iifname "${device}" ip saddr != ${own} drop`, `oifname "${device}" ip daddr != ${own} drop`];
}

/** A gateway without a public frontend has no way out of its own: somebody has to give its subnet one. */
function noWayOutLines(world: LabWorld, shape: Shape, network: NetworkFacts): readonly string[] {
  const subnet = network.subnets.find(({ id }) => id === gatewaySubnet(world.resources));
  if (subnet === undefined || subnet.hasNatGateway || shape.publicAddresses.length > 0) return [];
  return [`oifname "inet" ip saddr ${subnet.prefix} drop`];
}

/** Public addresses: of the gateway's frontends inwards, of the network outwards. */
function translationLines(world: LabWorld, shape: Shape, network: NetworkFacts): readonly string[] {
  const subnet = network.subnets.find(({ id }) => id === gatewaySubnet(world.resources));
  const publicAddress = subnet === undefined ? undefined : shape.publicAddresses[0];
  const [instance = ""] = world.gateway.instances;
  return [
    "chain inwards { type nat hook prerouting priority dstnat; policy accept;",
    ...(subnet === undefined
      ? []
      : shape.publicAddresses.map((address) => `iifname "inet" ip daddr ${address} dnat to ${instance}`)),
    "}",
    "chain outwards { type nat hook postrouting priority srcnat; policy accept;",
    ...(subnet === undefined || publicAddress === undefined
      ? []
      : [`oifname "inet" ip saddr ${subnet.prefix} snat to ${publicAddress}`]),
    `oifname "inet" snat to ${outsideAddress(network, shape.networks)}`,
    "}",
  ];
}

function surroundings(world: LabWorld, { networks }: Shape, network: NetworkFacts): Surroundings {
  return {
    resources: world.resources,
    virtualNetwork: [
      ...network.prefixes,
      ...peersOf(network, networks, "tagged").flatMap(({ prefixes }) => prefixes),
      ...announced(network, networks, world.onPremises).filter((prefix) => prefix !== "0.0.0.0/0"),
      `${platformResolver}/32`,
    ],
  };
}

/** One chain for each group and direction, used by every interface it is on. */
class SecurityChains {
  readonly #resources: readonly AzureResource[];
  readonly #around: Surroundings;
  readonly #chains = new Map<string, { readonly name: string; readonly lines: readonly string[] }>();

  constructor(resources: readonly AzureResource[], around: Surroundings) {
    this.#resources = resources;
    this.#around = around;
  }

  /** In the order they are asked: leaving, the interface's own first; coming, the subnet's first. */
  of(port: Plugged, network: NetworkFacts): { outbound: readonly string[]; inbound: readonly string[] } {
    const subnet = network.subnets.find(({ id }) => id === port.subnet);
    if (port.isEndpoint && subnet?.endpointPolicies !== true) return { outbound: [], inbound: [] };
    const ids = [port.securityGroup, subnet?.securityGroup];
    return {
      outbound: ids.flatMap((id) => this.#chain(id, "Outbound") ?? []),
      inbound: ids.toReversed().flatMap((id) => this.#chain(id, "Inbound") ?? []),
    };
  }

  #chain(id: string | undefined, direction: Direction): string | undefined {
    const group = findById(this.#resources, id);
    if (group === undefined) return undefined;
    const key = `${id} ${direction}`;
    const known = this.#chains.get(key);
    if (known !== undefined) return known.name;
    const name = `g${this.#chains.size}`;
    this.#chains.set(key, { name, lines: groupRules(group, direction, this.#around) });
    return name;
  }

  definitions(): readonly string[] {
    return [...this.#chains.values()].map(({ name, lines }) => `chain ${name} {\n${lines.join("\n")}\n}`);
  }
}
