import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import { placesIn } from "../content/documents.ts";
import { Numbering } from "../content/numbering.ts";
import { headline } from "../content/routes.ts";
import { counted } from "../content/wording.ts";
import type { ReportInput } from "../report-input.ts";
import { writeChecklist } from "./checklist.ts";
import { writeFinding } from "./finding.ts";
import { headlineStyle, writeFirstScreen } from "./first-screen.ts";
import { Page } from "./page.ts";
import { writeDocuments, writeRisks, writeSent } from "./rest.ts";
import { writeRoutes } from "./routes.ts";
import type { TextStyle } from "./style.ts";
import type { Telling } from "./telling.ts";

export interface TextOptions extends TextStyle {
  /** Everything, however long, with PowerShell and Bicep. */
  readonly verbose: boolean;
  /** The first screen only. */
  readonly quiet: boolean;
}

/** The report for people at a terminal, and for tickets that keep the spacing. */
export function textReport(input: ReportInput, options: TextOptions): string {
  const page = new Page(options);
  const places = placesIn(input.documents);
  const several = input.diagnoses.length > 1;
  if (several) writeOverview(page, input.diagnoses);
  for (const diagnosis of input.diagnoses) {
    const numbering = new Numbering(diagnosis.findings);
    if (several) page.divide();
    writeDiagnosis(page, { diagnosis, input, places, numbering, verbose: options.verbose }, options.quiet);
  }
  if (!options.quiet) writeDocuments(page, input.documents, places, options.verbose);
  return page.text();
}

/** What is found, and nothing of what was looked at beside it: for a diagnosis of which only some routes are asked for. */
export function findingsText(input: ReportInput, style: TextStyle): string {
  const page = new Page(style);
  const places = placesIn(input.documents);
  for (const diagnosis of input.diagnoses) {
    const numbering = new Numbering(diagnosis.findings);
    writeFirstScreen(page, diagnosis);
    const telling = { diagnosis, input, places, numbering, verbose: false };
    for (const root of numbering.roots) writeFinding(page, root, telling);
  }
  return page.text();
}

/** One line a gateway, so that the ones in trouble are found at once. */
function writeOverview(page: Page, diagnoses: readonly Diagnosis[]): void {
  page.write(counted(diagnoses.length, "gateway"), { tone: "heading" });
  for (const diagnosis of diagnoses) {
    const { lead, leadTone } = headlineStyle(page, diagnosis);
    page.write(`${diagnosis.gateway.name}: ${headline(diagnosis.routes)}`, { lead, leadTone });
  }
}

function writeDiagnosis(page: Page, telling: Telling, quiet: boolean): void {
  writeFirstScreen(page, telling.diagnosis);
  if (quiet) return;
  writeRoutes(page, telling);
  for (const root of telling.numbering.roots) writeFinding(page, root, telling);
  writeOtherNotations(page, telling);
  writeRisks(page, telling);
  writeChecklist(page, telling);
  writeSent(page, telling);
}

/** Said once, not under every fix. */
function writeOtherNotations(page: Page, { numbering, verbose }: Telling): void {
  const changes = numbering.roots.flatMap(({ fix }) => fix?.changes ?? []);
  if (verbose || changes.length === 0) return;
  page.gap();
  page.write("The fixes in PowerShell and Bicep: --verbose, or --format markdown.", { tone: "quiet" });
}
