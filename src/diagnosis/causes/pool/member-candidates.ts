import type { Change } from "../../../model/change.ts";
import type { BackendPool, Gateway } from "../../../model/gateway.ts";
import type { IpConfiguration, NetworkInterface, ScaleSet } from "../../../model/hosts.ts";
import { idKey } from "../../../model/resource.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal } from "../../finding.ts";
import { listed, partId } from "../../statements.ts";

/** Who belongs into an empty pool, as far as the documents show it. */
export type Candidates =
  /** A scale set whose model lists the pool while instances still run an older model. */
  | { readonly from: "scale-set"; readonly scaleSet: ScaleSet; readonly outdated: number }
  /** Servers the access log saw behind this pool, still owned by somebody. */
  | { readonly from: "log"; readonly addresses: readonly string[] }
  /** Machines named like the pool that are in no pool. */
  | { readonly from: "names"; readonly ipConfigurations: readonly IpConfiguration[] };

type Sources = Pick<Facets, "gateway" | "network" | "traffic" | "hosts">;

export function candidatesFor(pool: BackendPool, facets: Sources): Candidates | undefined {
  return fromScaleSet(pool, facets) ?? fromLog(pool, facets) ?? fromNames(pool, facets);
}

function fromScaleSet(pool: BackendPool, { gateway, network }: Sources): Candidates | undefined {
  const id = idKey(partId(gateway, "backendAddressPools", pool));
  for (const scaleSet of network.scaleSets) {
    if (!scaleSet.gatewayPoolIds.some((one) => idKey(one) === id)) continue;
    const outdated = scaleSet.instances.filter(({ latestModelApplied }) => latestModelApplied === false);
    if (outdated.length > 0) return { from: "scale-set", scaleSet, outdated: outdated.length };
  }
  return undefined;
}

/** Fewer rows than this may come from somebody's trial. */
const enoughRows = 3;

function fromLog(pool: BackendPool, { traffic, hosts }: Sources): Candidates | undefined {
  const seen = (traffic.log?.observations ?? []).filter(
    ({ poolName }) => poolName?.toLowerCase() === pool.name.toLowerCase(),
  );
  const addresses = seen
    .flatMap(({ servers }) => servers)
    .filter(({ readings }) => (readings.get("served") ?? 0) >= enoughRows)
    .map(({ server }) => withoutPort(server))
    .filter((address) => hosts.ownersOf(address).length > 0);
  return addresses.length === 0 ? undefined : { from: "log", addresses: [...new Set(addresses)] };
}

function withoutPort(server: string): string {
  return server.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
}

function fromNames(pool: BackendPool, { gateway, network }: Sources): Candidates | undefined {
  const wanted = tellingWords(pool.name);
  if (wanted.length === 0) return undefined;
  // Two pools of one name's words: whose machines they are cannot be told.
  const like = gateway.pools.filter((other) =>
    wanted.every((word) => tellingWords(other.name).includes(word)),
  );
  if (like.length !== 1) return undefined;
  const inPools = new Set(
    gateway.pools.flatMap(({ members }) => members.flatMap(({ address }) => address ?? [])),
  );
  const ipConfigurations = network.networkInterfaces.flatMap((nic) => {
    const words = new Set(tellingWords(`${nic.name}-${nic.virtualMachine?.target?.name ?? ""}`));
    const [configuration] = nic.ipConfigurations;
    if (configuration === undefined || !isMachine(nic)) return [];
    const free = nic.ipConfigurations.every(
      ({ gatewayPoolIds, privateIpAddress }) =>
        gatewayPoolIds.length === 0 && (privateIpAddress === undefined || !inPools.has(privateIpAddress)),
    );
    return free && wanted.every((word) => words.has(word)) ? [configuration] : [];
  });
  return ipConfigurations.length === 0 ? undefined : { from: "names", ipConfigurations };
}

function isMachine({ virtualMachine }: NetworkInterface): boolean {
  return virtualMachine !== undefined;
}

const fillers = new Set([
  "pool",
  "backend",
  "backends",
  "address",
  "addresses",
  "the",
  "agw",
  "appgw",
  "vmss",
]);

/** The words of a name that say what the thing is for. */
function tellingWords(name: string): string[] {
  const words = name.toLowerCase().split(/[^a-z]+/);
  return words.filter((word) => word.length > 2 && !fillers.has(word));
}

/** Fills the pool with its candidates; nobody known: says what to do and changes nothing. */
export function fillPool(gateway: Gateway, pool: BackendPool, found: Candidates | undefined): FixProposal {
  if (found === undefined) {
    return {
      summary: `Add the servers to backend pool ${pool.name}: by address, by name, or by joining their network interfaces.`,
      changes: [],
      sideEffects: [],
    };
  }
  switch (found.from) {
    case "scale-set":
      return {
        summary: `Update the ${found.outdated} instances of scale set ${found.scaleSet.name} to its latest model, so that they join pool ${pool.name}.`,
        changes: [
          { action: "operate", resourceId: found.scaleSet.id, operation: "update-instances", becomes: [] },
        ],
        sideEffects: ["Instances may restart while they are updated."],
        notVerifiable:
          "the addresses with which the instances join are known only afterwards; the next health report lists them",
      };
    case "log":
      return {
        summary: `Put ${listed(found.addresses)}, which the access log saw behind it, into backend pool ${pool.name}.`,
        changes: found.addresses.map((ipAddress) => addAddress(gateway, pool, ipAddress)),
        sideEffects: [`Requests go to ${listed(found.addresses)} again.`],
      };
    case "names": {
      const names = found.ipConfigurations.map(({ networkInterface }) => networkInterface.name);
      return {
        summary: `Join ${listed(names)}, named like it, to backend pool ${pool.name}.`,
        changes: found.ipConfigurations.map((one) => join(gateway, pool, one)),
        sideEffects: [
          `Requests of ${pool.name} go to ${listed(names)}: make sure that these are its servers.`,
        ],
      };
    }
  }
}

function addAddress(gateway: Gateway, pool: BackendPool, ipAddress: string): Change {
  const resourceId = partId(gateway, "backendAddressPools", pool);
  return { action: "add", resourceId, list: "backendAddresses", value: { ipAddress } };
}

function join(gateway: Gateway, pool: BackendPool, { networkInterface, name, id }: IpConfiguration): Change {
  return {
    action: "add",
    resourceId: id.startsWith("/") ? id : `${networkInterface.id}/ipConfigurations/${name}`,
    list: "applicationGatewayBackendAddressPools",
    value: { id: partId(gateway, "backendAddressPools", pool) },
  };
}
