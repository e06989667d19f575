import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isForName, namesOf } from "../../../src/health/certificates/names.ts";
import { makeCertificate } from "../../support/certificates.ts";

function certificate(commonName: string | undefined, names: readonly string[] = []): X509Certificate {
  return new X509Certificate(
    makeCertificate({ ...(commonName === undefined ? {} : { commonName }), names }).der,
  );
}

describe("isForName", () => {
  test.each([
    [undefined, ["shop.contoso.example"], "shop.contoso.example", true],
    [undefined, ["shop.contoso.example"], "SHOP.Contoso.Example", true],
    [undefined, ["Shop.Contoso.example"], "shop.contoso.example.", true],
    [undefined, ["a.example", "shop.contoso.example"], "shop.contoso.example", true],
    [undefined, ["shop.contoso.example"], "contoso.example", false],
    [undefined, ["shop.contoso.example"], ".contoso.example", false],
    [undefined, ["shop.contoso.example"], "", false],
    // A wildcard stands for one whole label.
    [undefined, ["*.contoso.example"], "shop.contoso.example", true],
    [undefined, ["*.contoso.example"], "a.shop.contoso.example", false],
    [undefined, ["*.contoso.example"], "contoso.example", false],
    [undefined, ["sh*.contoso.example"], "shop.contoso.example", false],
    [undefined, ["shop.*.example"], "shop.contoso.example", false],
    // The CN counts only without a SAN.
    ["shop.contoso.example", [], "shop.contoso.example", true],
    ["*.contoso.example", [], "shop.contoso.example", true],
    ["shop.contoso.example", ["other.example"], "shop.contoso.example", false],
    ["shop.contoso.example", ["10.0.1.4"], "shop.contoso.example", false],
    ["Contoso Shop", [], "shop.contoso.example", false],
    // Addresses.
    [undefined, ["10.0.1.4"], "10.0.1.4", true],
    [undefined, ["10.0.1.4"], "10.0.1.5", false],
    ["10.0.1.4", [], "10.0.1.4", true],
    ["10.0.1.4", ["shop.contoso.example"], "10.0.1.4", false],
    [undefined, ["shop.contoso.example"], "2001:db8::1", false],
    [undefined, [], "shop.contoso.example", false],
  ] as const)("CN %s, SAN %j, name %s: %s", (commonName, names, name, expected) => {
    expect(isForName(certificate(commonName, names), name)).toBe(expected);
  });

  test("any name at all is answered", () => {
    const one = certificate(undefined, ["shop.contoso.example"]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(typeof isForName(one, name)).toBe("boolean");
      }),
    );
  });
});

describe("namesOf", () => {
  test("names and addresses of the SAN, or the CN", () => {
    expect(namesOf(certificate("cn.example", ["a.example", "10.0.1.4"]))).toEqual(["a.example", "10.0.1.4"]);
    expect(namesOf(certificate("cn.example"))).toEqual(["cn.example"]);
    expect(namesOf(certificate(undefined))).toEqual([]);
  });

  test("a name that looks like two is one, and is for neither", () => {
    const sly = certificate(undefined, ["a.example, DNS:b.example"]);
    expect(namesOf(sly)).toHaveLength(1);
    expect(isForName(sly, "b.example")).toBe(false);
    expect(isForName(sly, "a.example")).toBe(false);
  });

  test("so many are shown", () => {
    const many = Array.from({ length: 80 }, (_, index) => `n${index}.example`);
    expect(namesOf(certificate(undefined, many))).toHaveLength(50);
    expect(isForName(certificate(undefined, many), "n79.example")).toBe(true);
  });
});
