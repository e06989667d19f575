import type {
  ApplianceHop,
  Hop,
  NetworkPath,
  PeeringHop,
  RouteHop,
  SymmetryHop,
} from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";
import { waysOf } from "../ways.ts";

/** The hops of a path that routing causes look at. */

export function routeOf(path: NetworkPath, direction: RouteHop["direction"]): RouteHop | undefined {
  return path.hops.find((hop): hop is RouteHop => hop.kind === "route" && hop.direction === direction);
}

export function peeringOf(path: NetworkPath): PeeringHop | undefined {
  return path.hops.find((hop): hop is PeeringHop => hop.kind === "peering");
}

export function symmetryOf(path: NetworkPath): SymmetryHop | undefined {
  return path.hops.find((hop): hop is SymmetryHop => hop.kind === "symmetry");
}

/**
 * The appliance that stops the traffic. One on the way back counts only where both ways lead through it: otherwise the
 * replies should not be there at all, which is `route-return-asymmetric`.
 */
export function stoppingAppliance(
  path: NetworkPath,
  reason: NonNullable<ApplianceHop["reason"]>,
): ApplianceHop | undefined {
  const stops = (hop: Hop): hop is ApplianceHop =>
    hop.kind === "appliance" && hop.verdict === "no" && hop.reason === reason;
  const found = path.hops.filter(stops);
  return (
    found.find(({ direction }) => direction === "forward") ??
    (symmetryOf(path)?.verdict === "no" ? undefined : found[0])
  );
}

export interface Stopped<H> {
  readonly hop: H;
  readonly path: NetworkPath;
  readonly servers: readonly Server[];
}

/** The servers that one hop stops, by hop. */
export function stoppedBy<H>(
  paths: Facets["reach"]["blocked"],
  pick: (path: NetworkPath) => H | undefined,
  key: (hop: H, path: NetworkPath) => string,
): (Stopped<H> & { readonly key: string })[] {
  const found = new Map<string, { hop: H; path: NetworkPath; servers: Server[] }>();
  for (const { path, servers } of waysOf(paths)) {
    const hop = pick(path);
    if (hop === undefined) continue;
    const name = key(hop, path);
    const entry = found.get(name) ?? { hop, path, servers: [] };
    found.set(name, entry);
    for (const server of servers) entry.servers.push(server);
  }
  return [...found].map(([name, stopped]) => ({ key: name, ...stopped }));
}
