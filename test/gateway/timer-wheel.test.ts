import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TimerEntry, TimerWheel } from "../../src/gateway/timer-wheel.ts";
import { ManualClock } from "../support/manual-clock.ts";

class Noted extends TimerEntry {
  readonly at: number[] = [];
  readonly #then: () => void;

  constructor(clock: ManualClock, then: () => void = () => {}) {
    super();
    this.#then = () => {
      this.at.push(clock.nowMs());
      then();
    };
  }

  override due(): void {
    this.#then();
  }
}

describe("the wheel", () => {
  test("entries become due once, never early and at most two steps late", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 250_000 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 999 }),
        async (delays, offset) => {
          const clock = new ManualClock();
          await clock.advance(offset);
          const wheel = new TimerWheel(clock, 1000);
          const entries = delays.map((delayMs) => {
            const entry = new Noted(clock);
            wheel.set(entry, clock.nowMs() + delayMs);
            return entry;
          });
          await clock.advance(252_000);
          entries.forEach((entry, index) => {
            const late = (entry.at[0] ?? Number.NaN) - offset - (delays[index] ?? 0);
            expect(entry.at).toHaveLength(1);
            expect(late).toBeGreaterThanOrEqual(0);
            expect(late).toBeLessThanOrEqual(2000);
          });
          expect(wheel.size).toBe(0);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 10 },
    );
  });

  test("moving later, moving earlier, clearing", async () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const [later, earlier, cleared] = [new Noted(clock), new Noted(clock), new Noted(clock)];
    wheel.set(later, 200);
    wheel.set(later, 900);
    wheel.set(earlier, 5_000);
    wheel.set(earlier, 300);
    wheel.set(cleared, 300);
    wheel.clear(cleared);
    wheel.clear(cleared);
    expect(wheel.size).toBe(2);
    await clock.advance(10_000);
    expect(later.at).toEqual([900]);
    expect(earlier.at).toEqual([300]);
    expect(cleared.at).toEqual([]);
  });

  test("what is longer than one turn of the wheel, and what is set while entries become due", async () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const long = new Noted(clock);
    const again = new Noted(clock, () => {
      if (again.at.length < 3) wheel.set(again, clock.nowMs());
    });
    const other = new Noted(clock);
    const clearing = new Noted(clock, () => wheel.clear(other));
    wheel.set(long, 300_000);
    wheel.set(again, 100);
    wheel.set(clearing, 200);
    wheel.set(other, 200);
    await clock.advance(310_000);
    expect(long.at).toEqual([300_000]);
    expect(again.at).toEqual([100, 200, 300]);
    expect(other.at).toEqual([]);
  });

  test("it stands still while it is empty, and keeps the time", async () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    await clock.advance(500_000);
    expect(clock.pending).toBe(0);
    const entry = new Noted(clock);
    wheel.set(entry, clock.nowMs() + 250);
    await clock.advance(1_000);
    expect(entry.at).toEqual([500_300]);
    expect(clock.pending).toBe(0);
  });
});
