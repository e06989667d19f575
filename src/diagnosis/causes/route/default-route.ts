import type { Gateway } from "../../../model/gateway.ts";
import type { RouteTable, Subnet, TableRoute } from "../../../model/network.ts";
import { isIsolated } from "../../facets/reach.ts";

export interface DefaultRoute {
  readonly subnet: Subnet;
  readonly table: RouteTable;
  readonly route: TableRoute;
}

/** The user-defined route for every address on the gateway subnet, when there is one. */
export function defaultRouteOf(gateway: Gateway): DefaultRoute | undefined {
  const subnet = gateway.subnet?.target;
  const table = subnet?.routeTable?.target;
  const route = table?.routes.find(({ addressPrefix }) => addressPrefix === "0.0.0.0/0");
  return subnet === undefined || table === undefined || route === undefined
    ? undefined
    : { subnet, table, route };
}

/** A v2 gateway that Azure manages over the Internet supports no default route but the one there (network.md §2.4). */
export function unsupportedDefaultRoute(gateway: Gateway): DefaultRoute | undefined {
  if (gateway.generation !== "v2" || isIsolated(gateway)) return undefined;
  const found = defaultRouteOf(gateway);
  return found === undefined || found.route.nextHopType === "Internet" ? undefined : found;
}
