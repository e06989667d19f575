import { describe, expect, test } from "vitest";
import { KeptParts } from "../../src/gateway/kept-parts.ts";

/** `sizes` in turn, until so many bytes have come; every byte says where it stands. */
function kept(sizes: readonly number[], total: number): KeptParts {
  const all = new KeptParts();
  let at = 0;
  for (let turn = 0; at < total; turn++) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, total - at);
    const from = at;
    all.add(Buffer.from(Array.from({ length: size }, (_, index) => (from + index) % 251)));
    at += size;
  }
  return all;
}

describe("bytes that are kept", () => {
  test.each([
    { sizes: [1], most: 12 },
    { sizes: [1, 4096], most: 50 },
    { sizes: [4095, 1, 5000], most: 50 },
    { sizes: [7, 900, 16_384, 3], most: 50 },
    { sizes: [100_000], most: 1 },
  ])("by parts of $sizes bytes are the same in $most buffers at most", ({ sizes, most }) => {
    const total = 100_000;
    const all = kept(sizes, total);
    const whole = Buffer.concat(all.parts);
    expect(all.bytes).toBe(total);
    expect(whole.length).toBe(total);
    expect(whole.every((byte, at) => byte === at % 251)).toBe(true);
    expect(all.parts.length).toBeLessThanOrEqual(most);
  });

  test("what was handed out stays as it was", () => {
    const all = kept([10], 100);
    const before = all.parts.map((part) => ({ part, bytes: Buffer.from(part) }));
    for (let at = 0; at < 5000; at++) all.add(Buffer.of(255));
    for (const { part, bytes } of before) expect(part.equals(bytes)).toBe(true);
  });

  test("after it was emptied it begins anew", () => {
    const all = kept([10], 5000);
    all.clear();
    expect([all.bytes, all.parts.length]).toEqual([0, 0]);
    all.add(Buffer.from("fresh"));
    expect(Buffer.concat(all.parts).toString()).toBe("fresh");
  });
});
