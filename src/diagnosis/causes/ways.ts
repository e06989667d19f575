import type { NetworkPath } from "../../network/path.ts";
import type { Server } from "../../routing/routes.ts";
import type { Reach } from "../facets.ts";

/** One path and all servers it leads to: whatever a path decides is decided once for all of them. */
export interface Way {
  readonly path: NetworkPath;
  readonly servers: readonly Server[];
}

const known = new WeakMap<Reach["paths"], readonly Way[]>();

/** The ways in a list of servers with their paths, in order of first appearance. */
export function waysOf(paths: Reach["paths"]): readonly Way[] {
  const before = known.get(paths);
  if (before !== undefined) return before;
  const byPath = new Map<NetworkPath, Server[]>();
  for (const { server, path } of paths) {
    const servers = byPath.get(path);
    if (servers === undefined) byPath.set(path, [server]);
    else servers.push(server);
  }
  const ways = [...byPath].map(([path, servers]): Way => ({ path, servers }));
  known.set(paths, ways);
  return ways;
}
