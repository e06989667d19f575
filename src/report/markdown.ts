import type { Diagnosis } from "../diagnosis/diagnose.ts";
import { type Answer, answers, classicQuestions, otherQuestions } from "./content/checklist.ts";
import { type Places, placesIn } from "./content/documents.ts";
import { Numbering } from "./content/numbering.ts";
import { groupRoutes, headline } from "./content/routes.ts";
import { notSentWords, sentWords } from "./content/sent.ts";
import { abridged, counted } from "./content/wording.ts";
import { block, code, escaped } from "./markdown/escape.ts";
import { findingSection } from "./markdown/finding.ts";
import type { ReadDocument, ReportInput } from "./report-input.ts";

/** The report for a ticket or a wiki: the same content as the text report, in CommonMark with tables. */
export function markdownReport(input: ReportInput): string {
  const places = placesIn(input.documents);
  const lines = [
    ...input.diagnoses.flatMap((diagnosis) => gatewaySections(diagnosis, input, places)),
    ...documentSection(input.documents, places),
  ];
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

function gatewaySections(diagnosis: Diagnosis, input: ReportInput, places: Places): string[] {
  const { gateway, findings, routes } = diagnosis;
  const numbering = new Numbering(findings);
  const { roots } = numbering;
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
    ...routeTable(diagnosis, numbering),
    ...roots.flatMap((root, index) => findingSection(root, index + 1, diagnosis, input, places)),
    ...riskSection(diagnosis, places),
    ...checklistSection(diagnosis, numbering),
    ...sentSection(diagnosis, input),
  ];
}

function sentSection({ gateway }: Diagnosis, input: ReportInput): string[] {
  const sent = input.sent.find(({ gatewayId }) => gatewayId === gateway.id);
  if (sent === undefined) return [];
  const asked = sent.throughGateway.map(
    ({ url, says }) => `${url} through the gateway and straight to its servers: ${says}`,
  );
  const lines = [sentWords(sent), ...asked, ...notSentWords(sent)];
  return ["## Sent from here", "", ...lines.map((line) => `- ${escaped(line)}`), ""];
}

function routeTable({ routes }: Diagnosis, numbering: Numbering): string[] {
  if (routes.length < 2) return [];
  return [
    "| Outcome | Routes | Why |",
    "|---|---|---|",
    ...groupRoutes(routes, numbering).map(({ outcome, status, causedBy, routes: ids }) => {
      const why = numbering.ofAll(causedBy).join(", ");
      return `| ${outcome}${status === null ? "" : ` ${status}`} | ${abridged(ids.map(cell), 6)} | ${why} |`;
    }),
    "",
  ];
}

/** A name in a table: pipes would end the cell even inside a code span. */
function cell(text: string): string {
  return code(text).replaceAll("|", "\\|");
}

function riskSection({ findings }: Diagnosis, places: Places): string[] {
  const risks = findings.filter(({ role }) => role === "risk");
  if (risks.length === 0) return [];
  return [
    "## Risks",
    "",
    "No effect now.",
    "",
    ...risks.map(({ cause, summary, evidence: [first] }) => {
      const place = first === undefined ? "" : `, ${code(places.of(first))}`;
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

function checklistSection(diagnosis: Diagnosis, numbering: Numbering): string[] {
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
      const ids = answer.failedBy.map(({ id }) => id);
      const detail = [
        ...[numbering.see(ids) || numbering.follows(ids)].filter((text) => text !== ""),
        ...(answer.undecided > 0 ? [`${answer.undecided} could not be told`] : []),
        ...(answer.risks.length > 0 ? [counted(answer.risks.length, "risk")] : []),
      ];
      return `| ${answer.question} | ${words[answer.answer]} | ${detail.join("; ")} |`;
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

function documentSection(documents: readonly ReadDocument[], { folder, name }: Places): string[] {
  if (documents.length === 0) return [];
  return [
    "## Documents",
    "",
    ...(folder === "" ? [] : [`In ${code(folder)}.`, ""]),
    "| Document | What it is | |",
    "|---|---|---|",
    ...documents.map(
      ({ path, kind, used, note }) =>
        `| ${cell(name(path))} | ${escaped(kind)} | ${used ? "" : "left aside: "}${escaped(note)} |`,
    ),
  ];
}
