import { describe, expect, test } from "vitest";
import {
  isPressed,
  judgedOverload,
  type Level,
  noOverload,
  type Overload,
  type Readings,
  type Resource,
  readingsOf,
} from "../../../src/gateway/limits/overload.ts";

const calm: Readings = { connections: 0, requests: 0, memory: 0, heap: 0, delay: 0 };

/** Readings of one resource, a second apart. */
function levelsOf(resource: Resource, readings: readonly number[], stepMs = 1000): readonly Level[] {
  let state: Overload = noOverload;
  return readings.map((reading, index) => {
    state = judgedOverload(state, { ...calm, [resource]: reading }, index * stepMs);
    return state.level;
  });
}

describe("levels", () => {
  test.each<[Resource, readonly number[], readonly Level[], string]>([
    ["memory", [0.5, 0.84, 0.85, 0.96], [0, 0, 1, 2], "up at once"],
    ["memory", [0.97, 0.9, 0.9, 0.86], [2, 2, 2, 2], "stays while it is not well below"],
    ["memory", [0.97, 0.8, 0.8, 0.8, 0.8], [2, 2, 1, 1, 1], "down one level, where the reading is"],
    ["memory", [0.86, 0.8, 0.76, 0.74, 0.74, 0.74], [1, 1, 1, 1, 0, 0], "and back to normal"],
    ["heap", [0.96, 0.1, 0.1], [2, 2, 0], "held for two seconds"],
    ["connections", [0.94, 0.95, 1.2], [0, 1, 1], "refused one by one: no second level"],
    ["requests", [0.9, 1.5], [1, 1], "refused one by one: no second level"],
    ["delay", [0.4, 0.6, 1], [0, 1, 2], "late"],
  ])("%s at %j: %j (%s)", (resource, readings, expected) => {
    expect(levelsOf(resource, readings)).toEqual(expected);
  });

  test("a reading about a threshold does not flap", () => {
    const shaking = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 0.86 : 0.84));
    expect(new Set(levelsOf("memory", shaking))).toEqual(new Set([1]));
  });

  test("the worst resource decides, and is named", () => {
    const state = judgedOverload(noOverload, { ...calm, connections: 1, heap: 0.99 }, 0);
    expect(state).toMatchObject({ level: 2, because: "heap", levels: { connections: 1, heap: 2, delay: 0 } });
    expect(isPressed(state)).toBe(true);
  });

  test("while a level only lasts, nothing is pressed any more", () => {
    const state = judgedOverload(judgedOverload(noOverload, { ...calm, heap: 0.99 }, 0), calm, 100);
    expect([state.level, isPressed(state)]).toEqual([2, false]);
  });

  test("readings are shares of what there is", () => {
    const usage = { connections: 5, requests: 2, memoryBytes: 30, heapBytes: 40, delayMs: 0 };
    const capacity = { connections: 10, requests: 10, memoryBytes: 100, heapBytes: 50, delayMs: 1000 };
    expect(readingsOf(usage, capacity)).toEqual({
      connections: 0.5,
      requests: 0.2,
      memory: 0.3,
      heap: 0.8,
      delay: 0,
    });
  });
});
