import type { NetworkPath } from "../../network/path.ts";
import type { Server } from "../../routing/routes.ts";
import type { Reach } from "../facets.ts";

/**
 * One way through the network and all servers it leads to: whatever its hops decide is decided once for all of them. The
 * path is that of the first server; of its destination only the network and the subnet hold for all.
 */
export interface Way {
  readonly path: NetworkPath;
  readonly servers: readonly Server[];
}

const known = new WeakMap<Reach["paths"], readonly Way[]>();

/** The ways in a list of servers with their paths, in order of first appearance. */
export function waysOf(paths: Reach["paths"]): readonly Way[] {
  const before = known.get(paths);
  if (before !== undefined) return before;
  const byHops = new Map<unknown, { path: NetworkPath; servers: Server[] }>();
  for (const { server, path } of paths) {
    const key = path.hops.length > 0 ? path.hops : path.missing.map(({ what }) => what).join();
    const way = byHops.get(key);
    if (way === undefined) byHops.set(key, { path, servers: [server] });
    else way.servers.push(server);
  }
  const ways: readonly Way[] = [...byHops.values()];
  known.set(paths, ways);
  return ways;
}
