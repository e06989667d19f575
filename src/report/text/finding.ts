import type { Finding } from "../../diagnosis/finding.ts";
import { titleOf } from "../content/causes.ts";
import { drawingOf } from "../content/drawing.ts";
import { shownExperiments } from "../content/experiments.ts";
import { impactOf, serverNames } from "../content/routes.ts";
import { abridged } from "../content/wording.ts";
import { writeDrawing } from "./drawing.ts";
import { writeFix } from "./fix.ts";
import type { Page } from "./page.ts";
import type { Telling } from "./telling.ts";

/** Columns of the words at the left of a finding. */
const labelColumns = 12;

/** A root finding with everything that proves it, and the findings folded under it. */
export function writeFinding(page: Page, finding: Finding, telling: Telling): void {
  page.heading(`${telling.numbering.of(finding.id)}. ${titleOf(finding.cause)}`, finding.certainty);
  page.write(finding.summary);
  page.gap();
  labelled(page, "Cause", finding.cause);
  writeImpact(page, finding, telling);
  if (finding.azureMessage !== null) labelled(page, "Azure says", `"${finding.azureMessage}"`);
  writeEvidence(page, finding, telling);
  writeExperiments(page, finding, telling);
  const drawing = drawingOf(finding, telling.diagnosis);
  if (drawing !== undefined) {
    page.gap();
    writeDrawing(page, drawing, 2);
    page.gap();
  }
  writeExplained(page, finding, telling);
  if (finding.fix !== undefined) writeFix(page, finding.fix, telling);
}

function labelled(page: Page, label: string, text: string): void {
  page.write(text, { lead: label.padEnd(labelColumns), leadTone: "heading" });
}

function writeImpact(page: Page, finding: Finding, { diagnosis, verbose }: Telling): void {
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

/** What proves it, each with its place; several facts of one place stand above it. */
function writeEvidence(page: Page, { evidence }: Finding, { places }: Telling): void {
  evidence.forEach((piece, index) => {
    labelled(page, index === 0 ? "Evidence" : "", piece.says);
    const place = places.of(piece);
    const next = evidence[index + 1];
    if (next === undefined || places.of(next) !== place) {
      page.write(place, { indent: labelColumns, tone: "quiet" });
    }
  });
}

/** What was changed to prove it, and what became of it. A fault that was provoked went well before. */
function writeExperiments(page: Page, finding: Finding, { verbose }: Telling): void {
  shownExperiments(finding, verbose).forEach(
    ({ change, reckoned, before, after, helped, provoked, ended }, index) => {
      const how = reckoned ? "judged again" : "sent again";
      labelled(page, index === 0 ? (helped ? "Proof" : "Tried") : "", `${how} with ${change}`);
      const { bad, good, arrow } = page.signs;
      const sign = { well: good, further: arrow, alike: bad, ill: bad }[ended];
      const was = provoked ? { sign: good, tone: "good" as const } : { sign: bad, tone: "bad" as const };
      page.write(before, { indent: labelColumns, lead: `${was.sign} before  `, leadTone: was.tone });
      page.write(after, {
        indent: labelColumns,
        lead: `${sign} after   `,
        leadTone: ended === "well" || ended === "further" ? "good" : "bad",
      });
    },
  );
}

/** What is only a consequence of this finding. */
function writeExplained(page: Page, finding: Finding, { diagnosis, verbose }: Telling): void {
  const folded = diagnosis.findings.filter(({ id }) => finding.explains.includes(id));
  const shown = verbose ? folded : folded.slice(0, 3);
  shown.forEach(({ cause, summary }, index) => {
    labelled(page, index === 0 ? "Explains" : "", `${cause}: ${summary}`);
  });
  if (folded.length > shown.length) labelled(page, "", `and ${folded.length - shown.length} more`);
}
