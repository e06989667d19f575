import { kindsOf, type Places } from "../content/documents.ts";
import type { ReadDocument } from "../report-input.ts";
import type { Page } from "./page.ts";
import type { Telling } from "./telling.ts";

/** Risks told without --verbose. */
const mostRisks = 5;
/** Documents left aside that are told without it. */
const mostIgnored = 5;

/** What has no effect now and may have one later. */
export function writeRisks(page: Page, { diagnosis, places, verbose }: Telling): void {
  const risks = diagnosis.findings.filter(({ role }) => role === "risk");
  if (risks.length === 0) return;
  page.heading("Risks", "no effect now");
  const shown = verbose ? risks : risks.slice(0, mostRisks);
  for (const { cause, summary, evidence, fix } of shown) {
    page.write(`${summary} (${cause})`, { lead: `${page.signs.risk} `, leadTone: "unsure" });
    const [first] = evidence;
    if (first !== undefined) page.write(places.of(first), { indent: 2, tone: "quiet" });
    if (fix !== undefined) page.write(fix.summary, { indent: 2, lead: `${page.signs.arrow} ` });
  }
  if (risks.length > shown.length) page.write(`and ${risks.length - shown.length} more (--verbose)`);
}

/** What was read, and what was left aside and why. */
export function writeDocuments(
  page: Page,
  documents: readonly ReadDocument[],
  { folder, name }: Places,
  verbose: boolean,
): void {
  if (documents.length === 0) return;
  const used = documents.filter((document) => document.used);
  const ignored = documents.filter((document) => !document.used);
  page.heading("Documents", folder === "" ? "" : `in ${folder}`);
  const good = { lead: `${page.signs.good} `, leadTone: "good" } as const;
  if (verbose) for (const { path, note } of used) page.write(`${name(path)}: ${note}`, good);
  else if (used.length > 0) page.write(`${used.length} read: ${kindsOf(used)}`, good);
  const shown = verbose ? ignored : ignored.slice(0, mostIgnored);
  for (const { path, kind, note } of shown) {
    page.write(`${name(path)} left aside, ${kind}: ${note}`, { lead: `${page.signs.dot} ` });
  }
  if (ignored.length > shown.length)
    page.write(`and ${ignored.length - shown.length} more left aside (--verbose)`);
}
