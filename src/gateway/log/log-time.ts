/** Times as the access log writes them, e.g. `2026-06-01T10:00:00+00:00`, and what stands before: made once a second. */
export class LogTimes {
  readonly #beginning: string;
  readonly #ending: string;
  #second = Number.NaN;
  #text = "";

  /** `+00:00` as v2 has it, `Z` as v1. */
  constructor(beginning: string, ending: "+00:00" | "Z") {
    this.#beginning = beginning;
    this.#ending = ending;
  }

  /** Epoch milliseconds. */
  of(epochMs: number): string {
    const second = Math.floor(epochMs / 1000);
    if (second === this.#second) return this.#text;
    this.#second = second;
    this.#text = this.#beginning + new Date(second * 1000).toISOString().slice(0, 19) + this.#ending;
    return this.#text;
  }
}
