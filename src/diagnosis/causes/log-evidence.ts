import type { KeySummary, LatencySummary, LogSample, RowReading } from "../../model/observations.ts";
import type { Pair, Route } from "../../routing/routes.ts";
import type { Undecided } from "../cause.ts";
import { accessLogExport } from "../exports.ts";
import type { Facets, PairTraffic, Traffic } from "../facets.ts";
import type { Affects, Evidence, Need } from "../finding.ts";
import { evidence, listed } from "../statements.ts";

/** What the causes that are read from the access log have in common: how much is enough, and how it is cited. */

/** Fewer rows than this may be chance, one client's mistake, or one restart. */
export const fewestRows = 5;

/** A sound service loses that share of its requests too; the verdict calls a route degraded from the same share on. */
export const leastShare = 0.001;

/** A path that fails at least this often fails by itself, however small its share of the whole log is. */
const leastShareOfPath = 0.5;

export interface Failures {
  readonly seen: PairTraffic;
  readonly count: number;
  readonly rows: number;
  /** The paths that failed this way, most often first. */
  readonly paths: readonly string[];
}

/** Rows of a pair with one of the readings, when they are more than what happens anyway. */
export function failuresOf(seen: PairTraffic, readings: readonly RowReading[]): Failures | undefined {
  const count = countOf(seen, readings);
  const rows = rowsOf(seen);
  if (count < fewestRows) return undefined;
  const paths = pathsOf(seen, readings);
  const concentrated = paths.some(
    ({ failed, summary }) => failed >= fewestRows && failed >= leastShareOfPath * summary.rows,
  );
  if (count < leastShare * rows && !concentrated) return undefined;
  return {
    seen,
    count,
    rows,
    paths: paths.length > 0 ? paths.map(({ path }) => path) : sampled(seen, readings),
  };
}

/** Paths of the rows that were kept, where only a server's part of the rows is the pair's. */
function sampled({ samples }: PairTraffic, readings: readonly RowReading[]): string[] {
  const rows = samples.filter(({ reading, uri }) => readings.includes(reading) && uri !== "");
  return [...new Set(rows.map(({ uri }) => uri))];
}

export function countOf({ counts }: PairTraffic, readings: readonly RowReading[]): number {
  let sum = 0;
  for (const one of counts) for (const reading of readings) sum += one.readings.get(reading) ?? 0;
  return sum;
}

export function rowsOf({ counts }: PairTraffic): number {
  return counts.reduce((sum, { rows }) => sum + rows, 0);
}

interface PathFailures {
  readonly path: string;
  readonly failed: number;
  readonly summary: KeySummary;
}

/** Paths of a pair that have rows with these readings, most first. */
export function pathsOf({ observations }: PairTraffic, readings: readonly RowReading[]): PathFailures[] {
  return observations
    .flatMap(({ uris }) =>
      [...uris].map(([path, summary]) => ({
        path,
        summary,
        failed: readings.reduce((sum, reading) => sum + (summary.readings.get(reading) ?? 0), 0),
      })),
    )
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed);
}

/** Latency of the rows with a reading, per part of the pair's traffic. */
export function latenciesOf({ counts }: PairTraffic, reading: RowReading): LatencySummary[] {
  return counts.flatMap((one) => (one.readings.has(reading) ? (one.latency.get(reading) ?? []) : []));
}

export function timesTakenOf({ counts }: PairTraffic, reading: RowReading): LatencySummary[] {
  return counts.flatMap((one) => (one.readings.has(reading) ? (one.timeTaken.get(reading) ?? []) : []));
}

/** Latencies are summed up in classes of about 4 % and rows add their own overhead. */
export function isNear(seconds: number, limitS: number): boolean {
  return Math.abs(seconds - limitS) <= Math.max(0.04 * limitS, 0.3);
}

export interface ConstantTime {
  readonly seconds: number;
  /** About how many rows took it. */
  readonly count: number;
}

/** Set when at least this share of the rows took one and the same time, which is how a limit looks. */
export function constantTime(summaries: readonly LatencySummary[], share: number): ConstantTime | undefined {
  const all = summaries.reduce((sum, { count }) => sum + count, 0);
  const [first] = [...summaries].sort((a, b) => b.count - a.count);
  if (first === undefined) return undefined;
  const near = summaries.filter(({ modeS }) => isNear(modeS, first.modeS));
  const constant = near.reduce((sum, { count, modeShare }) => sum + count * modeShare, 0);
  if (constant < share * all) return undefined;
  return { seconds: first.modeS, count: Math.round(constant) };
}

/** The routes of the pair whose own rows have these readings; all of them when rows do not tell routes apart. */
export function routesWith(
  traffic: Pick<Traffic, "ofRoute">,
  pair: Pair,
  readings: readonly RowReading[],
): readonly Route[] {
  const routes = pair.routes.filter((route) =>
    traffic.ofRoute(route).some((seen) => readings.some((reading) => seen.readings.has(reading))),
  );
  return routes.length > 0 ? routes : pair.routes;
}

/** The first row with one of the readings, as evidence. */
export function rowEvidence(
  seen: PairTraffic,
  readings: readonly RowReading[],
  says: (row: LogSample) => string,
): Evidence[] {
  const row = seen.samples.find(({ reading }) => readings.includes(reading));
  return row === undefined
    ? []
    : [evidence(says(row), { document: row.document, pointer: `line ${row.line}` })];
}

/** `/a and /b`, or `requests` when the rows name no path. */
export function pathNames(paths: readonly string[]): string {
  return paths.length === 0 ? "requests" : listed(paths);
}

/** 12 s, 1.5 s */
export function seconds(value: number): string {
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} s`;
}

/** True when the report says that nobody behind the pair takes requests: what failed then failed for that reason. */
export function isDown(health: Facets["health"], pair: Pair): boolean {
  return pair.servers.length === 0 || health.pair(pair).unhealthy === pair.servers.length;
}

/** Without a log nothing can be said of requests, as long as some server may be getting them. */
export function withoutLog(
  { gateway, wiring, traffic, health }: Pick<Facets, "gateway" | "wiring" | "traffic" | "health">,
  applies: (pair: Pair) => boolean = () => true,
): Undecided[] {
  if (traffic.log !== undefined) return [];
  const pairs = wiring.pairs.filter(
    (pair) =>
      pair.setting.collection === "backendHttpSettingsCollection" && !isDown(health, pair) && applies(pair),
  );
  return pairs.length === 0 ? [] : [{ is: "undecided", needs: logNeed(gateway.id), affects: { pairs } }];
}

export function logNeed(gatewayId: string): Need {
  return {
    what: "what became of requests: no access log of this gateway is among the documents",
    command: accessLogExport(gatewayId),
  };
}

/** An undecided check with what would settle it. */
export function undecided(what: string, command: string, affects: Affects): Undecided {
  return { is: "undecided", needs: { what, command }, affects };
}
