import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatStatusRanges, parseStatusRanges, statusMatches } from "../../src/health/status-match.ts";

describe("status codes that count as healthy", () => {
  test.each<[readonly string[], string]>([
    [[], "200-399"],
    [["200"], "200"],
    [["200-299", "401"], "200-299, 401"],
    [["200-399,401, 403"], "200-399, 401, 403"],
    [["ok"], "200-399"],
    [["2xx", "204"], "204"],
  ])("%j is %s", (texts, ranges) => {
    expect(formatStatusRanges(parseStatusRanges(texts))).toBe(ranges);
  });

  test("a code matches when it is in a range, and only then", () => {
    const status = fc.integer({ min: 100, max: 599 });
    fc.assert(
      fc.property(fc.array(fc.tuple(status, status), { minLength: 1 }), status, (pairs, code) => {
        const ranges = parseStatusRanges(pairs.map(([from, to]) => `${from}-${to}`));
        expect(statusMatches(ranges, code)).toBe(pairs.some(([from, to]) => from <= code && code <= to));
      }),
    );
  });
});
