import type { FailureBurst, MinuteCount } from "../../model/observations.ts";
import { isFailing, R, READINGS } from "./row.ts";

const MINUTE_MS = 60_000;
/** Minutes kept: a day. */
const KEPT = 1440;
/** Twice as many may gather before the emptier half goes, so that sorting them out is seldom. */
const CAPACITY = 2 * KEPT;
/** What every route may have, however many there are. */
const SURE = 32;
const BURSTS_KEPT = 32;
/** How far before and after a burst served rows are counted. */
const AROUND_MINUTES = 10;

/** Per minute: rows, then rows by reading. */
const WIDTH = 1 + READINGS.length;

/** Places for minutes, of which a whole log has a bounded number; about 100 bytes each. */
export interface MinuteBudget {
  left: number;
}

/** Rows of a route by minute. Rows come nearly in order of time, but need not. */
export class MinuteTable {
  private slots = new Map<number, number>();
  private counts = new Uint32Array(16 * WIDTH);
  /** Milliseconds into the minute of its first and last failure. */
  private firstFailure = new Uint16Array(16);
  private lastFailure = new Uint16Array(16);
  private lastMinute = Number.NaN;
  private lastSlot = 0;
  private readonly budget: MinuteBudget;

  constructor(budget: MinuteBudget) {
    this.budget = budget;
  }

  add(timeMs: number, reading: number): void {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const slot = minute === this.lastMinute ? this.lastSlot : this.slotOf(minute);
    this.lastMinute = minute;
    this.lastSlot = slot;
    const base = slot * WIDTH;
    (this.counts[base] as number)++;
    (this.counts[base + 1 + reading] as number)++;
    if (isFailing(reading)) this.markFailure(slot, timeMs - minute * MINUTE_MS);
  }

  /** In order of time, the fullest `most` of them. */
  minutes(most: number = KEPT): MinuteCount[] {
    const all = [...this.slots].map(([minute, slot]) => ({
      minute,
      rows: this.counts[slot * WIDTH] as number,
      served: this.counts[slot * WIDTH + 1 + R.served] as number,
      failed: this.failedIn(slot),
    }));
    const kept = all.length <= most ? all : all.sort(fullestFirst).slice(0, most);
    return kept.sort((a, b) => a.minute - b.minute);
  }

  /** Runs of failing minutes with at most one whole minute without a failure inside. */
  bursts(minutes: readonly MinuteCount[]): FailureBurst[] {
    const failing = minutes.filter((minute) => minute.failed > 0);
    const bursts: FailureBurst[] = [];
    let start = 0;
    for (let i = 1; i <= failing.length; i++) {
      const here = failing[i];
      if (here !== undefined && here.minute - (failing[i - 1] as MinuteCount).minute <= 2) continue;
      bursts.push(this.burst(failing.slice(start, i), minutes));
      start = i;
    }
    const kept = bursts.sort((a, b) => b.failed - a.failed || a.firstMs - b.firstMs).slice(0, BURSTS_KEPT);
    return kept.sort((a, b) => a.firstMs - b.firstMs);
  }

  private burst(failing: readonly MinuteCount[], minutes: readonly MinuteCount[]): FailureBurst {
    const first = (failing[0] as MinuteCount).minute;
    const last = (failing.at(-1) as MinuteCount).minute;
    return {
      firstMs: first * MINUTE_MS + (this.firstFailure[this.slots.get(first) as number] as number),
      lastMs: last * MINUTE_MS + (this.lastFailure[this.slots.get(last) as number] as number),
      failed: failing.reduce((sum, minute) => sum + minute.failed, 0),
      readings: this.failingReadings(failing),
      served: servedBetween(minutes, first, last),
      servedBefore: servedBetween(minutes, first - AROUND_MINUTES, first - 1),
      servedAfter: servedBetween(minutes, last + 1, last + AROUND_MINUTES),
    };
  }

  private failingReadings(failing: readonly MinuteCount[]): FailureBurst["readings"] {
    const readings = new Map<(typeof READINGS)[number], number>();
    for (const [index, reading] of READINGS.entries()) {
      if (!isFailing(index)) continue;
      let rows = 0;
      for (const { minute } of failing) {
        rows += this.counts[(this.slots.get(minute) as number) * WIDTH + 1 + index] as number;
      }
      if (rows > 0) readings.set(reading, rows);
    }
    return readings;
  }

  private markFailure(slot: number, intoMinute: number): void {
    const any = this.failedIn(slot) > 1; // this failure is counted already
    if (!any || intoMinute < (this.firstFailure[slot] as number)) this.firstFailure[slot] = intoMinute;
    if (!any || intoMinute > (this.lastFailure[slot] as number)) this.lastFailure[slot] = intoMinute;
  }

  private failedIn(slot: number): number {
    let failed = 0;
    for (let reading = 0; reading < READINGS.length; reading++) {
      if (isFailing(reading)) failed += this.counts[slot * WIDTH + 1 + reading] as number;
    }
    return failed;
  }

  private slotOf(minute: number): number {
    const known = this.slots.get(minute);
    if (known !== undefined) return known;
    const { size } = this.slots;
    if (size >= CAPACITY || (this.budget.left <= 0 && size >= SURE)) this.keepFullest(size >> 1);
    const slot = this.slots.size;
    if (slot * WIDTH >= this.counts.length) this.resize(slot * 2);
    this.budget.left--;
    this.slots.set(minute, slot);
    return slot;
  }

  private resize(slots: number): void {
    this.counts = resized(this.counts, new Uint32Array(slots * WIDTH));
    this.firstFailure = resized(this.firstFailure, new Uint16Array(slots));
    this.lastFailure = resized(this.lastFailure, new Uint16Array(slots));
  }

  private keepFullest(most: number): void {
    const kept = new MinuteTable(this.budget);
    this.budget.left += this.slots.size;
    for (const { minute } of this.minutes(most)) {
      const from = this.slots.get(minute) as number;
      const to = kept.slotOf(minute);
      kept.counts.set(this.counts.subarray(from * WIDTH, (from + 1) * WIDTH), to * WIDTH);
      kept.firstFailure[to] = this.firstFailure[from] as number;
      kept.lastFailure[to] = this.lastFailure[from] as number;
    }
    this.slots = kept.slots;
    this.counts = kept.counts;
    this.firstFailure = kept.firstFailure;
    this.lastFailure = kept.lastFailure;
  }
}

/** Served rows in the minutes `from`–`to`, both included. */
function servedBetween(minutes: readonly MinuteCount[], from: number, to: number): number {
  let served = 0;
  for (const minute of minutes) if (minute.minute >= from && minute.minute <= to) served += minute.served;
  return served;
}

/** Served rows in minutes before the first, and after the last failing minute; all of them before when none failed. */
export function servedAround(minutes: readonly MinuteCount[]): { before: number; after: number } {
  const failing = minutes.filter((minute) => minute.failed > 0);
  const first = failing[0]?.minute ?? Number.POSITIVE_INFINITY;
  const last = failing.at(-1)?.minute ?? Number.POSITIVE_INFINITY;
  return {
    before: servedBetween(minutes, Number.NEGATIVE_INFINITY, first - 1),
    after: servedBetween(minutes, last + 1, Number.POSITIVE_INFINITY),
  };
}

function fullestFirst(a: MinuteCount, b: MinuteCount): number {
  return b.failed - a.failed || b.rows - a.rows || b.minute - a.minute;
}

function resized<T extends Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
