import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/model/build.ts";
import type { Gateway } from "../../src/model/gateway.ts";
import { Source } from "../../src/model/source.ts";
import { chooseListener, hostCovers, hostMatches, listenerGroups } from "../../src/routing/listener-match.ts";

describe("host names", () => {
  test.each([
    ["shop.contoso.com", "Shop.Contoso.com", true],
    ["shop.contoso.com", "shop.contoso.com:8443", true],
    ["shop.contoso.com", "contoso.com", false],
    ["*.contoso.com", "a.b.contoso.com", true],
    ["*.contoso.com", "contoso.com", false],
    ["*.contoso.com", ".contoso.com", true],
    ["shop?.contoso.com", "shop1.contoso.com", true],
    ["shop?.contoso.com", "shop.contoso.com", false],
    ["*shop*", "www.shop.example", true],
    ["[::1]", "[::1]:80", true],
    ["", "", true],
  ])("%s with %s: %s", (pattern, host, expected) => {
    expect(hostMatches(pattern, host)).toBe(expected);
  });

  test.each([
    ["*.contoso.com", "shop.contoso.com", true],
    ["*.contoso.com", "*.shop.contoso.com", true],
    ["*.shop.contoso.com", "*.contoso.com", false],
    ["shop?.contoso.com", "shop*.contoso.com", false],
    ["shop*.contoso.com", "shop?.contoso.com", true],
    ["shop.contoso.com", "SHOP.contoso.com", true],
  ])("%s covers %s: %s", (wide, narrow, expected) => {
    expect(hostCovers(wide, narrow)).toBe(expected);
  });

  test("agrees with the slow, obvious way", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 6 });
    fc.assert(
      fc.property(patterns, letters, (pattern, host) => {
        const slow = new RegExp(
          `^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".")}$`,
        );
        expect(hostMatches(pattern, host)).toBe(slow.test(host));
      }),
    );
  });
});

describe("the listener of a request", () => {
  test("v2 goes by priority, whatever is more specific", () => {
    expect(chosen(gatewayOf("Standard_v2", [200, 100]), "shop.contoso.com")).toBe("any");
    expect(chosen(gatewayOf("Standard_v2", [100, 200]), "shop.contoso.com")).toBe("shop");
    expect(chosen(gatewayOf("Standard_v2", [100, 200]), "other.contoso.com")).toBe("any");
  });

  test("v1 goes by the order of the rules", () => {
    expect(chosen(gatewayOf("Standard", [200, 100]), "shop.contoso.com")).toBe("shop");
  });

  test("without priorities v2 tries host names first", () => {
    const gateway = gatewayOf("Standard_v2", [undefined, undefined], true);
    expect(chosen(gateway, "shop.contoso.com")).toBe("shop");
    expect(chosen(gateway, "other.contoso.com")).toBe("any");
  });

  test("nobody takes an unknown host when every listener names its own", () => {
    const [group] = listenerGroups(gatewayOf("Standard_v2", [100], false, ["shop"]));
    expect(group && chooseListener(group, "other.contoso.com")).toBeUndefined();
  });
});

function chosen(gateway: Gateway, host: string): string | undefined {
  const [group] = listenerGroups(gateway);
  return group && chooseListener(group, host)?.listener.name;
}

/** Two listeners on one frontend: `shop` with a host name, `any` without. */
function gatewayOf(
  tier: string,
  priorities: readonly (number | undefined)[],
  reversed = false,
  names: readonly string[] = ["shop", "any"],
): Gateway {
  const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/gw";
  const rules = names.map((name, index) => ({
    name: `rule-${name}`,
    ...(priorities[index] === undefined ? {} : { priority: priorities[index] }),
    httpListener: { id: `${id}/httpListeners/${name}` },
  }));
  const value = {
    id,
    name: "gw",
    sku: { tier },
    frontendIPConfigurations: [{ name: "public" }],
    frontendPorts: [{ name: "p443", port: 443 }],
    httpListeners: names.map((name) => ({
      name,
      protocol: "Https",
      frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/public` },
      frontendPort: { id: `${id}/frontendPorts/p443` },
      ...(name === "shop" ? { hostName: "shop.contoso.com" } : {}),
    })),
    requestRoutingRules: reversed ? rules.reverse() : rules,
  };
  const source = new Source("gw.json", "", value);
  const type = "microsoft.network/applicationgateways";
  const [gateway] = buildModel({ records: [{ id, type, source }], listedTypes: new Set() }).gateways;
  if (gateway === undefined) throw new Error("no gateway");
  return gateway;
}
