import { catalogue, decidedBy, type Entry } from "../../src/cli/catalogue/entries.ts";
import { entryMarkdown } from "../../src/cli/catalogue/entry-markdown.ts";

/** docs/causes.md: every id of the catalogue. */
export function causesPage(): string {
  const entries = catalogue();
  const open = entries.filter(({ cause }) => cause === undefined);
  const sections = [...new Set(entries.map(({ section }) => section))];
  return [
    "# The causes",
    "",
    "Everything known to make an Application Gateway answer 502 (or 504), or to keep its backend health from being read.",
    "Ids are public and stable. `causeway explain CAUSE` shows the same text. Written by `npm run generate` from the files in",
    "`src/diagnosis/causes`.",
    "",
    "*Configuration* means that the exported resources decide it; *health message* and *access log*, that what was",
    "observed is needed too; *only live*, that no document says it and the report names it as something to look at.",
    "",
    summaryTable(entries, sections),
    ...(open.length === 0 ? [] : [`Not checked yet: ${open.map(({ id }) => `\`${id}\``).join(", ")}.`, ""]),
    ...sections.flatMap((section) => sectionPart(entries.filter((entry) => entry.section === section))),
  ].join("\n");
}

/** How many causes of each section are decided in which way. */
function summaryTable(entries: readonly Entry[], sections: readonly string[]): string {
  const rows = sections.map((section) => {
    const own = entries.filter((entry) => entry.section === section);
    const live = own.filter(({ cause }) => cause?.decidedBy.every((way) => way === "live")).length;
    const decided = own.filter(({ cause }) => cause?.decide !== undefined).length;
    return `| ${section}. ${own[0]?.sectionTitle ?? ""} | ${own.length} | ${decided} | ${live} |`;
  });
  return ["| Section | Causes | Decided from documents | Only live |", "|---|---|---|---|", ...rows, ""].join(
    "\n",
  );
}

function sectionPart(entries: readonly Entry[]): string[] {
  const [first] = entries;
  if (first === undefined) return [];
  return [
    `## ${first.section}. ${first.sectionTitle}`,
    "",
    "| Cause | Decided by |",
    "|---|---|",
    ...entries.map((entry) => `| [\`${entry.id}\`](#${entry.id}) | ${decidedBy(entry)} |`),
    "",
    ...entries.map((entry) => entryMarkdown(entry, 3)),
  ];
}
