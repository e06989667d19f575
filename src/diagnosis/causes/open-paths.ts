import type { NetworkPath } from "../../network/path.ts";
import type { Missing } from "../../network/verdict.ts";
import type { Server } from "../../routing/routes.ts";
import type { Undecided } from "../cause.ts";
import { needOf } from "../exports.ts";
import type { Facets, HealthEntry } from "../facets.ts";
import { groupedBy } from "../statements.ts";

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
  const open = reach.unclear.flatMap(({ server, path }) => {
    if (!mayBeUnreachable(health.of(server))) return [];
    const unfollowed = path.hops.length === 0;
    if (!unfollowed && !isOpen(path)) return [];
    return path.missing
      .filter(({ type }) => unfollowed || types.has(type.toLowerCase()))
      .map((missing) => ({ server, missing }));
  });
  const unaddressed = reach.unaddressed.flatMap((server) =>
    mayBeUnreachable(health.of(server)) ? [{ server, missing: interfaceOf(server) }] : [],
  );
  const items = [...open, ...unaddressed];
  return groupedBy(items, ({ missing }) => `${missing.what} ${missing.resourceId}`).map(([, same]) => ({
    is: "undecided",
    needs: needOf((same[0] as (typeof same)[0]).missing),
    affects: { servers: same.map(({ server }): Server => server) },
  }));
}

/** A server that joined by a network interface which was not exported. */
function interfaceOf({ pair }: Server): Missing {
  return {
    what: `the addresses of the network interfaces in pool ${pair.pool.name}`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}

/** Whether what was seen leaves room for a fault below TLS and HTTP. */
export function mayBeUnreachable(entry: HealthEntry | undefined): boolean {
  if (entry === undefined) return true;
  const { observation, message } = entry;
  if (observation.health === "healthy") return false;
  const { phase } = message;
  return phase === undefined || phase === "tcp" || phase === "timeout" || phase === "unknown";
}
