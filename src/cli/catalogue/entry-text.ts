import { Page } from "../../report/text/page.ts";
import type { TextStyle } from "../../report/text/style.ts";
import { decidedBy, type Entry, exportsFor } from "./entries.ts";
import type { Candidate } from "./search.ts";

/** Catalogue entries for a terminal. */

const labelColumns = 14;

/** One cause with all that is known of it. */
export function entryText(entry: Entry, style: TextStyle): string {
  const page = new Page(style);
  page.heading(entry.title, entry.id);
  for (const paragraph of paragraphs(entry.cause?.about ?? "Causeway has no check for this cause yet.")) {
    page.write(paragraph);
    page.gap();
  }
  const label = (name: string, text: string): void => {
    page.write(text, { lead: name.padEnd(labelColumns), leadTone: "heading" });
  };
  label("Section", `${entry.section}. ${entry.sectionTitle}`);
  if (entry.cause !== undefined) label("Layer", entry.cause.layer);
  label("Decided by", decidedBy(entry));
  const explainers = entry.cause?.explainedBy ?? [];
  if (explainers.length > 0) label("Explained by", explainers.join(", "));
  writeExports(page, entry);
  return page.text();
}

function writeExports(page: Page, entry: Entry): void {
  const exports = exportsFor(entry);
  if (exports.length === 0) return;
  page.gap();
  page.write("To decide it, export", { tone: "heading" });
  for (const { what, command } of exports) {
    page.write(`${what}:`, { lead: `${page.signs.dot} ` });
    page.verbatim(command, 4, "quiet");
  }
}

/** Causes that fit some words, grouped by what points at them. */
export function candidatesText(candidates: readonly Candidate[], style: TextStyle): string {
  const page = new Page(style);
  const most = 12;
  let because = "";
  for (const candidate of candidates.slice(0, most)) {
    if (candidate.because !== because) {
      because = candidate.because;
      page.gap();
      page.write(`Fits ${because}, likeliest first:`, { tone: "heading" });
    }
    writeRow(page, candidate.entry);
  }
  if (candidates.length > most) page.write(`and ${candidates.length - most} more; give more words`);
  page.gap();
  page.write("causeway explain CAUSE tells all about one; a message alone never decides between them.", {
    tone: "quiet",
  });
  return page.text();
}

/** The catalogue, or a part of it, by section. */
export function listText(entries: readonly Entry[], style: TextStyle, idsOnly: boolean): string {
  const page = new Page(style);
  let section = "";
  for (const entry of entries) {
    if (idsOnly) {
      page.verbatim(entry.id, 0);
      continue;
    }
    if (entry.section !== section) {
      section = entry.section;
      page.heading(`${section}. ${entry.sectionTitle}`);
    }
    writeRow(page, entry);
  }
  return page.text();
}

function writeRow(page: Page, entry: Entry): void {
  const way = decidedBy(entry);
  page.write(`${entry.title} (${way})`, { lead: `${entry.id.padEnd(29)} `, leadTone: "heading" });
}

/** The text of a cause is written with line breaks inside paragraphs. */
function paragraphs(about: string): string[] {
  return about.split(/\n\s*\n/).map((text) => text.replace(/\s+/g, " ").trim());
}
