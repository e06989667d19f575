import type { BackendPool, Gateway } from "../../../model/gateway.ts";
import type { Pair, Route, Wiring } from "../../../routing/routes.ts";
import type { Health } from "../../facets.ts";

/** A pool without members, with everything that leads to it. */
export interface EmptyPool {
  readonly pool: BackendPool;
  readonly pairs: readonly Pair[];
  readonly routes: readonly Route[];
  /** Only default targets of path maps that have path rules lead to it (causes-of-502.md §L.5). */
  readonly onlyDefault: boolean;
}

/** Empty pools that some rule uses. Unused ones do no harm. */
export function emptyPools(wiring: Wiring): EmptyPool[] {
  const byPool = new Map<BackendPool, Pair[]>();
  for (const pair of wiring.pairs) {
    if (pair.pool.members.length > 0) continue;
    byPool.set(pair.pool, [...(byPool.get(pair.pool) ?? []), pair]);
  }
  return [...byPool].map(([pool, pairs]) => {
    const routes = pairs.flatMap((pair) => pair.routes);
    return { pool, pairs, routes, onlyDefault: routes.every(isDefaultOfMap) };
  });
}

export function isDefaultOfMap({ pathRule, pathMap }: Route): boolean {
  return pathRule === "default" && (pathMap?.pathRules.length ?? 0) > 0;
}

/** Why an empty list in the document need not be an empty pool; undefined = it is one. */
export function whyNotCertain(
  gateway: Gateway,
  { pairs }: Pick<EmptyPool, "pairs">,
  health: Pick<Health, "reported">,
): string | undefined {
  if (pairs.some((pair) => (health.reported(pair) ?? 0) > 0)) {
    return "the health report lists servers, so one of the two documents is older";
  }
  // Members that join through network interfaces are listed by Azure itself, never by a template.
  return isDeployed(gateway) ? undefined : "the document is a template, which lists no joined interfaces";
}

function isDeployed(gateway: Gateway): boolean {
  return (
    gateway.operationalState !== undefined ||
    gateway.provisioningState !== undefined ||
    gateway.pools.some(({ provisioningState }) => provisioningState !== undefined)
  );
}
