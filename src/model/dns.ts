import type { Resource } from "./resource.ts";
import type { Source } from "./source.ts";

/** A private DNS zone with everything of it that was exported. */
export interface PrivateDnsZone extends Resource {
  /** Lower case, no trailing dot. */
  readonly zoneName: string;
  readonly links: readonly VirtualNetworkLink[];
  /** False when no link list of this zone was among the documents: then "not linked" cannot be said. */
  readonly linksExported: boolean;
  readonly records: readonly DnsRecordSet[];
  /** False when no record-set list of this zone was among the documents. */
  readonly recordsExported: boolean;
}

export interface VirtualNetworkLink extends Resource {
  readonly virtualNetworkId: string;
  /** `Completed` when in effect. */
  readonly linkState: string | undefined;
  /** `Default` | `NxDomainRedirect` */
  readonly resolutionPolicy: string | undefined;
}

export interface DnsRecordSet {
  /** Relative name in lower case; `@` for the zone itself, `*` for the wildcard. */
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME";
  /** Addresses, or the one canonical name. */
  readonly values: readonly string[];
  readonly ttlS: number | undefined;
  readonly source: Source;
}
