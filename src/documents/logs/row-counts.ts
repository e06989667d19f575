import type { LatencySummary, RowReading, TrafficCounts } from "../../model/observations.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type AccessRow, isFailing, READINGS } from "./row.ts";

/** Distinct statuses and error texts counted; a gateway has fewer, a forged log may have any. */
const MOST_KEYS = 64;

/** What is counted the same way for a server, and summed up for its route. */
export class RowCounts {
  private rows = 0;
  private retried = 0;
  private readonly readings: number[] = READINGS.map(() => 0);
  private readonly statuses = new Map<number, number>();
  private readonly failedServerStatuses = new Map<number, number>();
  private readonly errorInfos = new Map<string, number>();
  private firstMs = Number.POSITIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;
  private firstFailureMs = Number.POSITIVE_INFINITY;
  private lastFailureMs = Number.NEGATIVE_INFINITY;
  private readonly latency: (LatencyHistogram | undefined)[] = READINGS.map(() => undefined);
  private readonly timeTaken: (LatencyHistogram | undefined)[] = READINGS.map(() => undefined);

  add(row: AccessRow, reading: number): void {
    this.rows++;
    if (row.attempts > 1) this.retried++;
    (this.readings[reading] as number)++;
    count(this.statuses, row.httpStatus, 1);
    if (row.errorInfo !== "") count(this.errorInfos, row.errorInfo, 1);
    histogram(this.latency, reading).add(latencyOf(row));
    histogram(this.timeTaken, reading).add(row.timeTakenS);
    const failing = isFailing(reading);
    if (failing && row.serverStatus >= 0) count(this.failedServerStatuses, row.serverStatus, 1);
    const { timeMs } = row;
    if (timeMs < this.firstMs) this.firstMs = timeMs;
    if (timeMs > this.lastMs) this.lastMs = timeMs;
    if (failing && timeMs < this.firstFailureMs) this.firstFailureMs = timeMs;
    if (failing && timeMs > this.lastFailureMs) this.lastFailureMs = timeMs;
  }

  merge(other: RowCounts): void {
    this.rows += other.rows;
    this.retried += other.retried;
    for (const reading of READINGS.keys()) {
      (this.readings[reading] as number) += other.readings[reading] as number;
      const latency = other.latency[reading];
      const timeTaken = other.timeTaken[reading];
      if (latency !== undefined) histogram(this.latency, reading).merge(latency);
      if (timeTaken !== undefined) histogram(this.timeTaken, reading).merge(timeTaken);
    }
    for (const [status, rows] of other.statuses) count(this.statuses, status, rows);
    for (const [status, rows] of other.failedServerStatuses) count(this.failedServerStatuses, status, rows);
    for (const [info, rows] of other.errorInfos) count(this.errorInfos, info, rows);
    this.firstMs = Math.min(this.firstMs, other.firstMs);
    this.lastMs = Math.max(this.lastMs, other.lastMs);
    this.firstFailureMs = Math.min(this.firstFailureMs, other.firstFailureMs);
    this.lastFailureMs = Math.max(this.lastFailureMs, other.lastFailureMs);
  }

  result(): TrafficCounts {
    let failed = 0;
    for (const [reading, rows] of this.readings.entries()) if (isFailing(reading)) failed += rows;
    return {
      rows: this.rows,
      failed,
      retried: this.retried,
      readings: readingMap(this.readings),
      statuses: byKey(this.statuses),
      failedServerStatuses: byKey(this.failedServerStatuses),
      errorInfos: new Map(this.errorInfos),
      firstMs: finite(this.firstMs),
      lastMs: finite(this.lastMs),
      firstFailureMs: finite(this.firstFailureMs),
      lastFailureMs: finite(this.lastFailureMs),
      latency: summaries(this.latency),
      timeTaken: summaries(this.timeTaken),
    };
  }
}

/** The server's own time where the row tells it, else the whole time. */
export function latencyOf(row: AccessRow): number {
  return row.serverLatencyS >= 0 ? row.serverLatencyS : row.timeTakenS;
}

/** Counts by index of `READINGS` → counts by reading, without the zeros. */
export function readingMap(counts: readonly number[]): Map<RowReading, number> {
  const readings = new Map<RowReading, number>();
  for (const [index, reading] of READINGS.entries()) {
    const rows = counts[index] as number;
    if (rows > 0) readings.set(reading, rows);
  }
  return readings;
}

/** Adds to a bounded map: keys beyond the bound are not begun. */
export function count<K>(counts: Map<K, number>, key: K, rows: number): void {
  const before = counts.get(key);
  if (before !== undefined) counts.set(key, before + rows);
  else if (counts.size < MOST_KEYS) counts.set(key, rows);
}

export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function byKey(counts: Map<number, number>): Map<number, number> {
  return new Map([...counts].sort(([a], [b]) => a - b));
}

function histogram(list: (LatencyHistogram | undefined)[], reading: number): LatencyHistogram {
  const known = list[reading];
  if (known !== undefined) return known;
  const made = new LatencyHistogram();
  list[reading] = made;
  return made;
}

function summaries(list: readonly (LatencyHistogram | undefined)[]): Map<RowReading, LatencySummary> {
  const found = new Map<RowReading, LatencySummary>();
  for (const [index, reading] of READINGS.entries()) {
    const summary = list[index]?.summary();
    if (summary !== undefined) found.set(reading, summary);
  }
  return found;
}
