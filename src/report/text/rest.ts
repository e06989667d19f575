import { kindsOf, leftAside, type Places } from "../content/documents.ts";
import { notSentWords, sentWords } from "../content/sent.ts";
import { abridged, joined } from "../content/wording.ts";
import type { ReadDocument } from "../report-input.ts";
import type { Page } from "./page.ts";
import type { Telling } from "./telling.ts";

/** Risks told without --verbose. */
const mostRisks = 5;
/** Reasons to leave documents aside that are told without it. */
const mostGroups = 4;

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

/** What was sent to the servers of this gateway, and what was not. */
export function writeSent(page: Page, { diagnosis, input }: Telling): void {
  const sent = input.sent.find(({ gatewayId }) => gatewayId === diagnosis.gateway.id);
  if (sent === undefined) return;
  page.heading("Sent from here", "");
  page.write(sentWords(sent), { lead: `${page.signs.good} `, leadTone: "good" });
  for (const { url, outcome, says } of sent.throughGateway) {
    const good = outcome === "not-reproduced";
    const unsure = outcome === "could-not-tell";
    const { signs } = page;
    page.write(`${url} through the gateway and straight to its servers: ${says}`, {
      lead: `${good ? signs.good : unsure ? signs.unsure : signs.bad} `,
      leadTone: good ? "good" : unsure ? "unsure" : "bad",
    });
  }
  for (const words of notSentWords(sent)) {
    page.write(words, { lead: `${page.signs.unsure} `, leadTone: "unsure" });
  }
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
  page.heading("Documents", folder === "" ? "" : `in ${folder}`);
  const good = { lead: `${page.signs.good} `, leadTone: "good" } as const;
  if (verbose) for (const { path, note } of used) page.write(`${name(path)}: ${note}`, good);
  else if (used.length > 0) page.write(`${used.length} read: ${kindsOf(used)}`, good);
  const groups = leftAside(documents);
  const shown = verbose ? groups : groups.slice(0, mostGroups);
  for (const { kind, why, paths } of shown) {
    const names = verbose ? joined(paths.map(name)) : abridged(paths.map(name), 2);
    page.write(`${names} left aside, ${kind}: ${why}`, { lead: `${page.signs.dot} ` });
  }
  const rest = groups.slice(shown.length).flatMap(({ paths }) => paths).length;
  if (rest > 0) page.write(`and ${rest} more left aside (--verbose)`);
}
