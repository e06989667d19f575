import type { Clock } from "../../src/probe/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock that goes on only when it is told to. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  /** Midnight at the start. */
  epochMs(): number {
    return Date.UTC(2026, 5, 1) + this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that would still run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Runs what is due until then in turn, and lets everything that follows of it happen in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.run();
      await settled();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs);
    return due.sort((one, other) => one.dueMs - other.dueMs)[0];
  }
}

/** Until no promise has anything left to do. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
