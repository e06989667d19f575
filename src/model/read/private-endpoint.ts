import type { PrivateEndpoint } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Draft } from "./draft.ts";
import type { Links } from "./links.ts";
import { idsIn } from "./network-interface.ts";

/** Reads a `Microsoft.Network/privateEndpoints` record (network.md §4). */
export function readPrivateEndpoint({ id, source }: ResourceRecord, links: Links): PrivateEndpoint {
  const connections = [
    ...source.objects("privateLinkServiceConnections"),
    ...source.objects("manualPrivateLinkServiceConnections"),
  ];
  const dnsConfigs = source.objects("customDnsConfigs").map((item) => ({
    fqdn: (item.text("fqdn") ?? "").toLowerCase(),
    ipAddresses: item.texts("ipAddresses"),
  }));
  const staticAddresses = source
    .objects("ipConfigurations")
    .flatMap((item) => item.text("privateIPAddress") || []);
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    subnet: links.reference("subnet", source, "subnet"),
    privateIpAddresses: distinct([
      ...staticAddresses,
      ...embeddedAddresses(source),
      ...dnsConfigs.flatMap(({ ipAddresses }) => ipAddresses),
    ]),
    dnsConfigs,
    targetIds: distinct(connections.flatMap((item) => item.text("privateLinkServiceId") || [])),
    connectionState: connections
      .map((item) => item.object("privateLinkServiceConnectionState")?.text("status"))
      .find((status) => status !== undefined),
    location: source.text("location"),
  };
}

/** Expanded exports carry the interface itself where others have its id alone. */
function embeddedAddresses(source: Source): string[] {
  return source
    .objects("networkInterfaces")
    .flatMap((item) => item.objects("ipConfigurations").flatMap((one) => one.text("privateIPAddress") || []));
}

/** An endpoint's interface, when it was exported, is the surest source of its addresses. */
export function joinPrivateEndpoints({ network, links }: Draft): void {
  for (const endpoint of network.privateEndpoints) {
    const found = idsIn(endpoint.source, "networkInterfaces").flatMap(
      (id) => links.get("networkInterface", id)?.ipConfigurations ?? [],
    );
    const addresses = found.flatMap(({ privateIpAddress }) => privateIpAddress ?? []);
    if (addresses.length === 0) continue;
    Object.assign(endpoint, { privateIpAddresses: distinct([...endpoint.privateIpAddresses, ...addresses]) });
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
