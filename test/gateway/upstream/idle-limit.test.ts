import { describe, expect, test } from "vitest";
import { IdleLimit } from "../../../src/gateway/upstream/idle-limit.ts";

describe("how long a connection may be idle", () => {
  test("as long as given where nothing is known; carefully for what must not be sent twice", () => {
    const limit = new IdleLimit(60_000);
    expect(limit.mostMs(0)).toBe(60_000);
    expect(limit.safeMs(0)).toBe(20);
    limit.lived(4_000);
    expect(limit.safeMs(0)).toBe(2_000);
  });

  test.each([
    [5, 4_000, 2_000],
    [1, 500, 250],
    [0, 0, 0],
    [600, 60_000, 30_000],
  ])("the server's hint of %s s", (seconds, mostMs, safeMs) => {
    const limit = new IdleLimit(60_000);
    limit.hint(seconds);
    expect([limit.mostMs(0), limit.safeMs(0)]).toEqual([mostMs, safeMs]);
  });

  test("deaths at one age are believed longer with each, and teach the shortest", () => {
    const limit = new IdleLimit(60_000);
    for (const [ageMs, nowMs] of [
      [52, 1_000],
      [50, 2_000],
      [51, 3_000],
      [55, 4_000],
    ] as const) {
      limit.died(ageMs, nowMs);
      expect(limit.mostMs(nowMs)).toBe(nowMs === 1_000 ? 41.6 : 40);
    }
    expect(limit.safeMs(4_000)).toBe(20);
    expect(limit.mostMs(83_000)).toBe(40);
    expect(limit.mostMs(85_000)).toBe(60_000);
  });

  test("a restart is one early death, and soon forgotten", () => {
    const limit = new IdleLimit(60_000);
    limit.lived(30_000);
    limit.died(3, 1_000);
    expect(limit.mostMs(1_000)).toBe(1);
    expect(limit.mostMs(11_001)).toBe(60_000);
    expect(limit.safeMs(11_001)).toBe(20);
  });

  test("later deaths of older connections teach nothing new", () => {
    const limit = new IdleLimit(60_000);
    limit.died(1_000, 0);
    limit.died(5_000, 10);
    expect(limit.mostMs(10)).toBe(800);
  });
});
