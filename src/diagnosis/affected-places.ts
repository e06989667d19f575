import type { Server } from "../routing/routes.ts";
import type { Affects } from "./finding.ts";
import { serversOf } from "./weigh.ts";

/** What a claim speaks of, in terms that hold in a changed model too. */
export interface AffectedPlaces {
  /** Route ids: those affected, and those of affected servers. */
  readonly routes: ReadonlySet<string>;
  /** Whether a server of the changed model stands at an affected address, for an affected route. */
  holds(server: Server): boolean;
}

/** Routes and addresses are what two models have in common: a change may lead a route to another pair. */
export function affectedPlaces(affects: Affects): AffectedPlaces {
  const { routes: own = [] } = affects;
  const servers = [...serversOf(affects), ...own.flatMap(({ pair }) => pair?.servers ?? [])];
  const addresses = new Set(servers.flatMap(({ address }) => address?.toLowerCase() ?? []));
  const routes = new Set([...own, ...servers.flatMap(({ pair }) => pair.routes)].map(({ id }) => id));
  return {
    routes,
    holds: ({ address, pair }) =>
      address !== undefined &&
      addresses.has(address.toLowerCase()) &&
      pair.routes.some(({ id }) => routes.has(id)),
  };
}
