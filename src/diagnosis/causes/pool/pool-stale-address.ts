import type { Gateway } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Need, Statement } from "../../finding.ts";
import { evidence, groupedBy, listed, poolSubject, subject } from "../../statements.ts";
import { invisibleOwners } from "./invisible-owners.ts";
import { type LikelyOwner, likelyOwners } from "./likely-owners.ts";
import { replaceAddresses } from "./replace-addresses.ts";
import { ReservedAddresses } from "./reserved-addresses.ts";

interface Match {
  readonly gateway: Gateway;
  /** One server for each address nobody has. */
  readonly stale: readonly Server[];
  readonly owners: readonly LikelyOwner[];
}

type Reads = Pick<Facets, "gateway" | "reach" | "hosts" | "health" | "network">;

const interfaceType = "microsoft.network/networkinterfaces";

export default defineCause({
  id: "pool-stale-address",
  title: "Pool address that nobody has any more",
  layer: "pool",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "reach", "hosts", "health", "network"],
  explainedBy: [],
  about: `The pool lists an address of a known subnet that no interface, endpoint or load balancer of the export owns. Machines
that are deleted and made again, or take a dynamic address, come back with another one, and the pool keeps the old: nobody
answers there, probes fail to connect or time out. Listing the present address repairs it; joining the machines to the
pool by their interface keeps it from happening again.`,
  find: (facets) => {
    const reserved = new ReservedAddresses();
    const unowned = candidates(facets).filter((server) => isUnowned(facets, server, reserved));
    const byPool = groupedBy(unowned, ({ pair }) => pair.pool.name);
    return byPool.flatMap(([, servers]) => decidePool(facets, servers));
  },
  say: ({ stale, owners }): Statement => {
    const [server] = stale as [Server];
    const { pool } = server.pair;
    const addresses = listed(stale.map(({ address }) => address ?? ""));
    const now = listed(owners.map(({ name, address }) => `${name} has ${address}`));
    return {
      summary: `Pool ${pool.name} contains ${addresses}, which nothing in the export owns${owners.length > 0 ? `, while ${now}` : ""}`,
      subjects: [
        poolSubject(pool),
        ...owners.map(({ ipConfiguration }) => subject("networkInterface", ipConfiguration.networkInterface)),
      ],
      evidence: [
        ...stale.map(({ address, member }) =>
          evidence(`the pool contains ${address}; no exported interface has it`, member.source),
        ),
        ...owners.map(({ because, ipConfiguration }) =>
          evidence(because, ipConfiguration.source.at("privateIPAddress")),
        ),
      ],
    };
  },
  fix: ({ gateway, stale, owners }): FixProposal => {
    const [server] = stale as [Server];
    if (owners.length === stale.length) {
      const replacements = stale.map(({ member }, index) => ({
        from: member,
        to: owners[index]?.address ?? "",
      }));
      return replaceAddresses(gateway, server.pair.pool, replacements);
    }
    return {
      summary: `Replace ${listed(stale.map(({ address }) => address ?? ""))} in pool ${server.pair.pool.name} by the present address of the server that was meant.`,
      changes: [],
      sideEffects: [],
    };
  },
});

/** Without a list of interfaces the question only arises where a server gives no sign of life. */
function candidates({ network, reach, health }: Reads): readonly Server[] {
  return network.listedTypes.has(interfaceType)
    ? reach.paths.map(({ server }) => server)
    : health.unhealthy.filter(isSilent).map(({ server }) => server);
}

/** A private address in a known subnet, listed as such, not seen to answer, and without an owner in the export. */
function isUnowned({ reach, hosts, health }: Reads, server: Server, reserved: ReservedAddresses): boolean {
  if (server.member.kind !== "address" || hosts.of(server).length > 0) return false;
  const destination = reach.of(server)?.destination;
  if (destination?.subnet === undefined || destination.place === "gateway-subnet") return false;
  if (destination.networkInterface !== undefined || destination.privateEndpoint !== undefined) return false;
  if (reserved.has(server.address ?? "", destination.subnet)) return false;
  return !seenToAnswer(health, server);
}

/** Any answer, even a wrong one, shows that somebody has the address. */
function seenToAnswer(health: Facets["health"], server: Server): boolean {
  const entry = health.of(server);
  if (entry === undefined) return false;
  const { phase } = entry.message;
  return entry.observation.health === "healthy" || phase === "tls" || phase === "http" || phase === "ok";
}

function decidePool(facets: Reads, servers: readonly Server[]): Decision<Match>[] {
  const { gateway, network } = facets;
  const stale = groupedBy(servers, ({ address }) => address ?? "").map(([, [first]]) => first as Server);
  const [server] = stale as [Server];
  const destination = facets.reach.of(server)?.destination;
  const found = (owners: readonly LikelyOwner[], basis: Found<Match>["basis"]): Found<Match> => ({
    is: "found",
    key: server.pair.pool.name,
    match: { gateway, stale, owners },
    affects: { servers },
    effect: "stops",
    basis,
  });
  if (!network.listedTypes.has(interfaceType)) return undecided(facets, servers, everyInterface(stale));
  const owners = likelyOwners(facets, stale, destination?.virtualNetwork);
  const hidden = invisibleOwners(network, stale, facets.reach);
  if (owners.length > 0 && hidden?.certain !== true) return [found(owners, "configuration")];
  if (hidden !== undefined) return undecided(facets, servers, hidden.needs);
  return silent(facets, servers).length === servers.length ? [found([], "observed-possible")] : [];
}

function everyInterface(stale: readonly Server[]): Need {
  return {
    what: `who has ${listed(stale.map(({ address }) => address ?? ""))} now`,
    command: exportCommand(interfaceType),
  };
}

/** Only where the server was seen to give no sign of life is the question worth asking. */
function undecided(facets: Reads, servers: readonly Server[], needs: Need): Decision<never>[] {
  const asked = silent(facets, servers);
  return asked.length === 0 ? [] : [{ is: "undecided", needs, affects: { servers: asked } }];
}

function silent({ health }: Reads, servers: readonly Server[]): Server[] {
  return servers.filter((server) => {
    const entry = health.of(server);
    return entry !== undefined && isSilent(entry);
  });
}

function isSilent({ observation, message: { phase } }: HealthEntry): boolean {
  return observation.health === "unhealthy" && (phase === "tcp" || phase === "timeout");
}
