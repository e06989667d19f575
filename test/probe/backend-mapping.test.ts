import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BackendMapping,
  BackendMappings,
  type MappingFault,
  parseBackendMapping,
} from "../../src/probe/backend-mapping.ts";

function mapping(text: string): BackendMapping {
  const parsed = parseBackendMapping(text);
  if ("fault" in parsed) throw new Error(parsed.fault);
  return parsed;
}

function mappings(...texts: string[]): BackendMappings {
  const all = BackendMappings.of(texts.map(mapping));
  if (!(all instanceof BackendMappings)) throw new Error(all.fault);
  return all;
}

describe("one mapping", () => {
  test.each<[string, BackendMapping]>([
    [
      "app.contoso.com=127.0.0.2",
      { member: "app.contoso.com", port: undefined, address: "127.0.0.2", toPort: undefined },
    ],
    ["10.0.1.4:443=127.0.0.2:8443", { member: "10.0.1.4", port: 443, address: "127.0.0.2", toPort: 8443 }],
    ["[fd00::4]:80=[::1]:8080", { member: "fd00::4", port: 80, address: "::1", toPort: 8080 }],
    ["[fd00::4]=[::1]", { member: "fd00::4", port: undefined, address: "::1", toPort: undefined }],
    ["app=127.0.0.2:8443", { member: "app", port: undefined, address: "127.0.0.2", toPort: 8443 }],
  ])("%s", (text, expected) => {
    expect(parseBackendMapping(text)).toEqual(expected);
  });

  test.each<[string, RegExp]>([
    ["app.contoso.com", /MEMBER\[:PORT\]=ADDRESS\[:PORT\].*not "app\.contoso\.com"/],
    ["a=127.0.0.1=b", /one "="/],
    ["=127.0.0.1", /a pool member before "="/],
    ["app=", /an address after "="/],
    ["app=localhost", /an IP address after "=", not "localhost"/],
    ["app=127.0.0.1:0", /port from 1 to 65535 after "=", not "0"/],
    ["app:65536=127.0.0.1", /port from 1 to 65535 before "=", not "65536"/],
    ["app:=127.0.0.1", /port from 1 to 65535 before "=", not ""/],
    ["app:https=127.0.0.1", /not "https"/],
    ["fd00::4=127.0.0.1", /brackets before "=": \[fd00::4\]/],
    ["app=::1", /brackets after "=": \[::1\]/],
    ["[app]=127.0.0.1", /IPv6 address in the brackets before "=", not "app"/],
    ["app=[127.0.0.1]:80", /IPv6 address in the brackets after "=", not "127\.0\.0\.1"/],
    ["a b=127.0.0.1", /without blanks/],
  ])("refused: %s", (text, fault) => {
    const parsed = parseBackendMapping(text);
    expect("fault" in parsed ? parsed.fault : "taken").toMatch(fault);
  });

  test("any text is read or refused in words", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ":", "=", "[", "]", ".", "1", " ") }), (text) => {
        const parsed: BackendMapping | MappingFault = parseBackendMapping(text);
        if ("fault" in parsed) expect(parsed.fault).toMatch(/^expected /);
        else expect(parsed.member).not.toBe("");
      }),
    );
  });
});

describe("looking up", () => {
  test("a member without port holds for all ports, each the same", () => {
    const all = mappings("app.contoso.com=127.0.0.2");
    expect(all.lookup("App.Contoso.COM", 443)).toEqual({ address: "127.0.0.2", port: 443 });
    expect(all.lookup("app.contoso.com.", 8080)).toEqual({ address: "127.0.0.2", port: 8080 });
    expect(all.lookup("other.contoso.com", 443)).toBeUndefined();
  });

  test("the port itself comes before all ports, and a member of one port is not there on others", () => {
    const all = mappings("app:443=127.0.0.2:8443", "app=127.0.0.3", "10.0.1.4:80=127.0.0.4");
    expect(all.lookup("app", 443)).toEqual({ address: "127.0.0.2", port: 8443 });
    expect(all.lookup("app", 80)).toEqual({ address: "127.0.0.3", port: 80 });
    expect(all.lookup("10.0.1.4", 80)).toEqual({ address: "127.0.0.4", port: 80 });
    expect(all.lookup("10.0.1.4", 443)).toBe("port-not-mapped");
  });

  test("an IPv6 member in any notation", () => {
    expect(mappings("[FD00:0::0004]=[::1]").lookup("fd00::4", 80)).toEqual({ address: "::1", port: 80 });
  });

  test("two places for one member are refused; the same one twice is not", () => {
    const texts = ["app:80=127.0.0.2", "APP:80=[::1]:81"];
    const both = BackendMappings.of(texts.map(mapping));
    expect(both).toEqual({
      fault: "expected one place for APP port 80, not both 127.0.0.2 and [::1]:81",
    });
    expect(mappings("app=127.0.0.2", "App=127.0.0.2").lookup("app", 1)).toEqual({
      address: "127.0.0.2",
      port: 1,
    });
  });
});
