import type { PrivateEndpoint } from "../model/hosts.ts";
import type { EffectiveRoutes } from "../model/network.ts";
import type { AddressSet } from "./address-sets.ts";
import { type AddressRange, isPrivateAddress, parseRange, prefixLength } from "./addresses.ts";
import type { RouteHop } from "./path.ts";
import { setOfPrefixes } from "./peerings.ts";
import { endpointRoutes } from "./private-endpoints.ts";
import {
  learnedCandidates,
  type RouteCandidate,
  serviceEndpointRoutes,
  systemCandidate,
  userRoutes,
} from "./route-candidates.ts";
import { type Covering, type Segments, sweep } from "./segments.ts";
import { isPropagated, learnedRoutesAt, networkOf, type ServiceTags, type TagPlace } from "./service-tags.ts";
import { systemRoutes } from "./system-routes.ts";
import type { Missing } from "./verdict.ts";

/** The route a subnet's packets take, for one elementary interval of destinations (network.md §2). */
export interface RouteChoice
  extends Pick<
    RouteHop,
    | "verdict"
    | "prefix"
    | "nextHopType"
    | "nextHopIpAddress"
    | "chosenFrom"
    | "table"
    | "route"
    | "learnedRoutesPossible"
    | "reason"
    | "origin"
  > {
  readonly missing: readonly Missing[];
}

export interface RoutingContext {
  readonly place: TagPlace;
  /** e.g. `Microsoft.Web` */
  readonly serviceEndpoints: readonly string[];
  readonly privateEndpoints: readonly PrivateEndpoint[];
  readonly tags: ServiceTags;
}

/** Compiles what the configuration says about the routes of a subnet: system, peering and user-defined ones. */
export function compileRoutes(context: RoutingContext): Segments<RouteChoice> {
  const { virtualNetwork, loneSubnet, routeTable, learned: seen } = context.place;
  if (virtualNetwork === undefined) return constantly(unknownRoute([networkOf(loneSubnet)]));
  const learned = learnedRoutesAt(virtualNetwork, routeTable, seen);
  if (routeTable !== undefined && routeTable.target === undefined) {
    return constantly(unknownRoute(learned === undefined ? [] : [learned]));
  }
  const candidates = [
    ...(routeTable?.target === undefined ? [] : userRoutes(routeTable.target, context.tags)),
    ...endpointRoutes(virtualNetwork, context.privateEndpoints).map(systemCandidate),
    ...systemRoutes(virtualNetwork).map(systemCandidate),
    ...(isPropagated(routeTable) ? learnedCandidates(seen ?? []) : []),
    ...serviceEndpointRoutes(context.serviceEndpoints, context.tags, context.place),
  ];
  const own = setOfPrefixes(virtualNetwork.addressPrefixes);
  return sweepCandidates(candidates, learned, own);
}

/** Compiles the effective routes of a network interface: what Azure itself says it applies there. */
export function compileEffectiveRoutes(effective: EffectiveRoutes): Segments<RouteChoice> {
  const candidates = effective.routes
    .filter(({ active }) => active)
    .flatMap((route) =>
      route.addressPrefixes.flatMap((prefix): RouteCandidate[] => {
        const range = parseRange(prefix);
        if (range === undefined) return [];
        return [
          {
            range,
            prefix,
            length: prefixLength(range) ?? 0,
            order: route.origin.toLowerCase() === "user" ? 0 : 5,
            nextHopType: route.nextHopType,
            nextHopIpAddress: route.nextHopIpAddresses[0],
            chosenFrom: "effective",
            table: undefined,
            route: undefined,
            origin: route.source,
            doubt: undefined,
          },
        ];
      }),
    );
  return sweepCandidates(candidates, undefined, undefined);
}

/** A route that cannot be told, at either end. */
export function unknownRoute(missing: readonly Missing[]): RouteChoice {
  return {
    verdict: "unknown",
    prefix: "",
    nextHopType: "Unknown",
    nextHopIpAddress: undefined,
    chosenFrom: "unknown",
    table: undefined,
    route: undefined,
    learnedRoutesPossible: false,
    reason: undefined,
    origin: undefined,
    missing,
  };
}

/** What becomes of a packet, in the terms of the symmetry test (§2.5). */
export function effectOf(nextHopType: string, nextHopIpAddress: string | undefined): string {
  switch (nextHopType.toLowerCase()) {
    case "vnetlocal":
    case "virtualnetwork":
    case "vnetpeering":
    case "vnetglobalpeering":
    case "interfaceendpoint":
    case "connectedgroup":
      return "direct";
    case "internet":
    case "virtualnetworkserviceendpoint":
      return "out";
    case "virtualappliance":
      return `appliance ${nextHopIpAddress ?? "?"}`;
    case "virtualnetworkgateway":
      return "gateway";
    case "none":
      return "none";
    default:
      return "unknown";
  }
}

function constantly(choice: RouteChoice): Segments<RouteChoice> {
  return sweep<never, RouteChoice>([], () => choice);
}

function sweepCandidates(
  candidates: readonly RouteCandidate[],
  learned: Missing | undefined,
  own: AddressSet | undefined,
): Segments<RouteChoice> {
  const coverings: Covering<RouteCandidate>[] = [...candidates]
    .sort((a, b) => b.length - a.length || a.order - b.order)
    .map((value) => ({ ranges: [value.range], value }));
  return sweep(coverings, (active, range) => choose(active, range, learned, own));
}

/** Longest prefix, then precedence; a route in doubt that would change what happens makes the choice unknown. */
function choose(
  active: readonly RouteCandidate[],
  range: AddressRange,
  learned: Missing | undefined,
  own: AddressSet | undefined,
): RouteChoice {
  const doubtful: RouteCandidate[] = [];
  const nearby = active.some(isNearby);
  for (const candidate of active) {
    if (nearby && candidate.chosenFrom === "effective") continue;
    if (candidate.doubt !== undefined) {
      doubtful.push(candidate);
      continue;
    }
    const effect = effectOf(candidate.nextHopType, candidate.nextHopIpAddress);
    const differing = doubtful.filter(
      (other) => effectOf(other.nextHopType, other.nextHopIpAddress) !== effect,
    );
    if (differing.length > 0) return unknownRoute(differing.flatMap(({ doubt }) => doubt ?? []));
    return chosen(candidate, effect, range, nearby ? undefined : learned, own);
  }
  return unknownRoute(doubtful.flatMap(({ doubt }) => doubt ?? []));
}

/** Learned routes never win over those of networks, peerings and endpoints, however specific they are (§2.3). */
function isNearby({ chosenFrom, nextHopType, nextHopIpAddress, doubt }: RouteCandidate): boolean {
  return (
    chosenFrom === "system" && doubt === undefined && effectOf(nextHopType, nextHopIpAddress) === "direct"
  );
}

function chosen(
  candidate: RouteCandidate,
  effect: string,
  range: AddressRange,
  learned: Missing | undefined,
  own: AddressSet | undefined,
): RouteChoice {
  const { prefix, nextHopType, nextHopIpAddress, chosenFrom, table, route, origin } = candidate;
  const longest = candidate.length === (range.family === 4 ? 32 : 128);
  const learnedRoutesPossible = learned !== undefined && !longest;
  const base = {
    prefix,
    nextHopType,
    nextHopIpAddress,
    chosenFrom,
    table,
    route,
    origin,
    learnedRoutesPossible,
  };
  const isPrivate = isPrivateAddress({ family: range.family, value: range.first });
  const known = (verdict: RouteChoice["verdict"], reason?: RouteChoice["reason"]): RouteChoice => ({
    ...base,
    verdict,
    reason,
    missing: [],
  });
  const open = (missing: Missing | undefined): RouteChoice => ({
    ...base,
    verdict: "unknown",
    reason: undefined,
    missing: missing === undefined ? [] : [missing],
  });
  switch (effect) {
    case "none":
      if (learnedRoutesPossible) return open(learned);
      return known("no", chosenFrom === "system" ? "no-private-path" : "none-next-hop");
    case "gateway":
      return open(learned ?? beyondGateway(prefix));
    case "out":
      return isPrivate ? open(undefined) : known("yes");
    case "direct":
      return chosenFrom === "user" && !staysInside(range, own) ? open(undefined) : known("yes");
    case "unknown":
      return open(undefined);
    default:
      return known("yes");
  }
}

/** A user-defined VnetLocal route delivers only what lies in the network. */
function staysInside(range: AddressRange, own: AddressSet | undefined): boolean {
  return (own ?? []).some(
    (part) => part.family === range.family && part.first <= range.first && range.last <= part.last,
  );
}

function beyondGateway(prefix: string): Missing {
  return {
    what: `where the virtual network gateway sends ${prefix}`,
    type: "microsoft.network/virtualnetworkgateways",
    resourceId: undefined,
  };
}
