import type { ProbePlan } from "../health/probe-plan.ts";
import type { ProbeVerdict } from "../health/probe-verdict.ts";
import type { Gateway } from "../model/gateway.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import type { Pair, Route, Server } from "../routing/routes.ts";

/** One probe as it is planned; `PlannedProbe` of the probe room fits. */
export interface ProbeShown {
  readonly server: Server;
  readonly plan: ProbePlan;
  readonly pairs: readonly Pair[];
}

/** Why a probe was not sent. */
export type NotSentWhy =
  | "address-unknown"
  | "port-unknown"
  | "host-rejected"
  | "host-unknown"
  | "not-writable"
  | "port-not-mapped"
  | "interrupted";

/** What became of it; `ProbeResult` of the probe room fits. */
export type ProbeEnd =
  | { readonly sent: true; readonly observation: ProbeObservation; readonly verdict: ProbeVerdict }
  | { readonly sent: false; readonly why: NotSentWhy };

/** What is to be sent for one gateway. */
export interface ProbePlans {
  readonly gateway: Gateway;
  readonly fromAddress: string | undefined;
  readonly probes: readonly ProbeShown[];
  readonly withoutServer: readonly {
    readonly route: Route;
    readonly why: "redirect" | "nothing-behind" | "pool-empty";
  }[];
}

/** And what came of it, in the same order. */
export interface ProbeReport extends ProbePlans {
  readonly ends: readonly ProbeEnd[];
}
