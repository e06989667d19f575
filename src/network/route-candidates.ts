import type { RouteTable, TableRoute } from "../model/network.ts";
import type { Origin } from "../model/source.ts";
import { type AddressRange, formatRange, parseRange, prefixLength } from "./addresses.ts";
import type { RouteHop } from "./path.ts";
import { serviceEndpointTag } from "./service-endpoints.ts";
import type { LearnedRoute, ServiceTags, TagPlace } from "./service-tags.ts";
import type { SystemRoute } from "./system-routes.ts";
import type { Missing } from "./verdict.ts";

/** One route that may carry a packet. */
export interface RouteCandidate {
  readonly range: AddressRange;
  readonly prefix: string;
  readonly length: number;
  /** Among equal prefixes the smaller wins: user-defined before system, explicit before service tag (§2.3). */
  readonly order: number;
  readonly nextHopType: string;
  readonly nextHopIpAddress: string | undefined;
  readonly chosenFrom: RouteHop["chosenFrom"];
  readonly table: RouteTable | undefined;
  readonly route: TableRoute | undefined;
  readonly origin: Origin | undefined;
  /** Set when it is not certain that this route exists or covers these addresses. */
  readonly doubt: Missing | undefined;
}

/** The routes of a table, tags expanded where the published list is known. */
export function userRoutes(table: RouteTable, tags: ServiceTags): RouteCandidate[] {
  return table.routes.flatMap((route) => {
    const candidate = (range: AddressRange, order: number, doubt: Missing | undefined): RouteCandidate => ({
      range,
      prefix: route.addressPrefix,
      // A tag whose prefixes are not known may hold a longer one than any other route.
      length: doubt === undefined ? (prefixLength(range) ?? 0) : Number.MAX_SAFE_INTEGER,
      order,
      nextHopType: route.nextHopType,
      nextHopIpAddress: route.nextHopIpAddress,
      chosenFrom: "user",
      table,
      route,
      origin: route.source,
      doubt,
    });
    const range = parseRange(route.addressPrefix);
    if (range !== undefined) return [candidate(range, 0, undefined)];
    const listed = tags.publishedPrefixList(route.addressPrefix);
    if (listed !== undefined)
      return listed.map((part) => candidate(part, tagOrder(route.addressPrefix), undefined));
    const { possible, missing } = tags.cover(
      route.addressPrefix,
      { virtualNetwork: undefined, loneSubnet: undefined, routeTable: undefined },
      false,
    );
    return possible.map((part) => candidate(part, tagOrder(route.addressPrefix), missing));
  });
}

/** Explicit prefix, then regional tag, tag, regional AzureCloud, AzureCloud (§2.3). */
function tagOrder(tag: string): number {
  const regional = tag.includes(".");
  const cloud = /^azurecloud(\.|$)/i.test(tag);
  return cloud ? (regional ? 3 : 4) : regional ? 1 : 2;
}

/** A system route among the others. */
export function systemCandidate({ range, nextHopType, origin, doubt }: SystemRoute): RouteCandidate {
  return {
    range,
    prefix: formatRange(range),
    length: prefixLength(range) ?? 0,
    order: nextHopType === "None" ? 6 : 5,
    nextHopType,
    nextHopIpAddress: undefined,
    chosenFrom: "system",
    table: undefined,
    route: undefined,
    origin,
    doubt,
  };
}

/** A route that a virtual network gateway was seen to teach: after those of tables, before the system's. */
export function learnedCandidates(learned: readonly LearnedRoute[]): RouteCandidate[] {
  return learned.flatMap(({ prefix, origin }): RouteCandidate[] => {
    const range = parseRange(prefix);
    if (range === undefined) return [];
    const nextHopType = "VirtualNetworkGateway";
    const from = { table: undefined, route: undefined, doubt: undefined, origin };
    const length = prefixLength(range) ?? 0;
    const hop = { nextHopType, nextHopIpAddress: undefined, chosenFrom: "effective" } as const;
    return [{ range, prefix, length, order: 4.5, ...hop, ...from }];
  });
}

/** Which of a service's prefixes a subnet gets depends on regions, so these routes are always in doubt. */
export function serviceEndpointRoutes(
  serviceEndpoints: readonly string[],
  tags: ServiceTags,
  place: TagPlace,
): RouteCandidate[] {
  return serviceEndpoints.flatMap((service) => {
    const tag = serviceEndpointTag(service);
    return tags.cover(tag, place, false).possible.map((range) => ({
      ...systemCandidate({ range, nextHopType: "VirtualNetworkServiceEndpoint" }),
      prefix: tag,
      length: Number.MAX_SAFE_INTEGER,
      doubt: {
        what: `which addresses the service endpoint ${service} takes over (effective routes)`,
        type: "microsoft.network/servicetags",
        resourceId: undefined,
      },
    }));
  });
}
