import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Finding } from "../../diagnosis/finding.ts";
import { titleOf } from "../content/causes.ts";
import { drawingOf } from "../content/drawing.ts";
import { impactOf, serverNames } from "../content/routes.ts";
import { abridged, placeOf } from "../content/wording.ts";
import type { ReportInput } from "../report-input.ts";
import { writeDrawing } from "./drawing.ts";
import { writeFix } from "./fix.ts";
import type { Page } from "./page.ts";

/** Columns of the words at the left of a finding. */
export const labelColumns = 12;

/** A root finding with everything that proves it, and the findings folded under it. */
export function writeFinding(
  page: Page,
  finding: Finding,
  number: number,
  diagnosis: Diagnosis,
  input: ReportInput,
  verbose: boolean,
): void {
  page.heading(`${number}. ${titleOf(finding.cause)}`, finding.certainty);
  page.write(finding.summary);
  page.gap();
  labelled(page, "Cause", finding.cause);
  writeImpact(page, finding, diagnosis, verbose);
  if (finding.azureMessage !== null) labelled(page, "Azure says", `"${finding.azureMessage}"`);
  writeEvidence(page, finding);
  const drawing = drawingOf(finding, diagnosis);
  if (drawing !== undefined) {
    page.gap();
    writeDrawing(page, drawing, 2);
    page.gap();
  }
  writeExplained(page, finding, diagnosis, verbose);
  if (finding.fix !== undefined) writeFix(page, finding.fix, diagnosis, input, verbose);
}

export function labelled(page: Page, label: string, text: string): void {
  page.write(text, { lead: label.padEnd(labelColumns), leadTone: "heading" });
}

function writeImpact(page: Page, finding: Finding, diagnosis: Diagnosis, verbose: boolean): void {
  const { routes, servers } = impactOf(finding, diagnosis);
  const most = verbose ? Number.POSITIVE_INFINITY : 4;
  if (routes.length > 0) {
    const all = routes.length > 1 && routes.length === diagnosis.routes.length;
    const ids = abridged(
      routes.map(({ route }) => route.id),
      most,
    );
    labelled(page, "Routes", all ? `all ${routes.length}: ${ids}` : ids);
  }
  if (servers.length > 0) labelled(page, "Servers", abridged(serverNames(servers), most));
}

function writeEvidence(page: Page, { evidence }: Finding): void {
  evidence.forEach((piece, index) => {
    labelled(page, index === 0 ? "Evidence" : "", piece.says);
    page.write(placeOf(piece), { indent: labelColumns, tone: "quiet" });
  });
}

/** What is only a consequence of this finding, in one line each. */
function writeExplained(page: Page, finding: Finding, { findings }: Diagnosis, verbose: boolean): void {
  const folded = findings.filter(({ id }) => finding.explains.includes(id));
  const shown = verbose ? folded : folded.slice(0, 3);
  shown.forEach(({ cause, summary }, index) => {
    labelled(page, index === 0 ? "Explains" : "", `${cause}: ${summary}`);
  });
  if (folded.length > shown.length) labelled(page, "", `and ${folded.length - shown.length} more`);
}
