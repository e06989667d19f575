import { expect, test } from "vitest";
import { BodyPace } from "../../../src/gateway/limits/body-pace.ts";

const limits = { clientMs: 60_000, bodyBytesPerS: 100 };

test.each<[string, readonly (readonly [atMs: number, bytes: number])[], number]>([
  ["nothing came", [], 60_000],
  ["a fast body may be silent as long as any", [[30_000, 1_000_000]], 90_000],
  ["drops do not buy more time than they are worth", [[30_000, 1], [59_000, 1]], 60_020], // biome-ignore format: one row a case
  ["the average counts", [[50_000, 3_000]], 90_000],
])("%s", (_what, parts, due) => {
  const pace = new BodyPace();
  pace.begin(0);
  let nowMs = 0;
  for (const [atMs, bytes] of parts) {
    nowMs = atMs;
    pace.took(bytes);
  }
  expect(pace.dueMs(nowMs, limits)).toBe(due);
});

test("while the gateway takes no more, the clock stands", () => {
  const pace = new BodyPace();
  pace.begin(0);
  pace.took(100);
  pace.pause(10_000);
  pace.resume(500_000);
  expect(pace.dueMs(500_000, limits)).toBe(551_000);
});
