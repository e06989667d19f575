import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalAt } from "../../src/documents/logs/decimal.ts";
import { logTimeMs } from "../../src/documents/logs/log-time.ts";

function time(text: string): number {
  const bytes = Buffer.from(`"${text}"2026`);
  return logTimeMs(bytes, 1, bytes.length - 5);
}

function decimal(text: string): number {
  const bytes = Buffer.from(`7${text}7`);
  return decimalAt(bytes, 1, bytes.length - 1);
}

test.each([
  ["2021-10-14T22:17:11+00:00", "2021-10-14T22:17:11.000Z"],
  ["2021-10-14T22:17:11Z", "2021-10-14T22:17:11.000Z"],
  ["2021-10-14T22:17:11", "2021-10-14T22:17:11.000Z"],
  ["2021-10-14 22:17:11.5", "2021-10-14T22:17:11.500Z"],
  ["2024-02-29T00:00:00.1234567Z", "2024-02-29T00:00:00.123Z"],
  ["2021-10-14T22:17:11.25-0230", "2021-10-15T00:47:11.250Z"],
  ["1/2/2026, 12:00:00.000 AM", "2026-01-02T00:00:00.000Z"],
  ["12/31/2025, 12:59:59.999 PM", "2025-12-31T12:59:59.999Z"],
  ["10/14/2021 22:17:11", "2021-10-14T22:17:11.000Z"],
])("the time %s", (text, expected) => {
  expect(new Date(time(text)).toISOString()).toBe(expected);
});

test.each([
  "",
  "-",
  "2021-10-14",
  "2021-02-29T00:00:00Z",
  "2021-13-01T00:00:00Z",
  "2021-10-14T24:00:00Z",
  "2021-10-14T22:17:11+00:00x",
  "2021-10-14T22:17:1",
  "2021-10-14T2x:17:11Z",
  "1634249831",
  `2021-10-14T22:17:11.${"0".repeat(80)}Z`,
])("no time: %s", (text) => {
  expect(time(text)).toBeNaN();
});

test("times agree with Date", () => {
  const range = {
    min: new Date("1970-01-01T00:00:00Z"),
    max: new Date("2399-12-31T23:59:59Z"),
    noInvalidDate: true,
  };
  fc.assert(
    fc.property(fc.date(range), (date) => {
      expect(time(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test("decimals agree with Number", () => {
  const text = fc.oneof(
    fc.stringMatching(/^-?\d{1,18}(\.\d{0,18})?$/),
    fc.stringMatching(/^\d{1,3}\.\d{1,3}[eE][+-]?\d{1,2}$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  fc.assert(
    fc.property(text, (number) => {
      expect(decimal(number)).toBe(Number(number));
    }),
  );
});

test.each(["", "-", " ", "0x10", "1,5", "1 2", "+1", ".5", "Infinity", "NaN", "1e999", "1".repeat(80)])(
  "no number: %s",
  (text) => {
    expect(decimal(text)).toBeNaN();
  },
);

test("spaces around a number do not matter", () => {
  expect([decimal(" 0.028 "), decimal("-3")]).toEqual([0.028, -3]);
});
