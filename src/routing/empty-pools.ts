import type { BackendPool } from "../model/gateway.ts";
import type { Pair, Route, Wiring } from "./routes.ts";

/** A pool without members, with everything that leads to it. */
export interface EmptyPool {
  readonly pool: BackendPool;
  readonly pairs: readonly Pair[];
  readonly routes: readonly Route[];
  /** Only default targets of path maps that have path rules lead to it (causes-of-502.md §L.5). */
  readonly onlyDefault: boolean;
}

/** Empty pools that some rule uses. Unused ones do no harm. */
export function emptyPools(wiring: Pick<Wiring, "pairs">): EmptyPool[] {
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
