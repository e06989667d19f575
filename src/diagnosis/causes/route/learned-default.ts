import type { Gateway } from "../../../model/gateway.ts";
import type { EffectiveRoute, Peering, VirtualNetwork } from "../../../model/network.ts";
import { idKey, type Resource } from "../../../model/resource.ts";
import type { Origin } from "../../../model/source.ts";
import { effectiveRoutesIn, showsLearnedRoutes } from "../../../network/learned-routes.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import { defaultRouteOf } from "./default-route.ts";

/** Who could teach the gateway's network a default route, and whether it was seen to. */
export interface Teacher {
  readonly network: VirtualNetwork;
  readonly via:
    | { readonly kind: "gateway"; readonly gateway: Resource | undefined; readonly origin: Origin }
    | { readonly kind: "peering"; readonly peering: Peering }
    | { readonly kind: "hub"; readonly peering: Peering };
  /** The default route in effect at an interface of the same network, when effective routes were exported. */
  readonly seen: EffectiveRoute | undefined;
  /** Effective routes of the network were exported and show no learned default route. */
  readonly seenOtherwise: boolean;
}

/**
 * Undefined where a learned default route cannot reach the gateway subnet: v1 and isolated gateways do not mind it, a
 * default route of its own wins over it, and a table without propagation keeps it out (network.md §5).
 */
export function teacherOf(gateway: Gateway, network: Facets["network"]): Teacher | undefined {
  if (gateway.generation !== "v2" || isIsolated(gateway)) return undefined;
  const subnet = gateway.subnet?.target;
  const virtualNetwork = subnet?.virtualNetwork;
  if (subnet === undefined || virtualNetwork === undefined) return undefined;
  if (defaultRouteOf(gateway) !== undefined || subnet.routeTable?.target?.disableBgpRoutePropagation) {
    return undefined;
  }
  const via = viaOf(virtualNetwork, network);
  return via === undefined ? undefined : { network: virtualNetwork, via, ...seenIn(virtualNetwork, network) };
}

function viaOf(virtualNetwork: VirtualNetwork, network: Facets["network"]): Teacher["via"] | undefined {
  const hub = virtualNetwork.peerings.find(isHubPeering);
  if (hub !== undefined) return { kind: "hub", peering: hub };
  const own = virtualNetwork.subnets.find(({ name }) => /^(gatewaysubnet|routeserversubnet)$/i.test(name));
  if (own !== undefined) {
    const gateway = network.virtualNetworkGateways.find(({ subnetIds }) =>
      subnetIds.some((id) => idKey(id) === idKey(own.id)),
    );
    return { kind: "gateway", gateway, origin: own.source };
  }
  const peering = virtualNetwork.peerings.find(
    ({ useRemoteGateways, peeringState }) =>
      useRemoteGateways && peeringState?.toLowerCase() !== "disconnected",
  );
  return peering === undefined ? undefined : { kind: "peering", peering };
}

/** A virtual hub peers from a network of its own, whose name and resource group Azure makes up (`HV_…`, `RG_…`). */
function isHubPeering({ name, remoteVirtualNetwork }: Peering): boolean {
  const id = remoteVirtualNetwork?.id ?? "";
  return (
    /\/virtualHubs\//i.test(id) ||
    /\/virtualNetworks\/HV_/i.test(id) ||
    /^RemoteVnetToHubPeering_/i.test(name)
  );
}

function seenIn(
  virtualNetwork: VirtualNetwork,
  network: Facets["network"],
): Pick<Teacher, "seen" | "seenOtherwise"> {
  const tables = effectiveRoutesIn(virtualNetwork, network.effectiveRoutes);
  const seen = tables
    .flatMap(({ routes }) => routes)
    .find(
      ({ addressPrefixes, origin }) =>
        addressPrefixes.includes("0.0.0.0/0") && /^virtualnetworkgateway$/i.test(origin),
    );
  const telling = tables.some(showsLearnedRoutes);
  return { seen, seenOtherwise: seen === undefined && telling };
}
