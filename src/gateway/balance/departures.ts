import type { TimerWheel } from "../timer-wheel.ts";
import type { UnderWay } from "./under-way.ts";

/** Servers that left their pool while something may have been under way with them, each with the end of its drain time. */
export class Departures {
  readonly #wheel: Pick<TimerWheel, "set" | "clear">;
  readonly #left = new Map<string, UnderWay>();

  constructor(wheel: Pick<TimerWheel, "set" | "clear">) {
    this.#wheel = wheel;
  }

  /** `key`: of the server in its pair, whatever configuration has it. */
  leave(key: string, underWay: UnderWay, untilMs: number): void {
    this.#left.set(key, underWay);
    this.#wheel.set(underWay, untilMs);
  }

  /** It is in the pool again: what is under way goes on. Undefined = it was not known to have left. */
  back(key: string): UnderWay | undefined {
    const underWay = this.#left.get(key);
    if (underWay === undefined) return undefined;
    this.#left.delete(key);
    this.#wheel.clear(underWay);
    underWay.returned();
    return underWay;
  }

  /** Those whose time is over have nothing left that could go on. */
  forgetDrained(nowMs: number): void {
    for (const [key, { dueMs, size }] of this.#left) if (dueMs <= nowMs && size === 0) this.#left.delete(key);
  }

  close(): void {
    for (const underWay of this.#left.values()) this.#wheel.clear(underWay);
    this.#left.clear();
  }
}
