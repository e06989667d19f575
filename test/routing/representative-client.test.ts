import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientsOf } from "../../src/routing/representative-client.ts";
import { type RoutingSwitches, routerOf } from "../../src/routing/request-route.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type ListenerWish, type RoutingWish, routingGateway } from "../support/routing-gateway.ts";

const switches: RoutingSwitches = {
  pathCase: "insensitive",
  pathSegments: "resolved",
  missingDefaultStatus: "404",
  seeOtherStatus: "303",
};

function clientsByRoute(wish: RoutingWish, more = {}): Record<string, readonly string[] | string> {
  const gateway = routingGateway(wish, more);
  const wiring = wiringOf(gateway);
  const router = routerOf(gateway, wiring, switches);
  return Object.fromEntries(
    wiring.routes.map((route) => {
      const found = clientsOf(route, router);
      if (!found.known) return [route.id, found.why];
      return [
        route.id,
        found.clients.map(({ method, scheme, host, path }) => `${method} ${scheme}://${host}${path}`),
      ];
    }),
  );
}

describe("clients of a route", () => {
  test("are made up from listener and patterns", () => {
    const listeners: ListenerWish[] = [
      {
        name: "shop",
        hosts: ["*.contoso.com", "shop?.fabrikam.com"],
        priority: 1,
        paths: [
          ["api", ["/api/*"], "api"],
          ["exact", ["/health"], "api"],
          ["spaced", ["/a b%"], "api"],
          ["dead", ["/api/v1/*"], "api"],
          ["old", ["/old/*"], { redirect: "Found" }],
          ["root", ["/"], "web"],
        ],
        default: "web",
      },
      { name: "named", port: 8443, hosts: ["www.contoso.com"], priority: 2, to: "web" },
      { name: "any", protocol: "Http", priority: 3, to: "web" },
      { name: "inner", protocol: "Http", frontend: "private", priority: 4, to: "web" },
      { name: "hidden", hosts: ["a.contoso.com"], priority: 5, to: "web" },
    ];
    const both = (path: string) => [
      `GET https://www.contoso.com${path}`,
      `GET https://shopw.fabrikam.com${path}`,
    ];
    expect(clientsByRoute({ listeners })).toEqual({
      "shop/shop/api": both("/api/"),
      "shop/shop/exact": both("/health"),
      "shop/shop/spaced": both("/a%20b%25"),
      "shop/shop/dead": "not-reached",
      "shop/shop/old": "no-backend",
      "shop/shop/root": both("/"),
      "shop/shop/default": both("/index.html"),
      "named/named": ["GET https://www.contoso.com:8443/"],
      "any/any": ["GET http://agw-route.westeurope.cloudapp.azure.com/"],
      "inner/inner": "host-unknown",
      "hidden/hidden": "not-reached",
    });
    const alone = { listeners: [{ name: "any", to: "web" }] };
    expect(clientsByRoute(alone, { publicName: false })).toEqual({ "any/any": "host-unknown" });
  });

  test("ask for any host where the setting decides what servers get", () => {
    const listeners: ListenerWish[] = [
      { name: "any", priority: 1, to: "web" },
      { name: "inner", frontend: "private", priority: 2, to: "web" },
    ];
    const setting = { pickHostNameFromBackendAddress: true };
    expect(clientsByRoute({ listeners, setting }, { publicName: false })).toEqual({
      "any/any": ["GET https://agw-route.invalid/"],
      "inner/inner": ["GET https://10.0.0.9/"],
    });
  });

  test("of v1 are not escaped", () => {
    const paths: ListenerWish["paths"] = [
      ["a", ["/a b/*"], "web"],
      ["b", ["/a%20b/*"], "web"],
    ];
    expect(clientsByRoute({ tier: "Standard", listeners: [{ name: "any", paths, default: "web" }] })).toEqual(
      {
        "any/any/a": "not-reached",
        "any/any/b": ["GET https://agw-route.westeurope.cloudapp.azure.com/a%20b/"],
        "any/any/default": ["GET https://agw-route.westeurope.cloudapp.azure.com/"],
      },
    );
  });

  test("always take that route, whatever the gateway looks like", () => {
    const part = fc.constantFrom("a", "b", "A", " ", "%41", "?", "é");
    const pattern = fc
      .tuple(fc.array(part, { maxLength: 3 }), fc.constantFrom("", "*", "/*"))
      .map(([parts, end]) => `/${parts.join("/")}${end}`);
    const listener = fc.record({
      hosts: fc.array(fc.constantFrom("*.contoso.com", "www.contoso.com", "w?w.contoso.com", "*"), {
        maxLength: 2,
      }),
      frontend: fc.constantFrom("public" as const, "private" as const),
      protocol: fc.constantFrom("Http" as const, "Https" as const),
      priority: fc.integer({ min: 1, max: 5 }),
      patterns: fc.array(fc.array(pattern, { maxLength: 3 }), { maxLength: 4 }),
    });
    const tier = fc.constantFrom("Standard", "Standard_v2");
    let reached = 0;
    fc.assert(
      fc.property(fc.array(listener, { maxLength: 4 }), tier, (wishes, sku) => {
        const listeners = wishes.map(
          ({ patterns, ...wish }, at): ListenerWish => ({
            ...wish,
            name: `l${at}`,
            paths: patterns.map((list, index) => [`r${index}`, list, "web"]),
            default: "web",
          }),
        );
        const gateway = routingGateway({ listeners, tier: sku });
        const wiring = wiringOf(gateway);
        const router = routerOf(gateway, wiring, switches);
        for (const route of wiring.routes) {
          const found = clientsOf(route, router);
          if (!found.known) continue;
          reached += 1;
          for (const client of found.clients) {
            expect(router.routeOf(client).route).toBe(route);
            expect(client.path).toMatch(/^\/[!-~]*$/);
            expect(client.host).toMatch(/^[a-z.-]+(:\d+)?$/);
          }
        }
      }),
    );
    expect(reached).toBeGreaterThan(100);
  });
});
