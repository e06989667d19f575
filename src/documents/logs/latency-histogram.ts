import type { LatencySummary } from "../../model/observations.ts";

/** Powers of two from 2^-10 s (about 1 ms) to 2^17 s (a day and a half), each cut in 32: buckets 1.6–3.1 % wide. */
const LOWEST_EXPONENT = -10;
const OCTAVES = 27;
const PER_OCTAVE = 32;
const BUCKETS = OCTAVES * PER_OCTAVE;
const LOWEST_S = 2 ** LOWEST_EXPONENT;
const EXPONENT_BIAS = 1023;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** The exponent and the top five bits of the fraction of an IEEE double are the bucket: no logarithm needed. */
function bucketOf(seconds: number): number {
  if (seconds < LOWEST_S) return 0;
  double[0] = seconds;
  const bucket = ((words[HIGH_WORD] as number) >>> 15) - ((EXPONENT_BIAS + LOWEST_EXPONENT) << 5) + 1;
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/** The middle of a bucket, in seconds. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  const octave = Math.floor((bucket - 1) / PER_OCTAVE);
  return LOWEST_S * 2 ** octave * (1 + (((bucket - 1) % PER_OCTAVE) + 0.5) / PER_OCTAVE);
}

/** Latencies in a fixed set of buckets; only the span of buckets that was met is kept, 3.5 KB at most. */
export class LatencyHistogram {
  private count = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = 0;
  /** Bucket of `counts[0]`. */
  private first = 0;
  private counts = new Uint32Array(0);

  /** NaN and negative values are not latencies. */
  add(seconds: number): void {
    if (!(seconds >= 0)) return;
    if (seconds < this.min) this.min = seconds;
    if (seconds > this.max) this.max = seconds;
    this.count++;
    this.addTo(bucketOf(seconds), 1);
  }

  merge(other: LatencyHistogram): void {
    this.count += other.count;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    for (const [i, count] of other.counts.entries()) if (count > 0) this.addTo(other.first + i, count);
  }

  summary(): LatencySummary | undefined {
    if (this.count === 0) return undefined;
    const [modeS, modeCount] = this.mode();
    return {
      count: this.count,
      minS: this.min,
      medianS: this.quantile(0.5),
      p95S: this.quantile(0.95),
      maxS: this.max,
      modeS,
      modeShare: modeCount / this.count,
    };
  }

  private addTo(bucket: number, count: number): void {
    if (bucket < this.first || bucket >= this.first + this.counts.length) this.cover(bucket);
    (this.counts[bucket - this.first] as number) += count;
  }

  /** Widens the kept span to the bucket, by a half at least, so that it seldom happens. */
  private cover(bucket: number): void {
    const { length } = this.counts;
    const spare = Math.max(4, length >> 1);
    const below = length === 0 || bucket < this.first;
    const from = below ? Math.max(0, bucket - (length === 0 ? 2 : spare)) : this.first;
    const end = this.first + length;
    const to = length === 0 || bucket >= end ? Math.min(BUCKETS, bucket + spare) : end;
    const wider = new Uint32Array(to - from);
    if (length > 0) wider.set(this.counts, this.first - from);
    this.first = from;
    this.counts = wider;
  }

  private quantile(share: number): number {
    let left = Math.max(1, Math.ceil(this.count * share));
    for (const [i, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0) return this.within(middleOf(this.first + i));
    }
    return this.max;
  }

  /** The fullest bucket, and the rows in it and the two beside it. */
  private mode(): [seconds: number, rows: number] {
    let fullest = 0;
    for (const [i, count] of this.counts.entries()) if (count > (this.counts[fullest] as number)) fullest = i;
    let rows = 0;
    for (let i = fullest - 1; i <= fullest + 1; i++) rows += this.counts[i] ?? 0;
    return [this.within(middleOf(this.first + fullest)), rows];
  }

  private within(seconds: number): number {
    return Math.min(this.max, Math.max(this.min, seconds));
  }
}
