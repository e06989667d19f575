import type { LabWorld } from "../world/world.ts";
import { gatewaySubnet, type NetworkFacts } from "./facts.ts";
import {
  appliancesBeside,
  type Plugged,
  peerDevice,
  routerAddress,
  routerOf,
  type Shape,
  steerDevice,
} from "./plan.ts";
import { outsideAddress, platformResolver, rulesetOf } from "./router-rules.ts";
import { announced, effectiveRoutes, gatewayNetwork, type Hop } from "./routing.ts";

/** What is run inside a namespace; `clear` may fail where there is nothing yet. */
export interface Commands {
  readonly clear: readonly string[];
  /** Lines for `ip -batch`. */
  readonly ip: readonly string[];
  /** For `nft -f`. */
  readonly nft: string;
  readonly forwards: boolean;
}

/** Tables of subnets; the mark of a packet is that of the subnet it comes from. */
const tableOf = (subnet: number): number => 100 + subnet;
const steerTable = (index: number): number => 300 + index;
/** On the cable to another network's router: an address of its own at each end of each cable. */
const linkAddress = (own: number, other: number): string => `169.254.2.${own * 16 + other + 1}`;

/** The router of a network: its subnets' routes and security groups, its peerings, the platform's DNS address. */
export function networkRouter(world: LabWorld, shape: Shape, network: NetworkFacts): Commands {
  const { networks } = shape;
  const own = networks.indexOf(network);
  const ports = shape.plugged.filter(({ router }) => router === routerOf(network));
  return {
    clear: [
      ...network.subnets.map((_, index) => `route flush table ${tableOf(index)}`),
      "route flush table main",
      "rule flush",
    ],
    ip: [
      "link set lo up",
      `addr replace ${platformResolver}/32 dev lo`,
      ...ports.flatMap(({ device }) => [
        `addr replace ${routerAddress}/32 dev ${device}`,
        `link set ${device} up`,
      ]),
      ...linkLines(shape, own),
      "rule add pref 32766 lookup main",
      ...ports.flatMap(portRoutes),
      "route replace blackhole default",
      ...transitLines(world, shape, network),
      ...network.subnets.flatMap((_, index) => subnetLines(world, shape, network, index)),
      ...steeredLines(shape, own),
    ],
    nft: rulesetOf(world, shape, network, ports),
    forwards: true,
  };
}

function portRoutes({ addresses, device }: Plugged): readonly string[] {
  return addresses.map((address) => `route replace ${address}/32 dev ${device}`);
}

function linkLines({ networks, plugged }: Shape, own: number): readonly string[] {
  const peers = networks.flatMap((_, other) =>
    other === own ? [] : [{ device: peerDevice(other), address: linkAddress(own, other) }],
  );
  const away = appliancesBeside(networks, plugged, own).map(({ index }) => ({
    device: steerDevice(own, index),
    address: "169.254.5.1",
  }));
  return [
    ...[...peers, ...away, { device: "inet", address: "169.254.3.2" }].flatMap(({ device, address }) => [
      `addr replace ${address}/32 dev ${device}`,
      `link set ${device} up`,
    ]),
  ];
}

/** Cables on which other networks hand over what an appliance in this one is to get. */
function steeredLines({ networks, plugged }: Shape, own: number): readonly string[] {
  return networks.flatMap((_, other) => {
    if (other === own) return [];
    return appliancesBeside(networks, plugged, other)
      .filter(({ home }) => home === networks[own])
      .flatMap(({ index, port }) => {
        const device = steerDevice(other, index);
        return [
          `addr replace 169.254.5.2/32 dev ${device}`,
          `link set ${device} up`,
          `rule add pref 50 iif ${device} lookup ${steerTable(index)}`,
          `route replace default via ${port.addresses[0]} dev ${port.device} onlink table ${steerTable(index)}`,
        ];
      });
  });
}

/** To and from the on-premises side, for this network and for peers that use its gateway. */
function transitLines(world: LabWorld, { networks }: Shape, network: NetworkFacts): readonly string[] {
  if (world.onPremises?.network !== network.name) return [];
  const users = networks.filter((one) => one !== network && gatewayNetwork(one, networks) === network);
  const own = networks.indexOf(network);
  return [
    "addr replace 169.254.4.2/32 dev op",
    "link set op up",
    ...(network.hasGateway
      ? announced(network, networks, world.onPremises).map(
          (prefix) => `route replace ${prefix} via 169.254.4.1 dev op onlink`,
        )
      : []),
    ...users.flatMap((user) => {
      const other = networks.indexOf(user);
      return user.prefixes.map(
        (prefix) => `route replace ${prefix} via ${linkAddress(other, own)} dev ${peerDevice(other)} onlink`,
      );
    }),
  ];
}

function subnetLines(world: LabWorld, shape: Shape, network: NetworkFacts, index: number): readonly string[] {
  const subnet = network.subnets[index];
  if (subnet === undefined) return [];
  const { networks, plugged: ports } = shape;
  const { resources, onPremises } = world;
  const routes = effectiveRoutes(subnet, network, { networks, ports, resources, onPremises });
  const table = tableOf(index);
  return [
    `rule add pref 100 fwmark ${index + 1} lookup ${table}`,
    ...routes.map(
      ({ prefix, hop }) => `route replace ${routeText(prefix, hop, world, shape, network)} table ${table}`,
    ),
  ];
}

function routeText(prefix: string, hop: Hop, world: LabWorld, shape: Shape, network: NetworkFacts): string {
  const { networks, plugged } = shape;
  const own = networks.indexOf(network);
  switch (hop.kind) {
    case "local":
      return `throw ${prefix}`;
    case "internet":
      return `${prefix} via 169.254.3.1 dev inet onlink`;
    case "on-premises":
      return world.onPremises?.network === network.name
        ? `${prefix} via 169.254.4.1 dev op onlink`
        : `blackhole ${prefix}`;
    case "peer": {
      const other = networks.findIndex(({ id }) => id === hop.network);
      return `${prefix} via ${linkAddress(other, own)} dev ${peerDevice(other)} onlink`;
    }
    case "appliance": {
      const index = plugged.findIndex(
        ({ addresses, router }) =>
          router !== "internet" && router !== "on-premises" && addresses.includes(hop.address),
      );
      const port = plugged[index];
      if (port?.router === routerOf(network)) return `${prefix} via ${hop.address} dev ${port.device} onlink`;
      const beside = appliancesBeside(networks, plugged, own).some((one) => one.index === index);
      return beside
        ? `${prefix} via 169.254.5.2 dev ${steerDevice(own, index)} onlink`
        : `blackhole ${prefix}`;
    }
    case "none":
      return `blackhole ${prefix}`;
  }
}

/** The internet, or the on-premises side: everybody can reach everybody. */
export function outsideRouter(world: LabWorld, shape: Shape, name: "internet" | "on-premises"): Commands {
  const ports = shape.plugged.filter(({ router }) => router === name);
  const plug = ports.flatMap((port) => [
    `addr replace ${routerAddress}/32 dev ${port.device}`,
    `link set ${port.device} up`,
    ...portRoutes(port),
  ]);
  const ways =
    name === "on-premises"
      ? [
          "addr replace 169.254.4.1/32 dev azure",
          "link set azure up",
          "route replace default via 169.254.4.2 dev azure onlink",
        ]
      : shape.networks.flatMap((network, index) => {
          const isGateway = network.subnets.some(({ id }) => id === gatewaySubnet(world.resources));
          const addresses = [
            outsideAddress(network, shape.networks),
            ...(isGateway ? shape.publicAddresses : []),
          ];
          return [
            `addr replace 169.254.3.1/32 dev v${index}`,
            `link set v${index} up`,
            ...addresses.map((address) => `route replace ${address}/32 via 169.254.3.2 dev v${index} onlink`),
          ];
        });
  const nft = [
    "flush ruleset",
    "table ip lab {",
    "chain output { type filter hook output priority filter; policy accept;",
    "icmp type { destination-unreachable, time-exceeded, redirect } drop",
    "}",
    "}",
  ];
  return {
    clear: [],
    ip: [
      "link set lo up",
      ...plug,
      ...ways,
      ...(name === "internet" ? ["route replace blackhole default"] : []),
    ],
    nft: `${nft.join("\n")}\n`,
    forwards: true,
  };
}
