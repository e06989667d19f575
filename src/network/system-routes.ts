import type { Peering, VirtualNetwork } from "../model/network.ts";
import type { Origin } from "../model/source.ts";
import { type AddressRange, allIpv4, allIpv6, parseRange, privateAddressRanges } from "./addresses.ts";
import { isConnected, peeredAddresses } from "./peerings.ts";
import type { Missing } from "./verdict.ts";

/** A route Azure adds itself. */
export interface SystemRoute {
  readonly range: AddressRange;
  readonly nextHopType: string;
  readonly origin?: Origin | undefined;
  readonly doubt?: Missing | undefined;
}

/** System routes of network.md §2.2, except those of private and service endpoints. */
export function systemRoutes(virtualNetwork: VirtualNetwork): SystemRoute[] {
  const routes: SystemRoute[] = virtualNetwork.addressPrefixes
    .flatMap((text) => parseRange(text) ?? [])
    .map((range) => ({
      range,
      nextHopType: "VnetLocal",
      origin: virtualNetwork.source.at("addressSpace"),
    }));
  for (const peering of virtualNetwork.peerings) {
    const connected = isConnected(peering);
    if (connected === "no") continue;
    for (const range of peeredAddresses(peering)) {
      routes.push({
        range,
        nextHopType: peeringHopType(virtualNetwork, peering),
        origin: peering.source,
        doubt: connected === "unknown" ? peeringState(virtualNetwork, peering) : undefined,
      });
    }
  }
  for (const range of privateAddressRanges) routes.push({ range, nextHopType: "None" });
  for (const range of [allIpv4, allIpv6]) routes.push({ range, nextHopType: "Internet" });
  return routes;
}

function peeringHopType(local: VirtualNetwork, peering: Peering): string {
  const remote = peering.remoteVirtualNetwork?.target?.location;
  const isGlobal =
    remote !== undefined && local.location !== undefined && !sameRegion(remote, local.location);
  return isGlobal ? "VNetGlobalPeering" : "VNetPeering";
}

function sameRegion(a: string, b: string): boolean {
  const key = (text: string) => text.toLowerCase().replaceAll(" ", "");
  return key(a) === key(b);
}

function peeringState(local: VirtualNetwork, peering: Peering): Missing {
  return {
    what: `whether peering ${peering.name} of ${local.name} is connected`,
    type: "microsoft.network/virtualnetworks",
    resourceId: local.id,
  };
}
