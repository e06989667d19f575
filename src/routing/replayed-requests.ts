import { clientsOf, type NoRepresentative } from "./representative-client.ts";
import type { ArrivingRequest, BackendRoute, PlannedRewrite, Router } from "./request-route.ts";
import type { Route } from "./routes.ts";

/** A client's request and the route it takes to a pool. */
export interface RoutedRequest {
  readonly route: BackendRoute;
  /** See `RequestRoute`. */
  readonly rest: string;
  /** See `RequestRoute`. */
  readonly rewritten: PlannedRewrite | undefined;
  readonly client: ArrivingRequest;
}

/** A route whose traffic nobody can make up. */
export interface RouteWithoutRequest {
  readonly route: Route;
  readonly why: NoRepresentative;
}

export interface ReplayedRequests {
  readonly requests: readonly RoutedRequest[];
  readonly without: readonly RouteWithoutRequest[];
}

/**
 * The requests that stand for the traffic of these routes: those given, on the routes they take, and made-up ones for the
 * others.
 */
export function replayedRequests(
  routes: readonly Route[],
  router: Router,
  given: readonly ArrivingRequest[],
): ReplayedRequests {
  const wanted = new Set(routes);
  const requests = given.flatMap((client) => routed(client, router)).filter(({ route }) => wanted.has(route));
  const told = new Set<Route>(requests.map(({ route }) => route));
  const without: RouteWithoutRequest[] = [];
  for (const route of routes) {
    if (told.has(route)) continue;
    const found = clientsOf(route, router);
    if (found.known) requests.push(...found.clients.flatMap((client) => routed(client, router)));
    else without.push({ route, why: found.why });
  }
  return { requests, without };
}

function routed(client: ArrivingRequest, router: Router): RoutedRequest[] {
  const taken = router.routeOf(client);
  if (taken.to === "none") return [];
  const { route, rest, rewritten } = taken;
  return [{ route, rest, rewritten, client }];
}
