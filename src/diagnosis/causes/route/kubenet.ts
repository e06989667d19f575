import type { Gateway } from "../../../model/gateway.ts";
import type { RouteTable, TableRoute } from "../../../model/network.ts";
import { parseAddress, parseRange, rangeContains } from "../../../network/addresses.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";

/** A kubenet cluster's route table, which leads each node's pod addresses to the node. */
export interface PodRoute {
  readonly table: RouteTable;
  readonly route: TableRoute;
}

/**
 * Looks up the pod route for a server in the tables that the gateway subnet does not use. AKS names tables
 * `aks-agentpool-<n>-routetable` and routes after their nodes.
 */
export function podRoutes({
  gateway,
  network,
  reach,
}: Pick<Facets, "gateway" | "network" | "reach">): (server: Server) => PodRoute | undefined {
  const known = unusedPodTables(gateway, network).flatMap((table) =>
    table.routes.flatMap((route) => {
      const range = parseRange(route.addressPrefix);
      return range === undefined ? [] : [{ table, route, range }];
    }),
  );
  return (server) => {
    const [text] = known.length === 0 ? [] : reach.addresses(server);
    const address = text === undefined ? undefined : parseAddress(text);
    return address === undefined ? undefined : known.find(({ range }) => rangeContains(range, address));
  };
}

function unusedPodTables(gateway: Gateway, network: Facets["network"]): readonly RouteTable[] {
  const used = gateway.subnet?.target?.routeTable?.target;
  return network.routeTables.filter((table) => table !== used && isPodTable(table));
}

function isPodTable({ name, routes }: RouteTable): boolean {
  const toNodes = routes.filter(({ nextHopType }) => nextHopType === "VirtualAppliance");
  return toNodes.length > 0 && (/^aks-/i.test(name) || toNodes.every((route) => /^aks-/i.test(route.name)));
}
