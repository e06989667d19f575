import {
  healthyWhen,
  noServerSays,
  notSentSays,
  placeOfProbe,
  requestOf,
  routesOfProbe,
} from "../content/probe.ts";
import { dnsLines, httpLines, tcpLine, tlsLines } from "../content/probe-phases.ts";
import { abridged, counted } from "../content/wording.ts";
import type { NotSentWhy, ProbeEnd, ProbePlans, ProbeReport, ProbeShown } from "../probe-report.ts";
import { Page } from "./page.ts";
import type { TextStyle, Tone } from "./style.ts";

export interface ProbeTextOptions extends TextStyle {
  /** Every header and every route. */
  readonly verbose: boolean;
  /** The verdicts only. */
  readonly quiet: boolean;
}

const labelColumns = 13;
const mostHeaders = 4;

/** What the gateway would send to each server, and what counts as healthy. */
export function probePlansText(plans: ProbePlans, options: ProbeTextOptions): string {
  if (options.quiet) return "";
  const page = new Page(options);
  const { gateway, probes, withoutServer } = plans;
  page.write(`${gateway.name} ${page.signs.dot} Application Gateway ${gateway.sku.name}`, {
    tone: "heading",
  });
  page.write(
    `Sent from ${plans.fromAddress ?? "this machine"}: what stands between the gateway and its servers is not on this way.`,
    { tone: "quiet" },
  );
  page.heading("What the gateway would send");
  probes.forEach((probe, index) => {
    writePlan(page, probe, index, options.verbose);
  });
  if (probes.length === 0) page.write("Nothing: there is no server to probe.");
  for (const { route, why } of withoutServer) {
    page.write(`${route.id}: ${noServerSays(why)}`, { lead: `${page.signs.unsure} `, leadTone: "unsure" });
  }
  page.gap();
  return `${page.text()}\n`;
}

function writePlan(page: Page, probe: ProbeShown, index: number, verbose: boolean): void {
  const lead = `${String(index + 1).padStart(2)}. `;
  const indent = lead.length;
  page.write(placeOfProbe(probe), { lead, leadTone: "heading" });
  page.write(requestOf(probe.plan), { indent });
  page.write(`healthy: ${healthyWhen(probe.plan)}`, { indent });
  const most = verbose ? Number.POSITIVE_INFINITY : 4;
  const pairs = probe.pairs.map(({ id }) => id);
  page.write(`for ${abridged(routesOfProbe(probe), most)} (${abridged(pairs, most)})`, {
    indent,
    tone: "quiet",
  });
}

/** What came back, phase by phase, and what it is. */
export function probeEndsText(report: ProbeReport, options: ProbeTextOptions): string {
  const page = new Page(options);
  report.probes.forEach((probe, index) => {
    const end = report.ends[index];
    if (end !== undefined) writeEnd(page, { probe, end, number: index + 1 }, options);
  });
  page.gap();
  writeSum(page, report);
  return page.text();
}

interface Told {
  readonly probe: ProbeShown;
  readonly end: ProbeEnd;
  readonly number: number;
}

function writeEnd(page: Page, { probe, end, number }: Told, { verbose, quiet }: ProbeTextOptions): void {
  const { word, sign, tone } = lookOf(page, end);
  const title = `${number}. ${placeOfProbe(probe)}`;
  const says = end.sent ? end.verdict.says : whyNoResult(end.why);
  if (quiet) {
    page.write(`${placeOfProbe(probe)}: ${says}`, { lead: `${sign} `, leadTone: tone });
    return;
  }
  page.heading(title, word);
  if (end.sent) writePhases(page, end, verbose ? Number.POSITIVE_INFINITY : mostHeaders);
  page.write(says, { lead: `${sign} `, leadTone: tone, tone });
}

function whyNoResult(why: NotSentWhy): string {
  return why === "interrupted" ? "It was interrupted." : `Nothing was sent: ${notSentSays(why)}.`;
}

function writePhases(page: Page, { observation, verdict }: ProbeEnd & { sent: true }, headers: number): void {
  const { dns, tcp, tls, http } = observation;
  if (dns !== undefined) labelled(page, "DNS", dnsLines(dns));
  if (tcp !== undefined) labelled(page, "TCP", [tcpLine(tcp)]);
  if (tls !== undefined) labelled(page, "TLS", tlsLines(tls));
  if (http !== undefined) labelled(page, "HTTP", httpLines(http, headers));
  const { messages } = verdict;
  labelled(page, "Azure shows", [
    messages.length === 0 ? "no message is documented for it" : `message ${messages.join(", or ")}`,
  ]);
}

function labelled(page: Page, label: string, lines: readonly string[]): void {
  lines.forEach((line, index) => {
    page.write(line, { lead: (index === 0 ? label : "").padEnd(labelColumns), leadTone: "heading" });
  });
}

function lookOf({ signs }: Page, end: ProbeEnd): { word: string; sign: string; tone: Tone } {
  const outcome = outcomeOf(end);
  if (outcome === "healthy") return { word: outcome, sign: signs.good, tone: "good" };
  if (outcome === "unhealthy") return { word: outcome, sign: signs.bad, tone: "bad" };
  return { word: outcome, sign: signs.unsure, tone: "unsure" };
}

function outcomeOf(end: ProbeEnd): string {
  if (end.sent) return end.verdict.outcome;
  return end.why === "interrupted" ? "interrupted" : "not sent";
}

function writeSum(page: Page, { ends }: ProbeReport): void {
  const count = (wanted: string): number => ends.filter((end) => outcomeOf(end) === wanted).length;
  const healthy = count("healthy");
  const rest = ["unhealthy", "undecided", "not sent", "interrupted"].flatMap((outcome) => {
    const number = count(outcome);
    return number === 0 ? [] : [`${number} ${outcome}`];
  });
  const text = [`${healthy} of ${counted(ends.length, "probe")} healthy`, ...rest].join(", ");
  const tone = ends.length === 0 ? "unsure" : healthy === ends.length ? "good" : "bad";
  page.write(`${text}.`, { lead: `${page.signs[tone]} `, leadTone: tone, tone });
}
