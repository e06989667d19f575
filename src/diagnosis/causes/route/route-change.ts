import type { Change } from "../../../model/change.ts";
import type { RouteTable, Subnet, TableRoute } from "../../../model/network.ts";
import { idKey } from "../../../model/resource.ts";
import type { Facets } from "../../facets.ts";
import type { Subject } from "../../finding.ts";
import { listed } from "../../statements.ts";

export interface NewRoute {
  readonly name: string;
  readonly addressPrefix: string;
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string;
}

export interface RouteAddition {
  readonly changes: readonly Change[];
  readonly table: string;
  /** The table is made and attached by the change. */
  readonly isNew: boolean;
}

/** Adds routes to the table of a subnet, or gives the subnet a table of its own. Undefined when its table is not known. */
export function addRoutes(
  subnet: Subnet,
  routes: readonly NewRoute[],
  location: string | undefined,
): RouteAddition | undefined {
  const { routeTable } = subnet;
  if (routeTable === undefined) return newTable(subnet, routes, location);
  const table = routeTable.target;
  if (table === undefined) return undefined;
  const taken = new Set(table.routes.map(({ name }) => name.toLowerCase()));
  const changes = routes.map((route): Change => {
    const value = { ...route, name: freeName(route.name, taken) };
    return { action: "add", resourceId: table.id, list: "routes", value };
  });
  return { changes, table: table.name, isNew: false };
}

/** A table that holds exactly these routes, attached to the subnet in place of what it had. */
export function newTable(
  subnet: Subnet,
  routes: readonly NewRoute[],
  location: string | undefined,
): RouteAddition | undefined {
  const network = /^(.*\/providers\/Microsoft\.Network)\/virtualNetworks\/([^/]+)\//i.exec(subnet.id);
  if (network === null) return undefined;
  const name = `rt-${network[2]}-${subnet.name}`;
  const id = `${network[1]}/routeTables/${name}`;
  return {
    changes: [
      {
        action: "create",
        resourceId: id,
        body: {
          ...(location === undefined ? {} : { location }),
          disableBgpRoutePropagation: subnet.routeTable?.target?.disableBgpRoutePropagation ?? false,
        },
      },
      ...routes.map(
        (route): Change => ({ action: "add", resourceId: id, list: "routes", value: { ...route } }),
      ),
      { action: "set", resourceId: subnet.id, path: "routeTable", value: { id } },
    ],
    table: name,
    isNew: true,
  };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wanted}-${n}`;
  taken.add(name.toLowerCase());
  return name;
}

export function removeRoute(table: RouteTable, route: TableRoute): Change {
  return { action: "remove", resourceId: table.id, list: "routes", value: { name: route.name } };
}

/** Other subnets that a change of the table would reach. */
export function otherSubnets(
  table: RouteTable,
  subnet: Subnet,
  network: Facets["network"],
): readonly Subnet[] {
  const key = idKey(table.id);
  return network.subnets.filter(
    (other) => other !== subnet && other.routeTable !== undefined && idKey(other.routeTable.id) === key,
  );
}

/** What the same change does elsewhere, as a side effect; empty when the table is used once. */
export function sharedTableEffect(others: readonly Subnet[], table: { readonly name: string }): string[] {
  return others.length === 0
    ? []
    : [
        `Route table ${table.name} is also used by subnet ${listed(others.map(({ name }) => name))}: the change holds there, too.`,
      ];
}

/** A route of a table: a subject of its own, because it is what has to change. */
export function routeSubject(table: RouteTable, route: TableRoute): Subject {
  const { document, pointer } = route.source;
  return {
    kind: "route",
    name: route.name,
    resourceId: `${table.id}/routes/${route.name}`,
    document,
    pointer,
  };
}
