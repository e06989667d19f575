import { nameOfId } from "../../model/resource.ts";
import type { NetworkPath } from "../../network/path.ts";
import type { Missing } from "../../network/verdict.ts";
import type { Server } from "../../routing/routes.ts";
import type { Undecided } from "../cause.ts";
import { needOf } from "../exports.ts";
import type { Facets, HealthEntry } from "../facets.ts";
import { waysOf } from "./ways.ts";

/**
 * Servers whose way is open at the place a check looks at, by what is missing: also those whose way could not be
 * followed at all, or whose address was not exported. Those that were seen to answer are left out: their way is not in
 * question.
 */
export function unsettledAt(
  { reach, health }: Pick<Facets, "reach" | "health">,
  isOpen: (path: NetworkPath) => boolean,
  types: ReadonlySet<string>,
): Undecided[] {
  const byMissing = new Map<string, { missing: Missing; servers: Server[] }>();
  const put = (missing: Missing, servers: readonly Server[]): void => {
    const key = `${missing.what} ${missing.resourceId}`;
    const entry = byMissing.get(key) ?? { missing, servers: [] };
    byMissing.set(key, entry);
    for (const server of servers) entry.servers.push(server);
  };
  const inQuestion = (server: Server): boolean => mayBeUnreachable(health.of(server));
  for (const { path, servers } of waysOf(reach.unclear)) {
    const unfollowed = path.hops.length === 0;
    if (!unfollowed && !isOpen(path)) continue;
    const open = servers.filter(inQuestion);
    if (open.length === 0) continue;
    for (const missing of path.missing) {
      if (unfollowed || types.has(missing.type.toLowerCase())) put(missing, open);
    }
  }
  for (const server of reach.unaddressed) if (inQuestion(server)) put(interfaceOf(server), [server]);
  return [...byMissing.values()].map(({ missing, servers }) => ({
    is: "undecided",
    needs: needOf(missing),
    affects: { servers },
  }));
}

/** Only those whose way could not be followed at all: for checks of what few ways lead through. */
export function unfollowedAt(facets: Pick<Facets, "reach" | "health">): Undecided[] {
  return unsettledAt(facets, () => false, new Set());
}

/** A server that joined by a network interface which was not exported. */
function interfaceOf({ pair }: Server): Missing {
  return {
    what: `the addresses of the network interfaces in pool ${pair.pool.name}`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}

/**
 * Whether what was seen leaves room for a fault below TLS and HTTP. What was sent from elsewhere went another way than the
 * gateway's.
 */
export function mayBeUnreachable(entry: HealthEntry | undefined): boolean {
  if (entry === undefined) return true;
  const { observation, message, live, passed } = entry;
  if (live !== undefined) return !passed.includes("route");
  if (observation.health === "healthy") return false;
  const { phase } = message;
  return phase === undefined || phase === "tcp" || phase === "timeout" || phase === "unknown";
}

/** What is missing when the subnet of the gateway, or the network around it, was not exported. */
export function missingNetwork({ subnet }: Facets["gateway"]): Missing | undefined {
  if (subnet === undefined || subnet.target?.virtualNetwork !== undefined) return undefined;
  const resourceId = subnet.id.replace(/\/subnets\/[^/]+\/?$/i, "");
  return {
    what: `the virtual network ${nameOfId(resourceId)} of the gateway`,
    type: "microsoft.network/virtualnetworks",
    resourceId,
  };
}

/** Whether the health of any server could be read: then nothing hides it. */
export function isReadable(health: Facets["health"]): boolean {
  return health.entries.some(({ observation }) => observation.health !== "unknown");
}
