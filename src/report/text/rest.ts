import type { Diagnosis } from "../../diagnosis/diagnose.ts";
import { placeOf } from "../content/wording.ts";
import type { ReadDocument } from "../report-input.ts";
import type { Page } from "./page.ts";

/** Risks told without --verbose. */
const mostRisks = 5;

/** What has no effect now and may have one later. */
export function writeRisks(page: Page, { findings }: Diagnosis, verbose: boolean): void {
  const risks = findings.filter(({ role }) => role === "risk");
  if (risks.length === 0) return;
  page.heading("Risks", "no effect now");
  const shown = verbose ? risks : risks.slice(0, mostRisks);
  for (const { cause, summary, evidence, fix } of shown) {
    page.write(`${summary} (${cause})`, { lead: `${page.signs.risk} `, leadTone: "unsure" });
    const [first] = evidence;
    if (first !== undefined) page.write(placeOf(first), { indent: 2, tone: "quiet" });
    if (fix !== undefined) page.write(fix.summary, { indent: 2, lead: `${page.signs.arrow} ` });
  }
  if (risks.length > shown.length) page.write(`and ${risks.length - shown.length} more (--verbose)`);
}

/** What was read, and what was left aside and why. */
export function writeDocuments(page: Page, documents: readonly ReadDocument[], verbose: boolean): void {
  if (documents.length === 0) return;
  const used = documents.filter((document) => document.used);
  const ignored = documents.filter((document) => !document.used);
  page.heading("Documents");
  if (verbose)
    for (const { path, note } of used) page.write(`${path}: ${note}`, { lead: `${page.signs.good} ` });
  else page.write(`${used.length} read: ${kinds(used)}`, { lead: `${page.signs.good} `, leadTone: "good" });
  const shown = verbose ? ignored : ignored.slice(0, 5);
  for (const { path, kind, note } of shown) {
    page.write(`${path} left aside, ${kind}: ${note}`, { lead: `${page.signs.dot} ` });
  }
  if (ignored.length > shown.length)
    page.write(`and ${ignored.length - shown.length} more left aside (--verbose)`);
}

function kinds(documents: readonly ReadDocument[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of documents) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} x ${kind}`)).join(", ");
}
