import type { DnsRecordSet, PrivateDnsZone, VirtualNetworkLink } from "../model/dns.ts";
import { idKey } from "../model/resource.ts";
import type { Verdict } from "./verdict.ts";

/** Private zones by name, to find those that cover a name. */
export class PrivateZones {
  private readonly byName = new Map<string, PrivateDnsZone[]>();

  constructor(zones: readonly PrivateDnsZone[]) {
    for (const zone of zones) {
      const list = this.byName.get(zone.zoneName);
      if (list === undefined) this.byName.set(zone.zoneName, [zone]);
      else list.push(zone);
    }
  }

  /** The zones a name lies in, the most specific first: that one answers, and no other is asked (network.md §3). */
  covering(name: string): readonly PrivateDnsZone[] {
    const labels = name.split(".");
    return labels.flatMap((_, start) => this.byName.get(labels.slice(start).join(".")) ?? []);
  }
}

export interface ZoneLink {
  readonly verdict: Verdict;
  readonly link: VirtualNetworkLink | undefined;
}

/** Whether names of the zone are answered in a network. */
export function zoneLink(zone: PrivateDnsZone, networkId: string): ZoneLink {
  const link = zone.links.find(({ virtualNetworkId }) => idKey(virtualNetworkId) === idKey(networkId));
  if (link === undefined) return { verdict: zone.linksExported ? "no" : "unknown", link };
  const { linkState } = link;
  const completed = linkState === undefined || linkState.toLowerCase() === "completed";
  return { verdict: completed ? "yes" : "unknown", link };
}

/** What a zone has for a name: its records, certainly nothing, or undefined when its records were not exported. */
export function recordsFor(zone: PrivateDnsZone, name: string): readonly DnsRecordSet[] | undefined {
  const relative = name === zone.zoneName ? "@" : name.slice(0, -zone.zoneName.length - 1);
  const exact = zone.records.filter((record) => record.name === relative);
  if (exact.length > 0) return exact;
  if (!zone.recordsExported) return undefined;
  return relative === "@" ? [] : wildcardFor(zone, relative);
}

/** RFC 4592: the wildcard of the closest name that exists, and only that one. */
function wildcardFor(zone: PrivateDnsZone, relative: string): readonly DnsRecordSet[] {
  const labels = relative.split(".");
  const exists = (name: string) =>
    zone.records.some((record) => record.name === name || record.name.endsWith(`.${name}`));
  if (exists(relative)) return [];
  for (let start = 1; start <= labels.length; start++) {
    const encloser = labels.slice(start).join(".");
    if (encloser !== "" && !exists(encloser)) continue;
    const wildcard = encloser === "" ? "*" : `*.${encloser}`;
    return zone.records.filter((record) => record.name === wildcard);
  }
  return [];
}
