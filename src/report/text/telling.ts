import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Places } from "../content/documents.ts";
import type { Numbering } from "../content/numbering.ts";
import type { ReportInput } from "../report-input.ts";

/** What the parts of a text report on one gateway share. */
export interface Telling {
  readonly diagnosis: Diagnosis;
  readonly input: ReportInput;
  readonly places: Places;
  readonly numbering: Numbering;
  readonly verbose: boolean;
}
