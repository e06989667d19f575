import { type Answer, answers, classicQuestions, otherQuestions } from "../content/checklist.ts";
import type { Numbering } from "../content/numbering.ts";
import { counted } from "../content/wording.ts";
import { commandLines } from "./command-lines.ts";
import type { Page } from "./page.ts";
import type { Tone } from "./style.ts";
import type { Telling } from "./telling.ts";

const looks: Readonly<Record<Answer["answer"], { readonly word: string; readonly tone: Tone }>> = {
  passed: { word: "passed", tone: "good" },
  failed: { word: "failed", tone: "bad" },
  undecided: { word: "not decidable", tone: "unsure" },
};

const wordColumns = 15;
const questionColumns = 22;
/** Exports named at the end; more would not be done anyway. */
const mostNeeds = 4;

/** The six classic questions, the rest in short, and what to export to decide the open ones. */
export function writeChecklist(page: Page, { diagnosis, numbering, verbose }: Telling): void {
  page.heading("The six classic questions");
  const classic = answers(diagnosis, classicQuestions);
  const others = answers(diagnosis, otherQuestions);
  for (const answer of classic) writeAnswer(page, answer, numbering);
  page.gap();
  page.write("And the rest", { tone: "heading" });
  for (const answer of others) writeAnswer(page, answer, numbering);
  writeNeeds(page, [...classic, ...others], verbose);
}

function writeAnswer(page: Page, answer: Answer, numbering: Numbering): void {
  const { word, tone } = looks[answer.answer];
  const sign = { passed: page.signs.good, failed: page.signs.bad, undecided: page.signs.unsure }[
    answer.answer
  ];
  page.write(detailOf(answer, numbering), {
    lead: `${sign} ${answer.question.padEnd(questionColumns)}${word.padEnd(wordColumns)}`,
    leadTone: tone,
  });
}

function detailOf(answer: Answer, numbering: Numbering): string {
  const ids = answer.failedBy.map(({ id }) => id);
  const parts = [
    ...[numbering.see(ids) || numbering.follows(ids)].filter((text) => text !== ""),
    ...(answer.undecided + answer.ruledOut === 0 && ids.length === 0 ? ["only probing can tell"] : []),
    ...(answer.undecided > 0 ? [`${answer.undecided} could not be told`] : []),
    ...(answer.answer === "passed" ? [`${counted(answer.ruledOut, "cause")} ruled out`] : []),
    ...(answer.risks.length > 0 ? [counted(answer.risks.length, "risk")] : []),
  ];
  return parts.join("; ");
}

/** What to export, each command once, those that settle most first. */
function writeNeeds(page: Page, all: readonly Answer[], verbose: boolean): void {
  const needs = mergedNeeds(all);
  if (needs.length === 0) return;
  page.gap();
  page.write("To decide more, export:", { tone: "heading" });
  const shown = verbose ? needs : needs.slice(0, mostNeeds);
  for (const { what, command } of shown) {
    page.write(what, { lead: `${page.signs.dot} ` });
    for (const line of commandLines(command, page.style.width - 4, "\\")) page.verbatim(line, 4);
  }
  if (needs.length > shown.length) page.write(`and ${needs.length - shown.length} more (--verbose)`);
}

function mergedNeeds(all: readonly Answer[]): { what: string; command: string; checks: number }[] {
  const merged = new Map<string, { what: string; command: string; checks: number }>();
  for (const { what, command, checks } of all.flatMap(({ needs }) => needs)) {
    const known = merged.get(command);
    if (known === undefined) merged.set(command, { what, command, checks: checks.length });
    else known.checks += checks.length;
  }
  return [...merged.values()].sort((a, b) => b.checks - a.checks);
}
