import { healthRulesOf, isKnown } from "../../health/server-state.ts";
import { notSentSays, placeOfProbe } from "../content/probe.ts";
import { abridged, counted } from "../content/wording.ts";
import type { ProbeEnd, ProbePlans, ProbeShown } from "../probe-report.ts";
import {
  allUp,
  isNews,
  type KeptShown,
  type ProbedShown,
  type WatchEndShown,
  type WatchEventShown,
  type WatchedShown,
  type WatchWriter,
} from "../probe-watch-report.ts";
import { Page } from "./page.ts";
import { type ProbeTextOptions, probePlansText } from "./probe.ts";
import type { Signs, Tone } from "./style.ts";

type Sign = Extract<keyof Signs & Tone, "good" | "bad" | "unsure">;

const stateColumns = "down".length;
const countColumns = "20/20".length;
const textIndent = "00:00:00 ".length + 2;

/** Servers listed at the end, unless everything is asked for. */
const mostAtEnd = 20;

/** Calm lines for terminals, pipes and tickets: one for each probe, one more where something new was seen. */
export class WatchText implements WatchWriter {
  readonly #gateways: readonly ProbePlans[];
  readonly #options: ProbeTextOptions;
  /** Before each place, where there are several gateways. */
  readonly #gatewayOf: ReadonlyMap<ProbeShown, string>;
  /** What was last said of a server, by its number. */
  readonly #said = new Map<number, string>();
  #day = "";

  constructor(gateways: readonly ProbePlans[], options: ProbeTextOptions) {
    this.#gateways = gateways;
    this.#options = options;
    const owned = gateways.flatMap(({ gateway, probes }) =>
      probes.map((probe) => [probe, `${gateway.name} `] as const),
    );
    this.#gatewayOf = new Map(gateways.length > 1 ? owned : []);
  }

  start(): string {
    if (this.#options.quiet) return "";
    return this.#gateways
      .map((plans) => `${probePlansText(plans, this.#options)}${cadenceText(plans, this.#options)}`)
      .join("\n");
  }

  event(event: WatchEventShown): string {
    if (this.#options.quiet && !isNews(event)) return "";
    const page = new Page(this.#options);
    this.#writeDay(page, event.atMs);
    if (event.kind === "kept") this.#writeKept(page, event);
    else this.#writeProbed(page, event);
    return page.text();
  }

  end(end: WatchEndShown): string {
    const page = new Page(this.#options);
    const { servers } = end;
    const telling = servers.filter(({ state }) => !state.up || state.changes.length > 1);
    const listed = this.#options.verbose ? servers : telling.slice(0, mostAtEnd);
    const text = listed.length > 0 ? "\n" : "";
    for (const server of listed) this.#writeStanding(page, server);
    if (!this.#options.verbose && telling.length > listed.length) {
      page.write(`and ${telling.length - listed.length} more`, { indent: 2, tone: "quiet" });
    }
    const up = servers.filter(({ state }) => state.up).length;
    const sent = servers.reduce((sum, { probes }) => sum + probes, 0);
    const sum = `${up} of ${counted(servers.length, "server")} up after ${counted(sent, "probe")}`;
    const tone = servers.length === 0 ? "unsure" : allUp(end) ? "good" : "bad";
    page.gap();
    const interrupted = end.why === "interrupted" ? ", interrupted" : "";
    page.write(`${sum}${interrupted}.`, { lead: `${page.signs[tone]} `, leadTone: tone, tone });
    return `${text}${page.text()}`;
  }

  /** Before the first line of each day. */
  #writeDay(page: Page, atMs: number): void {
    const day = new Date(atMs).toISOString().slice(0, 10);
    if (day === this.#day) return;
    this.#day = day;
    page.write(`${day}, times in UTC`, { tone: "quiet" });
  }

  #writeProbed(page: Page, { atMs, server, result, change }: ProbedShown): void {
    const sign = signOf(result);
    const state = server.state.up ? "up" : "down";
    const word = change === undefined ? state : state.toUpperCase();
    const count = server.state.failuresInRow;
    const counted = count === 0 ? "" : `${count}/${server.rules.unhealthyThreshold}`;
    const tone = change === undefined ? "plain" : sign;
    const lead = leadOf(atMs, page.signs[sign], word, counted);
    page.write(`${this.#placeOf(server)}: ${seenIn(result)}`, { lead, leadTone: sign, tone });
    const says = saysOf(result);
    if (says !== undefined && says !== this.#said.get(server.number)) {
      page.write(says, { indent: textIndent, tone: "quiet" });
    }
    this.#said.set(server.number, says ?? "");
  }

  #writeKept(page: Page, { atMs, server, pair, minServers, kept }: KeptShown): void {
    const how = kept
      ? `treated as healthy all the same, as minServers is ${minServers}`
      : server.state.up
        ? "healthy by its own probes again"
        : "no longer treated as healthy by minServers";
    const lead = leadOf(atMs, page.signs.risk, server.state.up ? "up" : "down", "");
    const text = `${this.#gatewayName(server)}${placeOfProbe(server.probe)} ${pair.id}: ${how}`;
    page.write(text, { lead, leadTone: "unsure" });
  }

  #writeStanding(page: Page, server: WatchedShown): void {
    const { state, probes, failures } = server;
    const tone: Sign = state.up ? "good" : isKnown(state) ? "bad" : "unsure";
    const since = state.changes.at(-1);
    const word = state.up ? "up" : "down";
    const standing =
      since !== undefined
        ? `${word} since ${timeOf(since.atMs)}`
        : isKnown(state)
          ? "not up once"
          : "no probe told how it is";
    const text = `${this.#placeOf(server)}: ${standing}, ${failures} of ${counted(probes, "probe")} failed`;
    page.write(text, { lead: `${page.signs[tone]} `, leadTone: tone });
  }

  /** `10.20.2.4:8080 pool~setting` */
  #placeOf(server: WatchedShown): string {
    const pairs = server.probe.pairs.map(({ id }) => id);
    return `${this.#gatewayName(server)}${placeOfProbe(server.probe)} ${abridged(pairs, 1)}`;
  }

  #gatewayName({ probe }: WatchedShown): string {
    return this.#gatewayOf.get(probe) ?? "";
  }
}

/** How often each server is probed, and what takes it down. */
function cadenceText({ gateway, probes }: ProbePlans, options: ProbeTextOptions): string {
  if (probes.length === 0) return "";
  const page = new Page(options);
  const byCadence = Map.groupBy(probes, ({ plan }) => {
    const { intervalMs, unhealthyThreshold } = healthRulesOf(gateway.generation, plan);
    const quick = gateway.generation === "v1" && unhealthyThreshold > 1;
    const waits = quick ? ", which v1 does not wait for after a first failure" : "";
    const down = `down after ${counted(unhealthyThreshold, "failure")} in a row`;
    return `every ${intervalMs / 1000} s${waits}; ${down}, up after one success`;
  });
  for (const [cadence, alike] of byCadence) {
    const whom = byCadence.size === 1 ? "" : `: ${abridged(alike.map(placeOfProbe), 3)}`;
    page.write(`Probed ${cadence}${whom}.`);
  }
  page.write("UP, DOWN: by this probe. 1/3: one failure in a row, of three that take it down.", {
    tone: "quiet",
  });
  return `${page.text()}\n`;
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** `00:00:00 ✗ up   1/3   ` */
function leadOf(atMs: number, sign: string, state: string, count: string): string {
  return `${timeOf(atMs)} ${sign} ${state.padEnd(stateColumns)} ${count.padEnd(countColumns)} `;
}

function signOf(result: ProbeEnd): Sign {
  if (!result.sent || result.verdict.outcome === "undecided") return "unsure";
  return result.verdict.outcome === "healthy" ? "good" : "bad";
}

/** In a word or two; kinds of verdicts are words of the JSON output too. */
function seenIn(result: ProbeEnd): string {
  if (!result.sent) return "nothing sent";
  const { observation, verdict } = result;
  if (verdict.kind === "healthy" || verdict.kind === "status") {
    return observation.http?.status === undefined ? "connected" : `${observation.http.status}`;
  }
  return verdict.kind;
}

/** The whole sentence, where the word does not say all. */
function saysOf(result: ProbeEnd): string | undefined {
  if (!result.sent) return `Nothing was sent: ${notSentSays(result.why)}.`;
  return result.verdict.outcome === "healthy" ? undefined : result.verdict.says;
}
