import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import type { Finding, Fix } from "../../diagnosis/finding.ts";
import { fixCommands } from "../../diagnosis/fixes/commands.ts";
import { titleOf } from "../content/causes.ts";
import type { Places } from "../content/documents.ts";
import { type Drawing, drawingOf, type Stage } from "../content/drawing.ts";
import { shownExperiments } from "../content/experiments.ts";
import { fixProof } from "../content/fix-proof.ts";
import { impactOf, serverNames } from "../content/routes.ts";
import { abridged } from "../content/wording.ts";
import type { ReportInput } from "../report-input.ts";
import { block, code, escaped } from "./escape.ts";

/** A root finding as a section. */
export function findingSection(
  finding: Finding,
  number: number,
  diagnosis: Diagnosis,
  input: ReportInput,
  places: Places,
): string[] {
  const drawing = drawingOf(finding, diagnosis);
  return [
    `## ${number}. ${escaped(titleOf(finding.cause))}`,
    "",
    `${escaped(finding.summary)}.`,
    "",
    ...facts(finding, diagnosis),
    ...evidence(finding, places),
    ...proofs(finding),
    ...(drawing === undefined ? [] : ["", ...block(drawingLines(drawing), "text")]),
    "",
    ...(finding.fix === undefined ? [] : fixSection(finding.fix, diagnosis, input)),
  ];
}

function facts(finding: Finding, diagnosis: Diagnosis): string[] {
  const { routes, servers } = impactOf(finding, diagnosis);
  const folded = diagnosis.findings.filter(({ id }) => finding.explains.includes(id));
  const names = abridged(
    routes.map(({ route }) => code(route.id)),
    6,
  );
  return [
    `- Cause: ${code(finding.cause)} (${finding.certainty})`,
    ...(routes.length > 0 ? [`- Routes: ${names}`] : []),
    ...(servers.length > 0 ? [`- Servers: ${abridged(serverNames(servers).map(code), 6)}`] : []),
    ...(finding.azureMessage === null ? [] : [`- Azure says: ${escaped(finding.azureMessage)}`]),
    ...folded.map(({ cause, summary }) => `- Explains: ${code(cause)}: ${escaped(summary)}`),
  ];
}

function evidence({ evidence: pieces }: Finding, places: Places): string[] {
  if (pieces.length === 0) return [];
  return [
    "",
    "Evidence:",
    "",
    ...pieces.map((piece) => `- ${escaped(piece.says)} (${code(places.of(piece))})`),
  ];
}

function proofs(finding: Finding): string[] {
  const shown = shownExperiments(finding, false);
  if (shown.length === 0) return [];
  return [
    "",
    shown[0]?.helped ? "Proof:" : "Tried in vain:",
    "",
    ...shown.flatMap(({ change, reckoned, before, after }) => [
      `- ${reckoned ? "Judged" : "Sent"} again with ${escaped(change)}`,
      `  - before: ${escaped(before)}`,
      `  - after: ${escaped(after)}`,
    ]),
  ];
}

const marks: Readonly<Record<Stage["mark"], string>> = { end: " ", passes: "+", stops: "x", unknown: "?" };

/** The way, in plain ASCII: a code block survives every wiki. */
function drawingLines({ stages }: Drawing): string[] {
  const labels = Math.max(...stages.map(({ label }) => label.length));
  return stages.map(({ mark, label, text }) => {
    const line = `${mark === "end" ? "   " : ` | `}${marks[mark]} ${label.padEnd(labels)}  ${text}`;
    return mark === "stops" ? `${line}   <-- fails here` : line.trimEnd();
  });
}

function fixSection(fix: Fix, { gateway }: Diagnosis, { records }: ReportInput): string[] {
  const { az, powershell, bicep } = fixCommands(fix.changes, { gatewayId: gateway.id, records });
  return [
    `### Fix`,
    "",
    escaped(fix.summary),
    "",
    ...(az.length === 0 ? [] : [...block(az, "sh"), ""]),
    ...folded("PowerShell", powershell, "powershell"),
    ...folded("Bicep", bicep, "bicep"),
    `- ${escaped(fixProof(fix))}`,
    ...fix.sideEffects.map((effect) => `- Note: ${escaped(effect)}`),
    "",
  ];
}

/** A block that wikis and tickets show on demand. */
function folded(title: string, lines: readonly string[], language: string): string[] {
  if (lines.length === 0) return [];
  return [`<details><summary>${title}</summary>`, "", ...block(lines, language), "", "</details>", ""];
}
