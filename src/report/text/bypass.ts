import { isLayer7 } from "../../health/exchange.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import type { BypassEnd, BypassReport, BypassServerEnds } from "../bypass-report.ts";
import { type HeaderDifference, headerDifference, latencyOf, noServerClause } from "../content/bypass.ts";
import { took } from "../content/probe-phases.ts";
import { abridged, counted, joined } from "../content/wording.ts";
import { Page } from "./page.ts";
import type { TextStyle, Tone } from "./style.ts";

export interface BypassTextOptions extends TextStyle {
  /** Every server and every header. */
  readonly verbose: boolean;
  /** The verdict only. */
  readonly quiet: boolean;
}

const labelColumns = 11;
const mostServers = 12;
const mostNames = 8;

/** The request through the gateway and straight to its servers, side by side, and the verdict. */
export function bypassText(report: BypassReport, options: BypassTextOptions): string {
  const page = new Page(options);
  if (!options.quiet) {
    writeRequest(page, report);
    writeGateway(page, report);
    const most = options.verbose ? report.servers.length : mostServers;
    const shown = mostTelling(report.servers).slice(0, most);
    for (const server of shown) writeServer(page, server, report, options.verbose);
    const left = report.servers.length - shown.length;
    if (left > 0) {
      page.gap();
      page.write(`${counted(left, "more server")}, with --verbose.`, { tone: "quiet" });
    }
    page.gap();
  }
  writeVerdict(page, report);
  return page.text();
}

/** Servers that failed first; otherwise in the order of the pool. */
function mostTelling(servers: readonly BypassServerEnds[]): readonly BypassServerEnds[] {
  const failed = ({ ends }: BypassServerEnds): boolean => ends.some(({ judged }) => judged.answer === "bad");
  return [...servers.filter(failed), ...servers.filter((server) => !failed(server))];
}

function writeRequest(page: Page, report: BypassReport): void {
  const { gateway, method, url, fields, taken, tries, unsafe, servers } = report;
  page.write(`${gateway.name} ${page.signs.dot} Application Gateway ${gateway.sku.name}`, {
    tone: "heading",
  });
  const given =
    fields.length === 0
      ? ""
      : `, with ${joined(fields)} (${fields.length === 1 ? "value" : "values"} withheld)`;
  labelled(page, "Request", [`${method} ${url}${given}`]);
  const route = taken.route === undefined ? "none" : taken.route.id;
  const clause = noServerClause(taken);
  labelled(page, "Route", [clause === undefined ? route : `${route}: ${clause}`]);
  const places = 1 + servers.filter(({ plan }) => plan !== undefined).length;
  labelled(page, "Sent", [`${counted(tries, "time")} to each of ${counted(places, "place")}, in turns`]);
  if (unsafe) {
    page.write(`${method} may change something: it was sent as often as this says.`, {
      lead: `${page.signs.unsure} `,
      leadTone: "unsure",
      tone: "unsure",
    });
  }
}

function writeGateway(page: Page, { through, via, certificate, gateway }: BypassReport): void {
  page.heading("Through the gateway", wordOf(through));
  const tcp = through[0]?.observation.tcp;
  const place = tcp === undefined ? via : `${tcp.address} port ${tcp.port}`;
  if (place !== undefined) labelled(page, "At", [place]);
  writeEnds(page, through);
  const maker = through.find(({ judged }) => judged.answer === "bad")?.judged.madeBy;
  if (maker === "gateway") labelled(page, "Made by", [`the gateway ${gateway.name} itself`]);
  if (maker === "backend") labelled(page, "Made by", ["what stands behind the gateway"]);
  if (certificate !== undefined && certificate.length > 0)
    labelled(
      page,
      "TLS",
      certificate.map((fault) => `${fault} (not held against it here)`),
    );
}

function writeServer(page: Page, server: BypassServerEnds, report: BypassReport, verbose: boolean): void {
  const { place, plan, notSent, ends, ownHost } = server;
  page.heading(`Straight to ${place}`, plan === undefined ? "not sent" : wordOf(ends));
  if (plan !== undefined) labelled(page, "As", [requestWords(plan)]);
  if (notSent !== undefined)
    page.write(`Nothing was sent: ${notSent}.`, { lead: `${page.signs.unsure} `, leadTone: "unsure" });
  writeEnds(page, ends);
  if (ownHost !== undefined) {
    labelled(page, "Own Host", [`with ${ownHost.observation.sent.host}: ${ownHost.judged.says}`]);
  }
  const difference = headerDifference(report.through, ends);
  if (difference !== undefined) labelled(page, "Headers", differenceLines(difference, verbose));
}

/** Each different outcome once, with how often it came. */
function writeEnds(page: Page, ends: readonly BypassEnd[]): void {
  const bySays = new Map<string, BypassEnd[]>();
  for (const end of ends) bySays.set(end.judged.says, [...(bySays.get(end.judged.says) ?? []), end]);
  for (const [says, same] of bySays) {
    const [first] = same;
    if (first === undefined) continue;
    const tone = toneOf(first);
    const times = same.length === ends.length ? "" : ` (${same.length} of ${ends.length})`;
    page.write(`${says}${times}`, { lead: `${page.signs[tone]} `, leadTone: tone });
  }
  const latency = latencyOf(ends);
  if (latency === undefined) return;
  const { minMs, medianMs, maxMs } = latency;
  const range = took(minMs) !== took(maxMs) ? ` (${took(minMs)} to ${took(maxMs)})` : "";
  labelled(page, "Latency", [`${took(medianMs)}${range}`]);
}

function differenceLines(difference: HeaderDifference, verbose: boolean): string[] {
  const most = verbose ? Number.POSITIVE_INFINITY : mostNames;
  const { onlyThrough, onlyStraight, different } = difference;
  return [
    ...(onlyThrough.length === 0 ? [] : [`only through the gateway: ${abridged(onlyThrough, most)}`]),
    ...(onlyStraight.length === 0 ? [] : [`only straight: ${abridged(onlyStraight, most)}`]),
    ...different
      .slice(0, most)
      .map(({ name, values }) =>
        values === undefined
          ? `${name} differs`
          : `${name}: ${values.through} through the gateway, ${values.straight} straight`,
      ),
  ];
}

/** `Http GET /shop, Host shop.contoso.com, no SNI` */
function requestWords({ protocol, method, path, host, sni }: ExchangePlan): string {
  const target = (path ?? "/").replace(/\?.*$/s, "?…");
  const request = isLayer7(protocol) ? `${protocol} ${method} ${target}, Host ${host}` : protocol;
  return protocol === "Https" ? `${request}, ${sni === undefined ? "no SNI" : `SNI ${sni}`}` : request;
}

function writeVerdict(page: Page, { verdict, next }: BypassReport): void {
  const tone: Tone = verdict.outcome === "not-reproduced" ? "good" : verdict.failureSeen ? "bad" : "unsure";
  page.write(verdict.says, { lead: `${page.signs[tone]} `, leadTone: tone, tone });
  page.write("Next:", { tone: "quiet" });
  page.verbatim(next, 2);
}

function labelled(page: Page, label: string, lines: readonly string[]): void {
  lines.forEach((line, index) => {
    page.write(line, { lead: (index === 0 ? label : "").padEnd(labelColumns), leadTone: "heading" });
  });
}

function toneOf({ judged }: BypassEnd): "good" | "bad" | "unsure" {
  if (judged.answer === "bad") return "bad";
  return judged.answer === "fine" && (judged.status ?? 0) < 400 ? "good" : "unsure";
}

function wordOf(ends: readonly BypassEnd[]): string {
  const count = (answer: string): number => ends.filter(({ judged }) => judged.answer === answer).length;
  const bad = count("bad");
  if (ends.length === 0) return "not asked";
  if (bad > 0) return bad === ends.length ? "fails" : `fails ${bad} of ${ends.length}`;
  return count("untold") > 0 ? "could not tell" : "answers";
}
