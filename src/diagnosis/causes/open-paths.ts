import type { NetworkPath } from "../../network/path.ts";
import type { Server } from "../../routing/routes.ts";
import type { Undecided } from "../cause.ts";
import { needOf } from "../exports.ts";
import type { Facets, HealthEntry } from "../facets.ts";
import { groupedBy } from "../statements.ts";

/**
 * Servers whose way is open at the place a check looks at, by what is missing. Those that were seen to answer are left
 * out: their way is not in question.
 */
export function unsettledAt(
  { reach, health }: Pick<Facets, "reach" | "health">,
  isOpen: (path: NetworkPath) => boolean,
  types: ReadonlySet<string>,
): Undecided[] {
  const open = reach.unclear.flatMap(({ server, path }) =>
    mayBeUnreachable(health.of(server)) && isOpen(path)
      ? path.missing
          .filter(({ type }) => types.has(type.toLowerCase()))
          .map((missing) => ({ server, missing }))
      : [],
  );
  return groupedBy(open, ({ missing }) => `${missing.what} ${missing.resourceId}`).map(([, items]) => ({
    is: "undecided",
    needs: needOf((items[0] as (typeof items)[0]).missing),
    affects: { servers: items.map(({ server }): Server => server) },
  }));
}

/** Whether what was seen leaves room for a fault below TLS and HTTP. */
export function mayBeUnreachable(entry: HealthEntry | undefined): boolean {
  if (entry === undefined) return true;
  const { observation, message } = entry;
  if (observation.health === "healthy") return false;
  const { phase } = message;
  return phase === undefined || phase === "tcp" || phase === "timeout" || phase === "unknown";
}
