import { decidedBy, type Entry, exportsFor } from "./entries.ts";

/** Catalogue entries as Markdown: for `--format markdown` and for docs/causes.md. */

/** One cause, under a heading of the given level. */
export function entryMarkdown(entry: Entry, level: number): string {
  const { id, title, cause } = entry;
  const facts: (readonly [string, string])[] = [
    ["Decided by", decidedBy(entry)],
    ...(cause === undefined ? [] : [["Layer", cause.layer] as const]),
    ...needs(entry),
    ...((cause?.explainedBy.length ?? 0) > 0
      ? [["Explained by", (cause?.explainedBy ?? []).map((other) => `\`${other}\``).join(", ")] as const]
      : []),
  ];
  return [
    `${"#".repeat(level)} \`${id}\``,
    "",
    ...(cause === undefined ? ["No check yet."] : [`**${title}.** ${cause.about.trim()}`]),
    "",
    ...facts.map(([name, text]) => `- ${name}: ${text}`),
    "",
  ].join("\n");
}

function needs(entry: Entry): (readonly [string, string])[] {
  const exports = exportsFor(entry);
  return exports.length === 0 ? [] : [["Needs", exports.map(({ what }) => what).join(", ")]];
}

/** Entries by section, with nothing but their titles. */
export function listMarkdown(entries: readonly Entry[]): string {
  const lines: string[] = [];
  let section = "";
  for (const entry of entries) {
    if (entry.section !== section) {
      section = entry.section;
      lines.push(...(lines.length > 0 ? [""] : []), `## ${section}. ${entry.sectionTitle}`, "");
      lines.push("| Cause | What it is | Decided by |", "|---|---|---|");
    }
    lines.push(`| \`${entry.id}\` | ${entry.title} | ${decidedBy(entry)} |`);
  }
  return `${lines.join("\n")}\n`;
}
