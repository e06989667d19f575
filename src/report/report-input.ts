import type { Diagnosis } from "../diagnosis/diagnose.ts";
import type { CommandContext } from "../diagnosis/fixes/commands.ts";

/** What became of one input; `DocumentNote` of the documents room fits. */
export interface ReadDocument {
  readonly path: string;
  readonly kind: string;
  readonly used: boolean;
  readonly note: string;
}

/** Everything a report is written from. */
export interface ReportInput {
  readonly diagnoses: readonly Diagnosis[];
  readonly documents: readonly ReadDocument[];
  /** The configuration as exported: some commands repeat a list that is there now. */
  readonly records: CommandContext["records"];
}
