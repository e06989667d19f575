import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressSet, contains, intersect, subtract } from "../../src/network/address-sets.ts";
import {
  formatAddress,
  formatRange,
  isPrivateAddress,
  parseAddress,
  parseRange,
} from "../../src/network/addresses.ts";
import { segmentAt, sweep } from "../../src/network/segments.ts";

describe("addresses", () => {
  test.each([
    ["10.0.0.0/24", "10.0.0.0/24"],
    ["10.0.0.77/24", "10.0.0.0/24"],
    ["10.0.0.4", "10.0.0.4"],
    ["10.0.0.4/32", "10.0.0.4"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.0.0.4-10.0.0.9", "10.0.0.4-10.0.0.9"],
    ["10.0.0.0-10.0.0.255", "10.0.0.0/24"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:db8:0:1::5/64", "2001:db8:0:1::/64"],
    ["::/0", "::/0"],
    ["::ffff:10.0.0.1", "::ffff:a00:1"],
  ])("%s reads as %s", (text, expected) => {
    const range = parseRange(text);
    expect(range && formatRange(range)).toBe(expected);
  });

  test.each([
    "VirtualNetwork",
    "*",
    "",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.9-10.0.0.4",
  ])("%j is no range", (text) => expect(parseRange(text)).toBeUndefined());

  test.each([
    ["10.255.0.1", true],
    ["172.31.255.255", true],
    ["172.32.0.0", false],
    ["100.64.0.1", true],
    ["192.169.0.1", false],
    ["fd00::1", true],
    ["2603:1030::1", false],
  ])("%s is private: %s", (text, expected) => {
    expect(isPrivateAddress(parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>)).toBe(
      expected,
    );
  });

  test("reading agrees with the platform on what an address is, and writing reads back", () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f.:]{1,20}$/));
    fc.assert(
      fc.property(texts, (text) => {
        const address = parseAddress(text);
        expect(address !== undefined).toBe(isIPv4(text) || isIPv6(text));
        if (address !== undefined) expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
});

const smallRange = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))
  .map(([a, b]) => ({ family: 4, first: Math.min(a, b), last: Math.max(a, b) }) as const);

describe("sets and segments", () => {
  test("sets hold exactly what they should", () => {
    const ranges = fc.array(smallRange, { maxLength: 6 });
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const [a, b] = [addressSet(left), addressSet(right)];
        for (let value = 0; value <= 45; value++) {
          const at = { family: 4, value } as const;
          const [inA, inB] = [left, right].map((set) =>
            set.some(({ first, last }) => first <= value && value <= last),
          );
          expect(contains(a, at)).toBe(inA);
          expect(contains(subtract(a, b), at)).toBe(inA === true && inB === false);
          expect(contains(intersect(a, b), at)).toBe(inA === true && inB === true);
        }
      }),
    );
  });

  test("every address finds exactly what covers it, in order", () => {
    const coverings = fc.array(fc.array(smallRange, { maxLength: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(coverings, (sets) => {
        const segments = sweep(
          sets.map((ranges, value) => ({ ranges: addressSet(ranges), value })),
          (active) => [...active],
        );
        for (let value = 0; value <= 45; value++) {
          const expected = sets.flatMap((ranges, i) =>
            ranges.some(({ first, last }) => first <= value && value <= last) ? [i] : [],
          );
          const found = segmentAt(segments, { family: 4, value });
          expect(found.result).toEqual(expected);
          expect(found.range.first <= value && value <= found.range.last).toBe(true);
        }
      }),
    );
  });
});
