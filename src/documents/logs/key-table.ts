import type { KeySummary, LatencyRange } from "../../model/observations.ts";
import { isFailing, R, READINGS } from "./row.ts";
import { readingMap } from "./row-counts.ts";

class RangeOfLatency {
  private count = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  max = 0;

  add(seconds: number): void {
    if (!(seconds >= 0)) return;
    this.count++;
    this.sum += seconds;
    if (seconds < this.min) this.min = seconds;
    if (seconds > this.max) this.max = seconds;
  }

  range(): LatencyRange | undefined {
    if (this.count === 0) return undefined;
    return { count: this.count, minS: this.min, meanS: this.sum / this.count, maxS: this.max };
  }
}

class Entry {
  readonly key: string;
  /** Failures of the keys that had this place before: what the key may have had unseen (space-saving). */
  readonly inherited: number;
  rows = 0;
  failed = 0;
  readonly readings: number[] = READINGS.map(() => 0);
  readonly served = new RangeOfLatency();
  readonly failing = new RangeOfLatency();

  constructor(key: string, inherited: number) {
    this.key = key;
    this.inherited = inherited;
  }

  summary(): KeySummary {
    return {
      rows: this.rows,
      failed: this.failed,
      readings: readingMap(this.readings),
      servedLatency: this.served.range(),
      failedLatency: this.failing.range(),
    };
  }
}

/**
 * Paths or hosts of a route, which strangers choose: a fixed number is kept. While there is room, every key is; then a
 * failing key takes the place of the one with fewest failures (space-saving: a heavy hitter cannot be lost), and a served
 * key that of the fastest that never failed, if it was slower.
 */
export class KeyTable {
  private readonly capacity: number;
  private readonly entries = new Map<string, Entry>();
  private last: Entry | undefined;
  /** Served keys at most this slow need not try for a place. */
  private floorS = -1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(key: string, reading: number, latencyS: number): void {
    const failing = isFailing(reading);
    let entry = this.last;
    if (entry === undefined || entry.key !== key) {
      entry = this.entries.get(key) ?? this.admit(key, failing, latencyS);
      if (entry === undefined) return;
      this.last = entry;
    }
    entry.rows++;
    (entry.readings[reading] as number)++;
    if (failing) {
      entry.failed++;
      entry.failing.add(latencyS);
    } else if (reading === R.served) entry.served.add(latencyS);
  }

  /** The first `count` keys: most failures, then `then`. */
  top(count: number, then: "slowest" | "most rows"): Map<string, KeySummary> {
    const second = (entry: Entry) => (then === "slowest" ? entry.served.max : entry.rows);
    const sorted = [...this.entries.values()].sort(
      (a, b) => b.failed - a.failed || second(b) - second(a) || b.rows - a.rows,
    );
    return new Map(sorted.slice(0, count).map((entry) => [entry.key, entry.summary()]));
  }

  private admit(key: string, failing: boolean, latencyS: number): Entry | undefined {
    let inherited = 0;
    if (this.entries.size >= this.capacity) {
      if (!failing && !(latencyS > this.floorS)) return undefined;
      const victim = this.leastTelling();
      const weight = victim.failed + victim.inherited;
      this.floorS = weight > 0 ? Number.POSITIVE_INFINITY : victim.served.max;
      if (!failing && !(latencyS > this.floorS)) return undefined;
      this.entries.delete(victim.key);
      inherited = weight;
    }
    const entry = new Entry(key, inherited);
    this.entries.set(key, entry);
    return entry;
  }

  private leastTelling(): Entry {
    let least: Entry | undefined;
    for (const entry of this.entries.values()) {
      if (least === undefined || isLess(entry, least)) least = entry;
    }
    return least as Entry;
  }
}

function isLess(a: Entry, b: Entry): boolean {
  const difference = a.failed + a.inherited - (b.failed + b.inherited);
  return difference < 0 || (difference === 0 && a.served.max < b.served.max);
}
