import type { EffectiveRoutes, VirtualNetwork } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import type { LearnedRoute } from "./service-tags.ts";

/** The routes in effect at interfaces of one network, as far as they were exported. */
export function effectiveRoutesIn(
  virtualNetwork: VirtualNetwork,
  tables: readonly EffectiveRoutes[],
): readonly EffectiveRoutes[] {
  if (tables.length === 0) return [];
  const subnets = new Set(virtualNetwork.subnets.map(({ id }) => idKey(id)));
  return tables.filter(({ networkInterface }) =>
    networkInterface?.target?.ipConfigurations.some(
      ({ subnet }) => subnet !== undefined && subnets.has(idKey(subnet.id)),
    ),
  );
}

/** A table without propagation on the interface's own subnet hides learned routes there: that proves nothing. */
export function showsLearnedRoutes({ networkInterface }: EffectiveRoutes): boolean {
  return (networkInterface?.target?.ipConfigurations ?? []).some(
    ({ subnet }) =>
      subnet?.target !== undefined &&
      (subnet.target.routeTable === undefined ||
        subnet.target.routeTable.target?.disableBgpRoutePropagation === false),
  );
}

/**
 * The routes that virtual network gateways teach a network, where the routes in effect at one of its interfaces show
 * them; every subnet with propagation gets the same. Undefined = nothing that was exported shows them.
 */
export function learnedRoutesSeen(
  virtualNetwork: VirtualNetwork,
  tables: readonly EffectiveRoutes[],
): readonly LearnedRoute[] | undefined {
  const telling = effectiveRoutesIn(virtualNetwork, tables).filter(showsLearnedRoutes);
  if (telling.length === 0) return undefined;
  const learned = telling
    .flatMap(({ routes }) => routes)
    .filter(({ origin }) => /^virtualnetworkgateway$/i.test(origin))
    .flatMap(({ addressPrefixes, source }) => addressPrefixes.map((prefix) => ({ prefix, origin: source })));
  return [...new Map(learned.map((route) => [route.prefix, route])).values()];
}
