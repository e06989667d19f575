import type { LabWorld } from "../world/world.ts";
import { type NetworkFacts, networksOf, type Port, portsOf, publicFrontends } from "./facts.ts";

/** The address of every router on the cables to machines. */
export const routerAddress = "169.254.1.1";
/** Where requests of the internet come from, unless a request names a host. */
export const clientAddress = "198.51.100.10";

/** A cable between two namespaces; made inside of them, so that the machine's own network has no part in it. */
export interface Cable {
  readonly from: { readonly namespace: string; readonly device: string };
  readonly to: { readonly namespace: string; readonly device: string };
}

/** Something with addresses behind a router: a host of a subnet, of the on-premises side, of the internet. */
export interface Plugged extends Port {
  readonly router: string;
  readonly device: string;
}

/** The shape of the network: what stays the same while documents change. */
export interface Shape {
  readonly networks: readonly NetworkFacts[];
  readonly plugged: readonly Plugged[];
  readonly namespaces: readonly string[];
  readonly cables: readonly Cable[];
  /** Of the gateway's network. */
  readonly publicAddresses: readonly string[];
}

export const routerOf = (network: NetworkFacts): string => `router-${network.name}`;
export const peerDevice = (network: number): string => `p${network}`;
export const steerDevice = (network: number, host: number): string => `s${network}x${host}`;

/** The index of the network that a subnet belongs to. */
export function networkIndex(networks: readonly NetworkFacts[], subnet: string): number {
  const index = networks.findIndex(({ subnets }) => subnets.some(({ id }) => id === subnet));
  if (index < 0) throw new Error(`no network has the subnet ${subnet}`);
  return index;
}

export function shapeOf(world: LabWorld): Shape {
  const networks = networksOf(world.resources);
  const plugged = [...portsOf(world), ...outsiders(world)].map((port, index) => ({
    ...port,
    device: `n${index}`,
    router: routerFor(networks, port),
  }));
  const routers = [
    "internet",
    ...(world.onPremises === undefined ? [] : ["on-premises"]),
    ...networks.map(routerOf),
  ];
  return {
    networks,
    plugged,
    namespaces: [...routers, ...plugged.map(({ host }) => host)],
    cables: [...plugged.map(hostCable), ...networkCables(networks, plugged, world)],
    publicAddresses: publicFrontends(world.resources),
  };
}

/** Hosts that are in no network of Azure: `subnet` is then the router they are behind. */
function outsiders(world: LabWorld): readonly Port[] {
  const plain = { securityGroup: undefined, forwarding: false, isAppliance: false, isEndpoint: false };
  const client = { ...plain, host: "client", subnet: "internet", addresses: [clientAddress], off: false };
  const others = world.hosts.flatMap(({ name, at, silent: off = false }) => {
    if ("internet" in at)
      return [{ ...plain, host: name, subnet: "internet", addresses: [at.internet], off }];
    if ("onPremises" in at)
      return [{ ...plain, host: name, subnet: "on-premises", addresses: [at.onPremises], off }];
    return [];
  });
  return [client, ...others];
}

function routerFor(networks: readonly NetworkFacts[], { subnet }: Port): string {
  if (subnet === "internet" || subnet === "on-premises") return subnet;
  const network = networks[networkIndex(networks, subnet)];
  return network === undefined ? "" : routerOf(network);
}

function hostCable({ router, device, host }: Plugged): Cable {
  return { from: { namespace: router, device }, to: { namespace: host, device: "eth0" } };
}

/** Between routers: every two networks, from each network to every appliance of another, to the internet, on premises. */
function networkCables(
  networks: readonly NetworkFacts[],
  plugged: readonly Plugged[],
  world: LabWorld,
): readonly Cable[] {
  const at = (network: NetworkFacts, device: string) => ({ namespace: routerOf(network), device });
  const pairs = networks.flatMap((one, i) =>
    networks
      .slice(i + 1)
      .map((other, k) => ({ from: at(one, peerDevice(i + 1 + k)), to: at(other, peerDevice(i)) })),
  );
  const steered = networks.flatMap((one, i) =>
    appliancesBeside(networks, plugged, i).map(({ index, home }) => {
      const device = steerDevice(i, index);
      return { from: at(one, device), to: at(home, device) };
    }),
  );
  const outside = networks.map((one, i) => ({
    from: at(one, "inet"),
    to: { namespace: "internet", device: `v${i}` },
  }));
  const premises = networks
    .filter(({ name }) => name === world.onPremises?.network)
    .map((one) => ({ from: at(one, "op"), to: { namespace: "on-premises", device: "azure" } }));
  return [...pairs, ...steered, ...outside, ...premises];
}

/** Appliances of other networks than this one, as places in `plugged`. */
export function appliancesBeside(
  networks: readonly NetworkFacts[],
  plugged: readonly Plugged[],
  network: number,
): readonly { readonly index: number; readonly port: Plugged; readonly home: NetworkFacts }[] {
  return plugged.flatMap((port, index) => {
    if (!port.forwarding && !port.isAppliance) return [];
    const home = networks.find((one) => routerOf(one) === port.router);
    return home === undefined || home === networks[network] ? [] : [{ index, port, home }];
  });
}
