import type { RouteTable, TableRoute } from "../network.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Network/routeTables` record (network.md §2.1). */
export function readRouteTable(record: ResourceRecord, links: Links): RouteTable {
  const { source } = record;
  const table: RouteTable = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    disableBgpRoutePropagation: source.boolean("disableBgpRoutePropagation") ?? false,
    routes: source.objects("routes").flatMap(readRoute),
  };
  links.define("routeTable", record.id, table);
  return table;
}

/** A route without prefix or next hop cannot be chosen: reported, never guessed. */
function readRoute(item: Source): TableRoute[] {
  const addressPrefix = item.text("addressPrefix");
  const nextHopType = item.text("nextHopType");
  if (!addressPrefix) item.at("addressPrefix").refuse("an address prefix");
  if (!nextHopType) item.at("nextHopType").refuse("a next hop type");
  if (!addressPrefix || !nextHopType) return [];
  return [
    {
      name: item.text("name") ?? nameOfId(item.text("id") ?? ""),
      source: item,
      addressPrefix,
      nextHopType: spellingOf(nextHopType),
      nextHopIpAddress: item.text("nextHopIpAddress") || undefined,
    },
  ];
}

/** The spelling the model promises, whatever case the document has. */
function spellingOf(nextHopType: string): string {
  const types = ["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"];
  return types.find((type) => type.toLowerCase() === nextHopType.toLowerCase()) ?? nextHopType;
}
