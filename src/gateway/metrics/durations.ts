import { labelText } from "./counters.ts";

/** Upper bounds of the buckets, in milliseconds. */
const bounds: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 120_000,
];

/** What a histogram has come to. */
export type DurationFigures = readonly Readonly<Series>[];

interface Series {
  readonly labels: readonly string[];
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** Times in milliseconds by label values, as a Prometheus histogram. Label values come from the configuration alone. */
export class Durations {
  readonly name: string;
  readonly help: string;
  readonly #labelNames: readonly string[];
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, labelNames: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
  }

  add(labels: readonly string[], ms: number): void {
    const series = this.#seriesOf(labels);
    let at = 0;
    while (at < bounds.length && ms > (bounds[at] ?? 0)) at++;
    if (at < bounds.length) series.buckets[at] = (series.buckets[at] ?? 0) + 1;
    series.sum += ms;
    series.count += 1;
  }

  /** Every series as plain data, which another histogram of the name can `absorb`. */
  figures(): DurationFigures {
    return [...this.#series.values()].map((series) => ({ ...series, buckets: [...series.buckets] }));
  }

  absorb(figures: DurationFigures): void {
    for (const { labels, buckets, sum, count } of figures) {
      const series = this.#seriesOf(labels);
      for (const [at, value] of buckets.entries()) series.buckets[at] = (series.buckets[at] ?? 0) + value;
      series.sum += sum;
      series.count += count;
    }
  }

  #seriesOf(labels: readonly string[]): Series {
    const key = labels.join("\u0000");
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = { labels, buckets: bounds.map(() => 0), sum: 0, count: 0 };
    this.#series.set(key, series);
    return series;
  }

  text(): string {
    const lines = [...this.#series.values()].map((series) => this.#linesOf(series));
    return `# HELP ${this.name} ${this.help}\n# TYPE ${this.name} histogram\n${lines.join("")}`;
  }

  #linesOf({ labels, buckets, sum, count }: Series): string {
    const names = [...this.#labelNames, "le"];
    let below = 0;
    const lines = bounds.map((bound, at) => {
      below += buckets[at] ?? 0;
      return `${this.name}_bucket${labelText(names, [...labels, `${bound}`])} ${below}\n`;
    });
    const own = labelText(this.#labelNames, labels);
    const all = `${this.name}_bucket${labelText(names, [...labels, "+Inf"])} ${count}\n`;
    return `${lines.join("")}${all}${this.name}_sum${own} ${sum}\n${this.name}_count${own} ${count}\n`;
  }
}
