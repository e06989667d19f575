import type { DnsRecordSet, PrivateDnsZone, VirtualNetworkLink } from "../dns.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { PartsApart } from "./composed-source.ts";
import type { Links } from "./links.ts";

const addressTypes = ["A", "AAAA", "CNAME"] as const;

/**
 * Reads a `Microsoft.Network/privateDnsZones` record. Links and record sets are always exported apart from it, and
 * stand below it as `virtualNetworkLinks`, `A`, `AAAA` and so on (network.md §3).
 */
export function readPrivateDnsZone(record: ResourceRecord, parts: PartsApart, links: Links): PrivateDnsZone {
  const { id, source } = record;
  const below = [...parts.below(id)];
  const networkLinks = source.objects("virtualNetworkLinks").map((item) => readNetworkLink(id, item));
  const zone: PrivateDnsZone = {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    zoneName: (source.text("name") ?? nameOfId(id)).toLowerCase().replace(/\.$/, ""),
    links: networkLinks,
    linksExported:
      below.some((part) => isLink(part) && part.listed === true) ||
      Array.isArray(source.peek("virtualNetworkLinks")) ||
      countsAgree(source.number("numberOfVirtualNetworkLinks"), networkLinks.length),
    records: addressTypes.flatMap((type) =>
      source.objects(type).flatMap((item) => readRecordSet(id, type, item) ?? []),
    ),
    recordsExported: areRecordsWhole(
      source,
      below.filter((part) => !isLink(part)),
    ),
  };
  links.define("privateDnsZone", id, zone);
  return zone;
}

/**
 * Whether a record that is not among them does not exist. `record-set list` gives every type, the start of authority,
 * which every zone has, among them; `record-set a list` leaves the aliases out. The zone's own count settles it, too.
 */
function areRecordsWhole(zone: Source, recordSets: readonly ResourceRecord[]): boolean {
  const types = new Set(recordSets.filter(({ listed }) => listed).map(({ type }) => type.split("/").at(-1)));
  if (types.has("soa") || types.size > 1) return true;
  const others = recordSets.filter(({ type }) => !type.endsWith("/soa")).length;
  return countsAgree(zone.number("numberOfRecordSets"), others + 1);
}

function countsAgree(counted: number | undefined, known: number): boolean {
  return counted !== undefined && known >= counted;
}

function isLink({ type }: ResourceRecord): boolean {
  return type.endsWith("/virtualnetworklinks");
}

function readNetworkLink(zoneId: string, source: Source): VirtualNetworkLink {
  const id = source.text("id") ?? `${zoneId}/virtualNetworkLinks/${source.text("name") ?? ""}`;
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    virtualNetworkId: source.referenceId("virtualNetwork") ?? "",
    linkState: source.text("virtualNetworkLinkState"),
    resolutionPolicy: source.text("resolutionPolicy"),
  };
}

function readRecordSet(zoneId: string, type: DnsRecordSet["type"], source: Source): DnsRecordSet {
  const name = source.text("name") ?? nameOfId(source.text("id") ?? zoneId);
  return {
    name: name.toLowerCase(),
    type,
    values: valuesOf(type, source),
    ttlS: source.number("ttl"),
    source,
  };
}

function valuesOf(type: DnsRecordSet["type"], source: Source): string[] {
  if (type === "CNAME") {
    const alias = source.object("cnameRecord")?.text("cname");
    return alias ? [alias.toLowerCase().replace(/\.$/, "")] : [];
  }
  const [list, field] = type === "A" ? ["aRecords", "ipv4Address"] : ["aaaaRecords", "ipv6Address"];
  return source.list(list as string).flatMap((item) => {
    const address = typeof item.value === "string" ? item.value : item.text(field as string);
    return address ? [address] : [];
  });
}
