/** What a counter has come to. */
export type CounterFigures = readonly { readonly labels: readonly string[]; readonly value: number }[];

/** The label values of one series, in the order of the labels' names. */
type Labels = readonly string[];

interface Series {
  readonly labels: Labels;
  value: number;
}

/**
 * Numbers that go up, by label values. Bounded: what comes beyond so many series is counted under `other`, since hosts and
 * names may be as many as clients like.
 */
export class Counter {
  readonly name: string;
  readonly help: string;
  readonly #labelNames: readonly string[];
  readonly #most: number;
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, labelNames: readonly string[], most = 10_000) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    this.#most = most;
  }

  add(labels: Labels, by = 1): void {
    this.#seriesOf(labels).value += by;
  }

  /** Every series as plain data, which another counter of the name can `absorb`. */
  figures(): CounterFigures {
    return [...this.#series.values()].map(({ labels, value }) => ({ labels, value }));
  }

  absorb(figures: CounterFigures): void {
    for (const { labels, value } of figures) this.add(labels, value);
  }

  /** The Prometheus text format: help, type, one line a series. */
  text(): string {
    const lines = [...this.#series.values()].map(
      ({ labels, value }) => `${this.name}${labelText(this.#labelNames, labels)} ${value}\n`,
    );
    return `# HELP ${this.name} ${this.help}\n# TYPE ${this.name} counter\n${lines.join("")}`;
  }

  #seriesOf(labels: Labels): Series {
    const key = labels.length === 1 ? (labels[0] ?? "") : labels.join("\u0000");
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= this.#most) return this.#other(labels);
    const series = { labels, value: 0 };
    this.#series.set(key, series);
    return series;
  }

  #other(labels: Labels): Series {
    const other = labels.map(() => "other");
    const key = other.join("\u0000");
    const known = this.#series.get(key) ?? { labels: other, value: 0 };
    this.#series.set(key, known);
    return known;
  }
}

/** `{name="value",…}`; empty without labels. */
export function labelText(names: readonly string[], values: Labels): string {
  if (names.length === 0) return "";
  return `{${names.map((name, at) => `${name}="${escapedLabel(values[at] ?? "")}"`).join(",")}}`;
}

/** The format has escapes for these three only; what a terminal would obey is not shown. */
function escapedLabel(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return escaped.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}
