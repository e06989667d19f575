import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TableRoute } from "../../src/model/network.ts";
import { type Address, parseAddress } from "../../src/network/addresses.ts";
import { compileRoutes, type RouteChoice } from "../../src/network/routes.ts";
import { segmentAt } from "../../src/network/segments.ts";
import { ServiceTags } from "../../src/network/service-tags.ts";
import { networkOf, peer, route, routeTable, to, virtualNetwork } from "./builder.ts";
import { inPrefix } from "./security-rules.reference.ts";

/** Routes chosen the obvious way: every route that covers the address, longest prefix first, user before system. */
function reference(
  address: string,
  own: readonly string[],
  peered: readonly string[],
  user: readonly TableRoute[],
): string {
  const system = [
    ...own.map((prefix) => [prefix, "VnetLocal"] as const),
    ...peered.map((prefix) => [prefix, "VNetPeering"] as const),
    ["0.0.0.0/0", "Internet"] as const,
    ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(
      (prefix) => [prefix, "None"] as const,
    ),
  ];
  const length = (prefix: string) => Number(prefix.split("/")[1]);
  const all = [
    ...user.map(({ addressPrefix, nextHopType, nextHopIpAddress }) => ({
      prefix: addressPrefix,
      rank: 0,
      hop: `user ${nextHopType} ${nextHopIpAddress ?? ""}`,
    })),
    ...system.map(([prefix, hop]) => ({ prefix, rank: hop === "None" ? 2 : 1, hop: `system ${hop} ` })),
  ].filter(({ prefix }) => inPrefix(prefix, address));
  all.sort((a, b) => length(b.prefix) - length(a.prefix) || a.rank - b.rank);
  return all[0]?.hop ?? "";
}

const addresses = [
  "10.0.0.4",
  "10.0.1.9",
  "10.1.0.4",
  "10.1.3.200",
  "10.9.9.9",
  "192.168.1.1",
  "20.1.2.3",
  "172.16.5.5",
];

const prefix = fc
  .tuple(fc.constantFrom(...addresses), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => `${mask(address, length)}/${length}`);

function mask(address: string, length: number): string {
  return address
    .split(".")
    .map((octet, i) => {
      const kept = Math.max(0, Math.min(8, length - 8 * i));
      return Number(octet) & (0xff << (8 - kept)) & 0xff;
    })
    .join(".");
}

const userRoutes = fc.uniqueArray(
  fc.record({
    addressPrefix: prefix,
    nextHop: fc.constantFrom(
      ["VirtualAppliance", "10.0.9.4"],
      ["VirtualAppliance", "10.0.9.5"],
      ["None"],
      ["Internet"],
      ["VnetLocal"],
    ),
  }),
  { maxLength: 8, selector: ({ addressPrefix }) => addressPrefix },
);

describe("route selection against the slow reference", () => {
  test("longest prefix wins, then user-defined before system", () => {
    fc.assert(
      fc.property(userRoutes, fc.boolean(), (specs, isPeered) => {
        const remote = virtualNetwork("remote", ["10.1.0.0/16"], []);
        const home = virtualNetwork("home", ["10.0.0.0/16", "192.168.0.0/24"], []);
        if (isPeered) peer(home, remote);
        const routes = specs.map(({ addressPrefix, nextHop: [type = "", address] }, i) =>
          route(`r${i}`, addressPrefix, type, address),
        );
        const compiled = compileRoutes({
          place: { virtualNetwork: home, loneSubnet: undefined, routeTable: to(routeTable("rt", ...routes)) },
          serviceEndpoints: [],
          privateEndpoints: [],
          tags: new ServiceTags(networkOf([home, remote])),
        });
        for (const address of addresses) {
          const { result } = segmentAt(compiled, parseAddress(address) as Address);
          const expected = reference(
            address,
            home.addressPrefixes,
            isPeered ? remote.addressPrefixes : [],
            routes,
          );
          expect(`${result.chosenFrom} ${result.nextHopType} ${result.nextHopIpAddress ?? ""}`).toBe(
            expected,
          );
          if (expected.includes("None")) expect(result.verdict).toBe("no");
          if (result.verdict === "no") expect(expected).toContain("None");
        }
      }),
      { numRuns: 500 },
    );
  });
});

function chosen(address: string, context: Partial<Parameters<typeof compileRoutes>[0]>): RouteChoice {
  const home = virtualNetwork("home", "10.0.0.0/16", []);
  const compiled = compileRoutes({
    place: { virtualNetwork: home, loneSubnet: undefined, routeTable: undefined },
    serviceEndpoints: [],
    privateEndpoints: [],
    tags: new ServiceTags(networkOf([home])),
    ...context,
  });
  return segmentAt(compiled, parseAddress(address) as Address).result;
}

describe("routes in doubt", () => {
  test("a table that was not exported makes every route unknown and is named", () => {
    const home = virtualNetwork("home", "10.0.0.0/16", []);
    const missing = { ...to(routeTable("rt")), target: undefined };
    const choice = chosen("10.0.0.4", {
      place: { virtualNetwork: home, loneSubnet: undefined, routeTable: missing },
    });
    expect(choice.verdict).toBe("unknown");
    expect(choice.missing[0]?.resourceId).toBe(missing.id);
  });

  test("with a virtual network gateway, a private address nothing leads to may be learned", () => {
    const home = virtualNetwork("home", "10.0.0.0/16", [{ name: "GatewaySubnet", prefix: "10.0.255.0/27" }]);
    const place = { virtualNetwork: home, loneSubnet: undefined, routeTable: undefined };
    expect(chosen("192.168.7.7", { place }).verdict).toBe("unknown");
    expect(chosen("10.0.3.3", { place })).toMatchObject({ verdict: "yes", learnedRoutesPossible: false });
    expect(chosen("20.1.2.3", { place })).toMatchObject({ verdict: "yes", learnedRoutesPossible: true });
    const without = { ...routeTable("rt"), disableBgpRoutePropagation: true };
    expect(chosen("192.168.7.7", { place: { ...place, routeTable: to(without) } })).toMatchObject({
      verdict: "no",
      reason: "no-private-path",
    });
  });

  test("a service endpoint competes with an appliance only where the service's addresses may lie", () => {
    const home = virtualNetwork("home", "10.0.0.0/16", []);
    const all = routeTable("rt", route("all", "0.0.0.0/0", "VirtualAppliance", "10.0.9.4"));
    const place = { virtualNetwork: home, loneSubnet: undefined, routeTable: to(all) };
    const serviceEndpoints = ["Microsoft.Web"];
    expect(chosen("20.1.2.3", { place, serviceEndpoints }).verdict).toBe("unknown");
    expect(chosen("20.1.2.3", { place }).nextHopType).toBe("VirtualAppliance");
    expect(chosen("20.1.2.3", { serviceEndpoints }).verdict).toBe("yes");
    expect(chosen("192.168.1.1", { place, serviceEndpoints }).verdict).toBe("no");
  });

  test("IPv6 follows the same rules", () => {
    const home = virtualNetwork("home", ["10.0.0.0/16", "fd00:1::/48"], []);
    const table = routeTable("rt", route("v6", "fd00:1:0:5::/64", "VirtualAppliance", "fd00:1::9"));
    const place = { virtualNetwork: home, loneSubnet: undefined, routeTable: to(table) };
    expect(chosen("fd00:1:0:5::4", { place }).nextHopIpAddress).toBe("fd00:1::9");
    expect(chosen("fd00:1::4", { place }).nextHopType).toBe("VnetLocal");
    expect(chosen("2603:1030::1", { place }).nextHopType).toBe("Internet");
    expect(chosen("fd00:2::4", { place }).verdict).toBe("no");
  });
});
