import type { IpConfiguration } from "../../../model/hosts.ts";
import type { VirtualNetwork } from "../../../model/network.ts";
import { idKey, nameOfId } from "../../../model/resource.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";

/** Who a stale pool address was probably meant for, and where it is now. */
export interface LikelyOwner {
  readonly name: string;
  readonly address: string;
  readonly ipConfiguration: IpConfiguration;
  readonly because: string;
}

type Reads = Pick<Facets, "hosts" | "health" | "network">;

/**
 * The former owner, where the health report still names its IP configuration; otherwise interfaces of the same network
 * that are outside the pool and are called like its other members or like the pool itself.
 */
export function likelyOwners(
  facets: Reads,
  stale: readonly Server[],
  virtualNetwork: VirtualNetwork | undefined,
): LikelyOwner[] {
  const former = stale.flatMap((server) => formerOwner(facets, server) ?? []);
  if (former.length > 0) return former;
  const pool = stale[0]?.pair.pool;
  if (pool === undefined || virtualNetwork === undefined) return [];
  const members = new Set(pool.members.flatMap(({ address }) => address?.toLowerCase() ?? []));
  const nearby = facets.network.networkInterfaces
    .flatMap(({ ipConfigurations }) => ipConfigurations.find(({ primary }) => primary !== false) ?? [])
    .filter((one) => isIn(one, virtualNetwork) && one.privateIpAddress !== undefined);
  const outside = nearby.filter(({ privateIpAddress = "" }) => !members.has(privateIpAddress.toLowerCase()));
  const stems = new Set(
    nearby
      .filter(({ privateIpAddress = "" }) => members.has(privateIpAddress.toLowerCase()))
      .map((one) => stemOf(nameOf(one))),
  );
  const siblings = outside.filter((one) => stems.has(stemOf(nameOf(one))));
  if (siblings.length > 0)
    return siblings.map((one) => owner(one, "is called like the pool's other members"));
  const wanted = wordsOf(pool.name);
  return outside
    .filter((one) => wordsOf(nameOf(one)).some((word) => wanted.includes(word)))
    .map((one) => owner(one, `is called like pool ${pool.name}`));
}

function formerOwner({ health, network }: Reads, server: Server): LikelyOwner | undefined {
  const id = health.of(server)?.observation.ipConfigurationId;
  if (id === undefined) return undefined;
  const now = network.networkInterfaces
    .flatMap(({ ipConfigurations }) => ipConfigurations)
    .find((one) => idKey(one.id) === idKey(id));
  return now === undefined || now.privateIpAddress === undefined
    ? undefined
    : owner(now, `had ${server.address} when the health report was made`);
}

function owner(ipConfiguration: IpConfiguration, why: string): LikelyOwner {
  const name = nameOf(ipConfiguration);
  const address = ipConfiguration.privateIpAddress ?? "";
  return { name, address, ipConfiguration, because: `${name} ${why} and has ${address} now` };
}

/** The machine's name, or the interface's where it belongs to none. */
function nameOf({ networkInterface }: IpConfiguration): string {
  const machine = networkInterface.virtualMachine;
  return machine === undefined ? networkInterface.name : nameOfId(machine.id);
}

function isIn({ subnet }: IpConfiguration, virtualNetwork: VirtualNetwork): boolean {
  return subnet !== undefined && idKey(subnet.id).startsWith(`${idKey(virtualNetwork.id)}/subnets/`);
}

/** `vm-orders-02` → `vm-orders-` */
function stemOf(name: string): string {
  return name.toLowerCase().replace(/\d+$/, "");
}

/** Words that say what kind of thing has the name, not which. */
const common = new Set(
  (
    "pool pools backend backends bepool backendpool address addresses addresspool default server servers host hosts " +
    "machine machines virtual vms nic nics appgw agw gateway appgateway gw application app apps web prod production " +
    "dev test stage staging the and for members targets target private internal"
  ).split(" "),
);

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length >= 3 && !common.has(word));
}
