import type { Clock } from "../../probe/clock.ts";
import type { Gate } from "./gate.ts";
import {
  type Capacity,
  isPressed,
  judgedOverload,
  type Level,
  type Resource,
  readingsOf,
} from "./overload.ts";

/** What this process takes of the machine. */
export interface MemoryUse {
  readonly memoryBytes: number;
  readonly heapBytes: number;
}

export interface OverloadWatchOptions {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly capacity: Pick<Capacity, "memoryBytes" | "heapBytes" | "delayMs">;
  readonly memory: () => MemoryUse;
  readonly onLevel?: (level: Level, because: Resource | undefined) => void;
}

const lookMs = 250;
/** A delay counts when this many looks one after the other were late. */
const looks = 4;

/** Looks at what there is, again and again, sets the level of the gate, and closes idle connections while it has to. */
export class OverloadWatch {
  readonly #options: OverloadWatchOptions;
  readonly #capacity: Capacity;
  readonly #late: number[] = [];
  #dueMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: OverloadWatchOptions) {
    this.#options = options;
    const { connections, requests } = options.gate.limits;
    this.#capacity = { ...options.capacity, connections, requests };
    this.#next();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #next(): void {
    const { clock } = this.#options;
    this.#dueMs = clock.nowMs() + lookMs;
    this.#cancel = clock.after(lookMs, this.#look);
  }

  readonly #look = (): void => {
    const { gate, clock, memory, onLevel } = this.#options;
    const nowMs = clock.nowMs();
    const { connections, requests } = gate;
    const usage = { connections, requests, delayMs: this.#delayMs(nowMs), ...memory() };
    const before = gate.overload;
    gate.overload = judgedOverload(before, readingsOf(usage, this.#capacity), nowMs);
    if (gate.level !== before.level) onLevel?.(gate.level, gate.overload.because);
    if (isPressed(gate.overload)) gate.relieve();
    this.#next();
  };

  /** The least of the last looks: a machine that slept, or one long pause, is no overload. */
  #delayMs(nowMs: number): number {
    this.#late.push(Math.max(0, nowMs - this.#dueMs));
    if (this.#late.length > looks) this.#late.shift();
    return this.#late.length < looks ? 0 : Math.min(...this.#late);
  }
}
