/** How many fell into one step: up to so many milliseconds, and how many. */
export type LatencyCell = readonly [upToMs: number, count: number];

/** Quarters of an octave from 0.125 ms on: wide enough for 131 s, fine enough to tell percentiles within a fifth. */
const firstMs = 0.125;
const stepsAnOctave = 4;
const octaves = 20;
const steps = stepsAnOctave * octaves + 1;

const upToMs: readonly number[] = Array.from({ length: steps }, (_, step) =>
  Number((firstMs * 2 ** (step / stepsAnOctave)).toPrecision(4)),
);

/** Times in steps that grow with them: adding one is a logarithm and an increment. What is longer is in the last step. */
export class Latencies {
  readonly #counts = new Float64Array(steps);

  add(ms: number): void {
    const step = ms <= firstMs ? 0 : Math.min(Math.ceil(Math.log2(ms / firstMs) * stepsAnOctave), steps - 1);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  /** Those steps that anything fell into, the shortest first. */
  cells(): readonly LatencyCell[] {
    return upToMs.flatMap((bound, step): LatencyCell[] => {
      const count = this.#counts[step] ?? 0;
      return count === 0 ? [] : [[bound, count]];
    });
  }
}
