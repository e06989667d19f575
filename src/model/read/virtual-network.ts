import type { Peering, Subnet, VirtualNetwork } from "../network.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Draft } from "./draft.ts";
import type { Links } from "./links.ts";

/** Reads a `Microsoft.Network/virtualNetworks` record with its subnets and peerings (network.md §5, §6). */
export function readVirtualNetwork(record: ResourceRecord, { links, network }: Draft): void {
  const { source } = record;
  const subnets: Subnet[] = [];
  const peerings: Peering[] = [];
  const virtualNetwork: VirtualNetwork = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    location: source.text("location"),
    addressPrefixes: source.object("addressSpace")?.texts("addressPrefixes") ?? [],
    dnsServers: source.object("dhcpOptions")?.texts("dnsServers") ?? [],
    subnets,
    peerings,
  };
  for (const item of source.objects("subnets")) {
    const id = item.text("id") ?? `${record.id}/subnets/${item.text("name") ?? ""}`;
    subnets.push(readSubnet(id, item, virtualNetwork, links));
  }
  for (const item of source.objects("virtualNetworkPeerings")) {
    const id = item.text("id") ?? `${record.id}/virtualNetworkPeerings/${item.text("name") ?? ""}`;
    peerings.push(readPeering(id, item, links));
  }
  links.define("virtualNetwork", record.id, virtualNetwork);
  network.virtualNetworks.push(virtualNetwork);
  for (const subnet of subnets) network.subnets.push(subnet);
}

/** A subnet exported without its virtual network (`az network vnet subnet show`). */
export function readLoneSubnet(record: ResourceRecord, { links, network }: Draft): void {
  network.subnets.push(readSubnet(record.id, record.source, undefined, links));
}

function readSubnet(
  id: string,
  source: Source,
  virtualNetwork: VirtualNetwork | undefined,
  links: Links,
): Subnet {
  const subnet: Subnet = {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    virtualNetwork,
    addressPrefixes: prefixesOf(source, "addressPrefix", "addressPrefixes"),
    networkSecurityGroup: links.reference("networkSecurityGroup", source, "networkSecurityGroup"),
    routeTable: links.reference("routeTable", source, "routeTable"),
    natGateway: links.reference("natGateway", source, "natGateway"),
    serviceEndpoints: source.list("serviceEndpoints").flatMap((item) => textOr(item, "service")),
    delegations: source.list("delegations").flatMap((item) => textOr(item, "serviceName")),
    privateEndpointNetworkPolicies: source.text("privateEndpointNetworkPolicies") ?? "Disabled",
    defaultOutboundAccess: source.boolean("defaultOutboundAccess"),
  };
  links.define("subnet", id, subnet);
  return subnet;
}

function readPeering(id: string, source: Source, links: Links): Peering {
  const remote = source.object("remoteAddressSpace") ?? source.object("remoteVirtualNetworkAddressSpace");
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    remoteVirtualNetwork: links.reference("virtualNetwork", source, "remoteVirtualNetwork"),
    peeringState: source.text("peeringState"),
    peeringSyncLevel: source.text("peeringSyncLevel"),
    allowVirtualNetworkAccess: source.boolean("allowVirtualNetworkAccess") ?? true,
    allowForwardedTraffic: source.boolean("allowForwardedTraffic") ?? false,
    allowGatewayTransit: source.boolean("allowGatewayTransit") ?? false,
    useRemoteGateways: source.boolean("useRemoteGateways") ?? false,
    remoteAddressPrefixes: remote?.texts("addressPrefixes") ?? [],
  };
}

/** Azure fills one of a singular and a plural field and prints the other as absent, null, "" or []. */
export function prefixesOf(source: Source, singular: string, plural: string): string[] {
  // PowerShell dumps hold a list in the singular field.
  return [...new Set([...source.texts(singular), ...source.texts(plural)])].filter((text) => text !== "");
}

/** Lists of objects with one telling field are sometimes cut down to lists of that text. */
function textOr(item: Source, field: string): string[] {
  const text = typeof item.value === "string" ? item.value : item.text(field);
  return text ? [text] : [];
}
