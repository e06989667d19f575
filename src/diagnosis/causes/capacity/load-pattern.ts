import type { Facets } from "../../facets.ts";
import { instancesOf } from "./gateway-size.ts";

/**
 * Failures that come with load, over the whole gateway. A gateway that is too small answers by itself; a backend that is
 * too small looks the same but for who fails, so only failures without any word of a server count, and even these only
 * as a possibility: no document has the gateway's own load.
 */
export interface LoadPattern {
  readonly failed: number;
  /** Of them in busy minutes. */
  readonly busyMinutes: number;
  /** Requests a minute: usual, and in the minutes that failed. */
  readonly usual: number;
  readonly busy: number;
  /** Failures end although the load stays: the gateway has grown by then. */
  readonly recovers: boolean;
  /** Failures the gateway made without a word of any server. */
  readonly byGateway: boolean;
}

const fewestFailures = 20;
/** Failures elsewhere than under load have another reason. */
const leastInBusyMinutes = 0.9;
/** Busy: twice the usual. */
const busyFactor = 2;
const fewestQuietMinutes = 5;
/** Scaling out takes three to five minutes, by other articles seven (logs-and-metrics.md §8). */
const scaleOutMinutes = 7;
/** A gateway that recovers serves as much without failures for at least so long. */
const fewestCleanMinutes = 3;
const leastByGateway = 0.8;

interface Minute {
  readonly minute: number;
  rows: number;
  failed: number;
}

export function loadPatternOf(traffic: Facets["traffic"]): LoadPattern | undefined {
  const minutes = minutesOf(traffic);
  const failing = minutes.filter(({ failed }) => failed > 0);
  const failed = failing.reduce((sum, minute) => sum + minute.failed, 0);
  const quiet = minutes.filter((minute) => minute.failed === 0);
  if (failed < fewestFailures || quiet.length < fewestQuietMinutes) return undefined;
  const usual = median(quiet.map(({ rows }) => rows));
  const isBusy = ({ rows }: Minute): boolean => rows >= busyFactor * usual;
  const inBusy = failing.filter(isBusy);
  const failedInBusy = inBusy.reduce((sum, minute) => sum + minute.failed, 0);
  if (failedInBusy < leastInBusyMinutes * failed) return undefined;
  const busy = minutes.filter(isBusy);
  const clean = busy.filter((minute) => minute.failed === 0);
  const recovers = recoversIn(busy);
  // Load that mostly passes without failures is not what makes them, unless they are its beginning.
  if (!recovers && clean.length > inBusy.length / 2) return undefined;
  return {
    failed,
    busyMinutes: inBusy.length,
    usual,
    busy: median(inBusy.map(({ rows }) => rows)),
    recovers,
    byGateway: unansweredShare(traffic) >= leastByGateway,
  };
}

/** Every stretch of busy minutes fails only in its first few, and goes on without failures. */
function recoversIn(busy: readonly Minute[]): boolean {
  const stretches: Minute[][] = [];
  for (const minute of busy) {
    const last = stretches.at(-1);
    if (last !== undefined && minute.minute - (last.at(-1) as Minute).minute <= 1) last.push(minute);
    else stretches.push([minute]);
  }
  const failing = stretches.filter((stretch) => stretch.some(({ failed }) => failed > 0));
  return (
    failing.length > 0 &&
    failing.every((stretch) => {
      const lastFailing = stretch.findLastIndex(({ failed }) => failed > 0);
      return lastFailing < scaleOutMinutes && stretch.length - 1 - lastFailing >= fewestCleanMinutes;
    })
  );
}

function minutesOf({ log }: Facets["traffic"]): Minute[] {
  const minutes = new Map<number, Minute>();
  for (const seen of log?.observations ?? []) {
    for (const { minute, rows, failed } of seen.minutes) {
      const sum = minutes.get(minute) ?? { minute, rows: 0, failed: 0 };
      sum.rows += rows;
      sum.failed += failed;
      minutes.set(minute, sum);
    }
  }
  return [...minutes.values()].sort((a, b) => a.minute - b.minute);
}

/** Share of the failures in which no server had a word: neither a status nor a closed connection. */
function unansweredShare({ log }: Facets["traffic"]): number {
  let all = 0;
  let unanswered = 0;
  for (const { failed, readings, failedServerStatuses } of log?.observations ?? []) {
    all += failed;
    unanswered += readings.get("gateway-error") ?? 0;
    for (const [status, rows] of failedServerStatuses) if (status < 500) unanswered -= rows;
  }
  return all === 0 ? 0 : unanswered / all;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Which of the three capacity causes a load pattern can mean on this gateway, by how it scales. */
export function capacityCauseOf(
  gateway: Facets["gateway"],
  { recovers }: LoadPattern,
): "capacity-max" | "capacity-fixed" | "capacity-scale-lag" | undefined {
  const instances = instancesOf(gateway);
  if (instances === undefined) return undefined;
  if (!instances.autoscales) return recovers ? undefined : "capacity-fixed";
  if (instances.most !== undefined && instances.most <= instances.least)
    return recovers ? undefined : "capacity-max";
  return recovers ? "capacity-scale-lag" : "capacity-max";
}
