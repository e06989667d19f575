import type { Clock } from "../probe/clock.ts";

/** Something that may become due. It stands on at most one wheel. */
export abstract class TimerEntry {
  /** Of the wheel: neighbours in its slot, undefined while it stands on none. */
  previous: TimerEntry | undefined;
  next: TimerEntry | undefined;
  /** Milliseconds of the clock. */
  dueMs = 0;

  /** Called once, at `dueMs` or up to two steps later; the entry then stands on no wheel. */
  abstract due(): void;
}

class Slot extends TimerEntry {
  constructor() {
    super();
    this.previous = this;
    this.next = this;
  }

  override due(): void {}
}

/** A power of two: the slot of a moment is found by masking. */
const slotCount = 1024;

/**
 * Many time-outs for the price of one timer: entries stand in slots of one step each and the wheel turns only while
 * there are any. Setting, moving and clearing take constant time; to move an entry to a later moment, which is what
 * progress does to a time-out, is one assignment.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #slots = Array.from({ length: slotCount }, () => new Slot());
  #entries = 0;
  #turning = false;
  /** The last step that was looked at. */
  #step = 0;

  constructor(clock: Clock, stepMs = 100) {
    this.#clock = clock;
    this.#stepMs = stepMs;
  }

  /** Entries that will become due. */
  get size(): number {
    return this.#entries;
  }

  set(entry: TimerEntry, dueMs: number): void {
    if (entry.next !== undefined) {
      const later = dueMs >= entry.dueMs;
      entry.dueMs = dueMs;
      if (later) return;
      unlink(entry);
      this.#link(entry);
      return;
    }
    entry.dueMs = dueMs;
    this.#entries += 1;
    if (!this.#turning) this.#start();
    this.#link(entry);
  }

  clear(entry: TimerEntry): void {
    if (entry.next === undefined) return;
    unlink(entry);
    this.#entries -= 1;
  }

  #link(entry: TimerEntry): void {
    // Never into a slot that has been looked at: it would be seen a whole turn later.
    const step = Math.max(Math.ceil(entry.dueMs / this.#stepMs), this.#step + 1);
    const slot = this.#slots[step & (slotCount - 1)] as Slot;
    const last = slot.previous as TimerEntry;
    entry.previous = last;
    entry.next = slot;
    last.next = entry;
    slot.previous = entry;
  }

  #start(): void {
    this.#turning = true;
    this.#step = Math.floor(this.#clock.nowMs() / this.#stepMs);
    this.#clock.after(this.#stepMs, this.#turn);
  }

  readonly #turn = (): void => {
    const nowMs = this.#clock.nowMs();
    const now = Math.floor(nowMs / this.#stepMs);
    const first = Math.max(this.#step + 1, now - slotCount + 1);
    this.#step = now;
    for (let step = first; step <= now; step++) this.#look(step, nowMs);
    this.#turning = this.#entries > 0;
    if (this.#turning) this.#clock.after(this.#stepMs, this.#turn);
  };

  #look(step: number, nowMs: number): void {
    const slot = this.#slots[step & (slotCount - 1)] as Slot;
    // Those that are moved on go to the end, perhaps of this very slot: one look is at those that stand here now.
    let left = 0;
    for (let entry = slot.next; entry !== slot && entry !== undefined; entry = entry.next) left += 1;
    for (; left > 0 && slot.next !== slot; left--) {
      const entry = slot.next as TimerEntry;
      unlink(entry);
      if (entry.dueMs > nowMs) {
        this.#link(entry);
        continue;
      }
      this.#entries -= 1;
      entry.due();
    }
  }
}

function unlink(entry: TimerEntry): void {
  const { previous, next } = entry;
  if (previous !== undefined) previous.next = next;
  if (next !== undefined) next.previous = previous;
  entry.previous = undefined;
  entry.next = undefined;
}
