import { catalogue, type Entry } from "../../src/cli/catalogue/entries.ts";
import { between } from "./between.ts";

/** docs/live.md with the table of what live evidence decides, from the causes as they are. */
export function livePage(page: string): string {
  return between(page, "causes", liveTable(catalogue()));
}

function liveTable(entries: readonly Entry[]): string {
  const sections = [...new Set(entries.map(({ section }) => section))];
  const rows = sections.flatMap((section) => {
    const own = entries.filter((entry) => entry.section === section);
    const byExperiment = own.filter(isTried);
    const byAnswer = own.filter((entry) => isSeen(entry) && !isTried(entry));
    if (byExperiment.length + byAnswer.length === 0) return [];
    return [`| ${own[0]?.sectionTitle ?? ""} | ${linked(byExperiment)} | ${linked(byAnswer)} |`];
  });
  return ["| | by an experiment | by what comes back |", "|---|---|---|", ...rows].join("\n");
}

function isTried({ cause }: Entry): boolean {
  return cause?.trials !== undefined || cause?.provocations !== undefined;
}

function isSeen({ cause }: Entry): boolean {
  return cause?.decide !== undefined && cause.decidedBy.includes("live");
}

function linked(entries: readonly Entry[]): string {
  return entries.map(({ id }) => `[\`${id}\`](causes.md#${id})`).join(", ");
}
