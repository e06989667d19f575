import type { Origin } from "../model/source.ts";

/** Yes, no, or could not tell. The third is a result of its own, never a weak no. */
export type Verdict = "yes" | "no" | "unknown";

/** A document that would settle what could not be told. */
export interface Missing {
  /** What is not known for want of it, e.g. "which rules apply at the network interface of 10.1.0.4". */
  readonly what: string;
  /** Lower-case resource type or document kind that would settle it, e.g. `microsoft.network/networksecuritygroups`. */
  readonly type: string;
  /** The resource to export, when known. */
  readonly resourceId: string | undefined;
}

/** One sentence with the place that decides it. */
export interface Statement {
  readonly says: string;
  readonly origin: Origin | undefined;
}
