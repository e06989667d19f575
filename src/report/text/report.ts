import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { ReportInput } from "../report-input.ts";
import { writeChecklist } from "./checklist.ts";
import { writeFinding } from "./finding.ts";
import { writeFirstScreen } from "./first-screen.ts";
import { Page } from "./page.ts";
import { writeDocuments, writeRisks } from "./rest.ts";
import { writeRoutes } from "./routes.ts";
import type { TextStyle } from "./style.ts";

export interface TextOptions extends TextStyle {
  /** Everything, however long, with PowerShell and Bicep. */
  readonly verbose: boolean;
  /** The first screen only. */
  readonly quiet: boolean;
}

/** The report for people at a terminal, and for tickets that keep the spacing. */
export function textReport(input: ReportInput, options: TextOptions): string {
  const page = new Page(options);
  for (const diagnosis of input.diagnoses) {
    page.gap();
    writeDiagnosis(page, diagnosis, input, options);
  }
  if (!options.quiet) writeDocuments(page, input.documents, options.verbose);
  return page.text();
}

function writeDiagnosis(page: Page, diagnosis: Diagnosis, input: ReportInput, options: TextOptions): void {
  writeFirstScreen(page, diagnosis);
  if (options.quiet) return;
  const roots = diagnosis.findings.filter(({ role }) => role === "root");
  const numbers = new Map(roots.map(({ id }, index) => [id, index + 1]));
  writeRoutes(page, diagnosis, numbers, options.verbose);
  for (const root of roots) {
    writeFinding(page, root, numbers.get(root.id) ?? 0, diagnosis, input, options.verbose);
  }
  writeRisks(page, diagnosis, options.verbose);
  writeChecklist(page, diagnosis, numbers, options.verbose);
}
