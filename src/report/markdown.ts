import type { Diagnosis } from "../diagnosis/diagnose.ts";
import { type Answer, answers, classicQuestions, otherQuestions } from "./content/checklist.ts";
import { groupRoutes, headline } from "./content/routes.ts";
import { abridged, counted, joined, placeOf } from "./content/wording.ts";
import { block, code, escaped } from "./markdown/escape.ts";
import { findingSection } from "./markdown/finding.ts";
import type { ReadDocument, ReportInput } from "./report-input.ts";

/** The report for a ticket or a wiki: the same content as the text report, in CommonMark with tables. */
export function markdownReport(input: ReportInput): string {
  const lines = [
    ...input.diagnoses.flatMap((diagnosis) => gatewaySections(diagnosis, input)),
    ...documentSection(input.documents),
  ];
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

function gatewaySections(diagnosis: Diagnosis, input: ReportInput): string[] {
  const { gateway, findings, routes } = diagnosis;
  const roots = findings.filter(({ role }) => role === "root");
  const numbers = new Map(roots.map(({ id }, index) => [id, index + 1]));
  return [
    `# ${escaped(gateway.name)}: Application Gateway ${escaped(gateway.sku.name)}`,
    "",
    `**${headline(routes)}**`,
    "",
    ...roots.flatMap(({ summary, fix }, index) => [
      `${index + 1}. ${escaped(summary)}`,
      ...(fix === undefined
        ? []
        : [`   - ${escaped(fix.summary)} (${fix.verified ? "verified" : "not verified"})`]),
    ]),
    "",
    ...routeTable(diagnosis, numbers),
    ...roots.flatMap((root, index) => findingSection(root, index + 1, diagnosis, input)),
    ...riskSection(diagnosis),
    ...checklistSection(diagnosis, numbers),
  ];
}

function routeTable({ routes }: Diagnosis, numbers: ReadonlyMap<string, number>): string[] {
  if (routes.length < 2) return [];
  return [
    "| Outcome | Routes | Why |",
    "|---|---|---|",
    ...groupRoutes(routes).map(({ outcome, status, causedBy, routes: ids }) => {
      const why = causedBy.flatMap((id) => numbers.get(id) ?? []).join(", ");
      return `| ${outcome}${status === null ? "" : ` ${status}`} | ${abridged(ids.map(cell), 6)} | ${why} |`;
    }),
    "",
  ];
}

/** A name in a table: pipes would end the cell even inside a code span. */
function cell(text: string): string {
  return code(text).replaceAll("|", "\\|");
}

function riskSection({ findings }: Diagnosis): string[] {
  const risks = findings.filter(({ role }) => role === "risk");
  if (risks.length === 0) return [];
  return [
    "## Risks",
    "",
    "No effect now.",
    "",
    ...risks.map(({ cause, summary, evidence: [first] }) => {
      const place = first === undefined ? "" : `, ${code(placeOf(first))}`;
      return `- ${escaped(summary)} (${code(cause)}${place})`;
    }),
    "",
  ];
}

const words: Readonly<Record<Answer["answer"], string>> = {
  passed: "passed",
  failed: "**failed**",
  undecided: "not decidable",
};

function checklistSection(diagnosis: Diagnosis, numbers: ReadonlyMap<string, number>): string[] {
  const all = answers(diagnosis, [...classicQuestions, ...otherQuestions]);
  const needs = new Map(
    all.flatMap(({ needs: list }) => list.map((need) => [need.command, need.what] as const)),
  );
  return [
    "## Checklist",
    "",
    "| Question | Answer | |",
    "|---|---|---|",
    ...all.map((answer) => {
      const roots = [...new Set(answer.failedBy.flatMap(({ id }) => numbers.get(id) ?? []))];
      const detail = [
        ...(roots.length > 0 ? [`see ${joined(roots.map(String))}`] : []),
        ...(answer.undecided > 0 ? [`${answer.undecided} could not be told`] : []),
        ...(answer.risks.length > 0 ? [counted(answer.risks.length, "risk")] : []),
      ];
      return `| ${answer.question} | ${words[answer.answer]} | ${joined(detail)} |`;
    }),
    "",
    ...(needs.size === 0 ? [] : ["To decide more, export:", ""]),
    ...[...needs].flatMap(([command, what]) => [
      `- ${escaped(what)}`,
      "",
      ...block([command], "sh").map((line) => `  ${line}`),
    ]),
    "",
  ];
}

function documentSection(documents: readonly ReadDocument[]): string[] {
  if (documents.length === 0) return [];
  return [
    "## Documents",
    "",
    "| Document | What it is | |",
    "|---|---|---|",
    ...documents.map(
      ({ path, kind, used, note }) =>
        `| ${cell(path)} | ${escaped(kind)} | ${used ? "" : "left aside: "}${escaped(note)} |`,
    ),
  ];
}
