import { describe, expect, test } from "vitest";
import { Chronicle } from "../../lab/chronicle.ts";

const t0 = Date.parse("2026-05-04T10:00:00Z");
const at = (seconds: number, ending: string): string =>
  ending === "Z"
    ? new Date(t0 + seconds * 1000).toISOString()
    : new Date(t0 + seconds * 1000).toISOString().replace(".000Z", ending);

const row = (seconds: number, status: number, ending = "+00:00"): string =>
  `{"timeStamp":"${at(seconds, ending)}","properties":{"httpStatus":${status}}}\n`;

const timesOf = (log: string): readonly number[] =>
  [...log.matchAll(/"timeStamp":"([^"]+)"/g)].map(([, time = ""]) => (Date.parse(time) - t0) / 1000);

describe("time that is said to pass", () => {
  test("without any, the log is as it was written", () => {
    expect(new Chronicle().log(row(0, 200) + row(1, 502))).toBe(row(0, 200) + row(1, 502));
  });

  test("what was before is dated back, and between is quiet service", () => {
    const chronicle = new Chronicle();
    chronicle.passed(1, t0 + 2_000);
    const log = chronicle.log(row(0, 200) + row(1, 502) + row(3, 502));
    expect(timesOf(log)).toEqual([-60, -59, -43, -28, -13, 3]);
    expect([...log.matchAll(/httpStatus":(\d+)/g)].map(([, status]) => status)).toEqual([
      ...["200", "502", "200", "200", "200", "502"],
    ]);
  });

  test("several of them add up, for writes of the gateway too", () => {
    const chronicle = new Chronicle();
    chronicle.wrote(t0);
    chronicle.passed(10, t0 + 1_000);
    chronicle.passed(5, t0 + 2_000);
    chronicle.wrote(t0 + 3_000);
    const started = chronicle
      .activities("/subscriptions/0/agw")
      .filter((one) => JSON.stringify(one).includes("Started"));
    expect(started).toMatchObject([
      { eventTimestamp: "2026-05-04T09:45:00.000Z", resourceId: "/subscriptions/0/agw" },
      { eventTimestamp: "2026-05-04T10:00:03.000Z" },
    ]);
  });

  test("rows keep the form of their generation", () => {
    const chronicle = new Chronicle();
    chronicle.passed(1, t0 + 2_000);
    expect(chronicle.log(row(0, 502))).toBe(row(-60, 502));
    expect(chronicle.log(row(0, 502, "Z"))).toBe(row(-60, 502, "Z"));
  });
});
