import type { Missing, Statement, Verdict } from "./verdict.ts";

/** What the gateway would get for a name, from configuration alone (network.md §3, health-probes.md §6). */
export interface NameAnswer {
  readonly name: string;
  /** yes = resolves to `addresses`; no = certainly fails; unknown = the public DNS or a custom server decides. */
  readonly verdict: Verdict;
  readonly addresses: readonly string[];
  readonly answeredBy: "private-zone" | "public-dns" | "custom-servers" | "azure-dns" | undefined;
  readonly reason: NameReason | undefined;
  /** The steps, each with its place. */
  readonly steps: readonly Statement[];
  readonly missing: readonly Missing[];
}

export type NameReason =
  /** A linked private zone covers the name and has no record (network.md §3). */
  | "zone-has-no-record"
  /** The zone with the record exists and is not linked to the resolving network. */
  | "zone-not-linked"
  /** A private name, zones were listed, and none covers it. */
  | "zone-missing"
  /** No dot: resolves only inside one network or through a suitable custom server. */
  | "single-label"
  /** The custom servers cannot be reached from the gateway subnet. */
  | "servers-unreachable"
  /** A name under a zone that only exists privately, asked at custom servers nobody can see into. */
  | "custom-servers-decide";
