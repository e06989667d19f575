import type { KeySummary, LatencyRange } from "../../model/observations.ts";
import { isFailing, R, READINGS } from "./row.ts";
import { readingMap } from "./row-counts.ts";

class RangeOfLatency {
  max = 0;
  private count = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;

  clear(): void {
    this.max = 0;
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
  }

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
  key: string;
  rows = 0;
  failed = 0;
  /** Own failures and those of the keys that had this place before, which the key may have had unseen (space-saving). */
  weight = 0;
  /** `served.max` when it was ranked as a victim. */
  rankedMaxS = 0;
  readonly readings: number[] = READINGS.map(() => 0);
  readonly served = new RangeOfLatency();
  readonly failing = new RangeOfLatency();

  constructor(key: string) {
    this.key = key;
  }

  /** Gives the place to another key; nothing is allocated, since a hostile log does this at every row. */
  handOver(key: string): void {
    this.key = key;
    this.rows = 0;
    this.failed = 0;
    this.readings.fill(0);
    this.served.clear();
    this.failing.clear();
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
  /** Entries of the least weight as they stood when last looked through, the fastest at the end. */
  private victims: Entry[] = [];
  private leastWeight = 0;
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
      entry.weight++;
      entry.failing.add(latencyS);
    } else if (reading === R.served) entry.served.add(latencyS);
  }

  /** The first `count` keys: most failures, then `then`. */
  top(count: number, then: "slowest" | "most rows"): Map<string, KeySummary> {
    const second = (entry: Entry) => (then === "slowest" ? entry.served.max : entry.rows);
    const sorted = [...this.entries.values()].sort(
      (a, b) => b.failed - a.failed || second(b) - second(a) || b.rows - a.rows || (a.key < b.key ? -1 : 1),
    );
    return new Map(sorted.slice(0, count).map((entry) => [entry.key, entry.summary()]));
  }

  private admit(key: string, failing: boolean, latencyS: number): Entry | undefined {
    if (this.entries.size < this.capacity) {
      const entry = new Entry(key);
      this.entries.set(key, entry);
      return entry;
    }
    if (!failing && !(latencyS > this.floorS)) return undefined;
    const victim = this.victim();
    this.floorS = victim.weight > 0 ? Number.POSITIVE_INFINITY : victim.served.max;
    if (!failing && !(latencyS > this.floorS)) return undefined;
    this.victims.pop();
    const next = this.victims.at(-1);
    if (!failing && next !== undefined && latencyS < next.rankedMaxS) this.victims = []; // the newcomer is before it
    this.entries.delete(victim.key);
    victim.handOver(key);
    this.entries.set(key, victim);
    return victim;
  }

  /** The entry that tells least. Looking through all of them yields a run of victims, so that it is seldom done. */
  private victim(): Entry {
    for (; this.victims.length > 0; this.victims.pop()) {
      const entry = this.victims.at(-1) as Entry;
      if (entry.weight === this.leastWeight && entry.served.max === entry.rankedMaxS) return entry;
    }
    this.leastWeight = Number.POSITIVE_INFINITY;
    for (const entry of this.entries.values()) this.leastWeight = Math.min(this.leastWeight, entry.weight);
    this.victims = [...this.entries.values()].filter((entry) => entry.weight === this.leastWeight);
    for (const entry of this.victims) entry.rankedMaxS = entry.served.max;
    this.victims.sort((a, b) => b.rankedMaxS - a.rankedMaxS);
    return this.victims.at(-1) as Entry;
  }
}
