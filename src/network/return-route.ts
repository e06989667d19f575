import { routeStep, type Step } from "./hops.ts";
import type { RouteHop } from "./path.ts";
import type { Composition } from "./path-facts.ts";
import { endpointPolicies } from "./private-endpoints.ts";
import { effectOf, type RouteChoice, unknownRoute } from "./routes.ts";
import { type Segments, segmentsIn } from "./segments.ts";
import { missingSubnet } from "./server-side.ts";

/** The route replies take from the server to the gateway subnet (network.md §2.5). */
export function returnRoute(composition: Composition): Step<RouteHop> {
  const { flow, end } = composition;
  const { subnet } = end.area;
  const at = subnet === undefined ? "the server" : `subnet ${subnet.name}`;
  const routes = routesAtServer(composition);
  const choice = routes === undefined ? unknownAtServer(composition) : sharedChoice(routes, composition);
  return routeStep("return", subnet, at, choice, flow.traffic.from.addressPrefixes.join(", "));
}

function routesAtServer({ flow, end, server }: Composition): Segments<RouteChoice> | undefined {
  const { subnet } = end.area;
  if (server?.effectiveRoutes !== undefined) return server.effectiveRoutes;
  if (server === undefined || subnet === undefined) return undefined;
  const { owner } = end;
  // The servers behind a load balancer may stand in other subnets with other routes.
  if (owner.loadBalancer !== undefined && owner.ipConfiguration === undefined) return undefined;
  const tableApplies = !end.isEndpoint || endpointPolicies(subnet).routeTable;
  return flow.view.routesOf(subnet, tableApplies);
}

function unknownAtServer({ end }: Composition): RouteChoice {
  const { area, owner } = end;
  if (area.subnet !== undefined && owner.loadBalancer !== undefined) {
    return unknownRoute([
      {
        what: `which servers stand behind load balancer ${owner.loadBalancer.name}`,
        type: "microsoft.network/networkinterfaces",
        resourceId: undefined,
      },
    ]);
  }
  return unknownRoute([missingSubnet(area)]);
}

/** One route for all of the gateway subnet; where parts of it go different ways, none can be named. */
function sharedChoice(routes: Segments<RouteChoice>, { flow }: Composition): RouteChoice {
  const choices = flow.traffic.source.flatMap((range) =>
    segmentsIn(routes, range).map(({ result }) => result),
  );
  const [first] = choices;
  if (first === undefined) return unknownRoute([]);
  const effect = ({ nextHopType, nextHopIpAddress, verdict }: RouteChoice) =>
    `${verdict} ${effectOf(nextHopType, nextHopIpAddress)}`;
  return choices.every((choice) => effect(choice) === effect(first))
    ? first
    : unknownRoute(choices.flatMap(({ missing }) => missing));
}
