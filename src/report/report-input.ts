import type { Diagnosis } from "../diagnosis/diagnose.ts";
import type { CommandContext } from "../diagnosis/fixes/commands.ts";

/** What became of one input; `DocumentNote` of the documents room fits. */
export interface ReadDocument {
  readonly path: string;
  readonly kind: string;
  readonly used: boolean;
  readonly note: string;
}

/** What was sent for one gateway beside the reading of documents. */
export interface SentForGateway {
  readonly gatewayId: string;
  readonly probes: number;
  readonly requests: number;
  readonly experiments: {
    readonly made: number;
    /** Wanted in the end, and not made for the kind of experiment, the number or the time that was allowed. */
    readonly leftOut: { readonly risk: number; readonly count: number; readonly time: number };
  };
  /** Exchanges that fixes would send. */
  readonly fixesTried: number;
  /** Requests that were also sent through the gateway itself: whose error is it, in a sentence. */
  readonly throughGateway: readonly {
    readonly url: string;
    readonly outcome: string;
    readonly says: string;
  }[];
  /** By route id. */
  readonly notReplayed: readonly { readonly route: string; readonly why: string }[];
  readonly withoutRequest: readonly { readonly route: string; readonly why: string }[];
}

/** Everything a report is written from. */
export interface ReportInput {
  readonly diagnoses: readonly Diagnosis[];
  readonly documents: readonly ReadDocument[];
  /** The configuration as exported: some commands repeat a list that is there now. */
  readonly records: CommandContext["records"];
  /** Empty unless servers were asked. */
  readonly sent: readonly SentForGateway[];
}
