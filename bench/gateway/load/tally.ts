/** What became of the requests of one run. */
export interface LoadResult {
  /** Answered completely. */
  readonly answered: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** The connection ended before one byte of an answer. */
  readonly unanswered: number;
  /** It ended in the middle of an answer. */
  readonly cut: number;
  readonly timedOut: number;
  readonly malformed: number;
  /** Connections that were refused, or ended before anything was asked on them while being made. */
  readonly refused: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Requests that were not answered with a status below 500. */
export function failures(result: LoadResult): number {
  const bad = Object.entries(result.statuses).reduce(
    (sum, [status, n]) => (status >= "500" ? sum + n : sum),
    0,
  );
  return bad + result.unanswered + result.cut + result.timedOut + result.malformed + result.refused;
}

export type Mishap = "unanswered" | "cut" | "timedOut" | "malformed" | "refused";

const stepsPerDoubling = 16;

/** Counts while it runs; latencies go into steps of 4 %, so that its memory does not grow. */
export class Tally {
  readonly #statuses = new Map<number, number>();
  readonly #mishaps: Record<Mishap, number> = {
    unanswered: 0,
    cut: 0,
    timedOut: 0,
    malformed: 0,
    refused: 0,
  };
  readonly #steps = new Uint32Array(40 * stepsPerDoubling);
  #maxMs = 0;

  answer(status: number, ms: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const step = Math.max(0, Math.floor(Math.log2(ms * 1000) * stepsPerDoubling));
    const at = Math.min(step, this.#steps.length - 1);
    this.#steps[at] = (this.#steps[at] ?? 0) + 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  mishap(kind: Mishap): void {
    this.#mishaps[kind]++;
  }

  result(seconds: number): LoadResult {
    const answered = [...this.#statuses.values()].reduce((sum, count) => sum + count, 0);
    return {
      answered,
      statuses: Object.fromEntries([...this.#statuses].map(([status, count]) => [String(status), count])),
      ...this.#mishaps,
      seconds,
      p50Ms: this.#quantileMs(answered * 0.5),
      p99Ms: this.#quantileMs(answered * 0.99),
      maxMs: this.#maxMs,
    };
  }

  /** The upper end of the step that holds the answer of this rank. */
  #quantileMs(rank: number): number {
    let seen = 0;
    for (const [step, count] of this.#steps.entries()) {
      seen += count;
      if (count > 0 && seen >= rank)
        return Math.min(2 ** ((step + 1) / stepsPerDoubling) / 1000, this.#maxMs);
    }
    return 0;
  }
}
