import type { Change } from "../../../model/change.ts";
import type { PrivateDnsZone } from "../../../model/dns.ts";
import type { VirtualNetwork } from "../../../model/network.ts";
import { idKey } from "../../../model/resource.ts";
import { relativeName } from "./private-name.ts";

/** Links a zone to a network, so that 168.63.129.16 answers from it there. */
export function linkZone(zone: Pick<PrivateDnsZone, "id">, network: VirtualNetwork): Change {
  return {
    action: "create",
    resourceId: `${zone.id}/virtualNetworkLinks/link-${network.name}`,
    body: {
      location: "global",
      virtualNetwork: { id: network.id },
      registrationEnabled: false,
    },
  };
}

export function isLinked({ links }: PrivateDnsZone, network: VirtualNetwork): boolean {
  return links.some(({ virtualNetworkId }) => idKey(virtualNetworkId) === idKey(network.id));
}

export function addressRecord(
  zone: Pick<PrivateDnsZone, "id" | "zoneName">,
  name: string,
  address: string,
): Change {
  return {
    action: "create",
    resourceId: `${zone.id}/A/${relativeName(zone.zoneName, name)}`,
    body: { ttl: 300, aRecords: [{ ipv4Address: address }] },
  };
}

/** A new zone in the resource group of the network it is for. */
export function newZone(
  network: VirtualNetwork,
  zoneName: string,
): { zone: Pick<PrivateDnsZone, "id" | "zoneName">; change: Change } | undefined {
  const group = /^(.*)\/providers\/Microsoft\.Network\/virtualNetworks\//i.exec(network.id)?.[1];
  if (group === undefined) return undefined;
  const id = `${group}/providers/Microsoft.Network/privateDnsZones/${zoneName}`;
  return {
    zone: { id, zoneName },
    // A new zone is empty but for what is made in it.
    change: { action: "create", resourceId: id, body: { location: "global" } },
  };
}
