import type { Clock } from "./clock.ts";

/** So much time for many sends: what is under way when it is up is given up. */
export class TimeLimit {
  /** Aborted when the time is up, or with the signal it was made with. */
  readonly signal: AbortSignal;
  readonly #up = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #endMs: number;
  readonly #cancel: () => void;

  constructor(durationMs: number, clock: Clock, outer: AbortSignal | undefined) {
    this.#clock = clock;
    this.#outer = outer;
    this.#endMs = clock.nowMs() + durationMs;
    this.#cancel = clock.after(durationMs, () => this.#up.abort());
    this.signal = AbortSignal.any([this.#up.signal, ...(outer === undefined ? [] : [outer])]);
  }

  /** 0 once the time is up. */
  get leftMs(): number {
    return this.#up.signal.aborted ? 0 : Math.max(0, this.#endMs - this.#clock.nowMs());
  }

  /** Throws the reason of the outer signal when that is aborted. */
  throwIfAborted(): void {
    this.#outer?.throwIfAborted();
  }

  /** What comes of a send that heeds `signal`; undefined when time was up before. Rejects when the outer signal is aborted. */
  async within<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    try {
      return await send(this.signal);
    } catch (error) {
      if (this.#outer?.aborted || !this.#up.signal.aborted) throw error;
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
