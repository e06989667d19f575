import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeName, foldName } from "../../../src/wire/dns/name.ts";
import { DnsReader } from "../../../src/wire/dns/reader.ts";

function encoded(text: string): Uint8Array {
  const bytes = encodeName(text);
  if (typeof bytes === "string") throw new Error(bytes);
  return bytes;
}

describe("names", () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
  const wire = fc
    .array(label, { maxLength: 6 })
    .filter((labels) => labels.reduce((sum, one) => sum + one.length + 1, 1) <= 255)
    .map((labels) => Uint8Array.from([...labels.flatMap((one) => [one.length, ...one]), 0]));

  test("every name on the wire has a text that gives the same bytes again", () => {
    fc.assert(
      fc.property(wire, (bytes) => {
        expect(encoded(new DnsReader(bytes).name())).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("any text is a name or has a fault, and folding it twice changes nothing more", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: fc.constantFrom(..."aB.\\012é") }), (text) => {
        const bytes = encodeName(text);
        if (typeof bytes !== "string") expect(encoded(foldName(text)).length).toBe(bytes.length);
        expect(foldName(foldName(text))).toBe(foldName(text));
      }),
      { numRuns: 500 },
    );
  });

  test("case, the dot at the end and needless escapes make no difference", () => {
    for (const spelling of ["app.contoso.com", "App.CONTOSO.com.", "\\097pp.contoso.com"]) {
      expect(foldName(spelling)).toBe("app.contoso.com");
    }
    expect(foldName(".")).toBe(".");
    expect(foldName("a\\.b")).not.toBe(foldName("a.b"));
  });
});
