import { describe, expect, test } from "vitest";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { OverloadWatch } from "../../../src/gateway/limits/overload-watch.ts";
import type { Clock } from "../../../src/probe/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function watched() {
  const clock = new ManualClock();
  const gate = new Gate({ connections: 100, connectionsPerClient: 100, handshakes: 10, requests: 10 });
  const use = { memoryBytes: 0, heapBytes: 0 };
  const told: string[] = [];
  const watch = new OverloadWatch({
    gate,
    clock,
    capacity: { memoryBytes: 100, heapBytes: 100, delayMs: 1000 },
    memory: () => use,
    onLevel: (level, because) => told.push(`${level} ${because ?? ""}`.trim()),
  });
  const closed: number[] = [];
  gate.hold({ closeIdle: (share) => closed.push(share) });
  return { clock, gate, use, told, watch, closed };
}

describe("the watch", () => {
  test("sets the level, closes idle connections while something is short, and goes back", async () => {
    const { clock, gate, use, told, watch, closed } = watched();
    await clock.advance(250);
    expect([gate.level, closed.length]).toEqual([0, 0]);
    use.memoryBytes = 99;
    await clock.advance(250);
    await clock.advance(250);
    expect([gate.level, closed.length]).toEqual([2, 2]);
    use.memoryBytes = 10;
    for (let index = 0; index < 10; index++) await clock.advance(250);
    expect([gate.level, closed.length]).toEqual([0, 2]);
    expect(told).toEqual(["2 memory", "0"]);
    watch.close();
    use.memoryBytes = 99;
    await clock.advance(5_000);
    expect(gate.level).toBe(0);
  });

  test("connections alone give up keep-alive, and refuse nobody by a level", async () => {
    const { clock, gate, watch } = watched();
    for (let index = 0; index < 96; index++) gate.came("a");
    await clock.advance(250);
    expect([gate.level, gate.requestBegins()]).toEqual([1, undefined]);
    watch.close();
  });

  test.each([
    ["one long pause", [5_000, 0, 0, 0, 0, 5_000, 0], 0],
    ["late for a second on end", [1_500, 1_500, 1_200, 1_100], 2],
  ])("of the event loop: %s", (_what, lateMs, expected) => {
    let nowMs = 0;
    let run: () => void = () => {};
    const clock: Clock = {
      epochMs: () => nowMs,
      nowMs: () => nowMs,
      after: (_ms, then) => {
        run = then;
        return () => {};
      },
    };
    const gate = new Gate({ connections: 100, connectionsPerClient: 100, handshakes: 10, requests: 10 });
    const capacity = { memoryBytes: 100, heapBytes: 100, delayMs: 1000 };
    const watch = new OverloadWatch({
      gate,
      clock,
      capacity,
      memory: () => ({ memoryBytes: 0, heapBytes: 0 }),
    });
    for (const late of lateMs) {
      nowMs += 250 + late;
      run();
    }
    expect(gate.level).toBe(expected);
    watch.close();
  });
});
