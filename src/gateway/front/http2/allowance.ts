/** How often something may happen within a span of time. */
export class Allowance {
  readonly #most: number;
  readonly #spanMs: number;
  #count = 0;
  #sinceMs = 0;

  constructor(most: number, spanMs: number) {
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** It happens once more; false = too often. */
  use(nowMs: number): boolean {
    if (nowMs - this.#sinceMs > this.#spanMs) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
