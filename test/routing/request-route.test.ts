import { describe, expect, test } from "vitest";
import {
  frontendsAt,
  type RequestRoute,
  type RoutingSwitches,
  routeOf,
} from "../../src/routing/request-route.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type RoutingWish, routingGateway } from "../support/routing-gateway.ts";

const switches: RoutingSwitches = {
  pathCase: "insensitive",
  pathSegments: "resolved",
  missingDefaultStatus: "404",
  seeOtherStatus: "303",
};

/** `https://host[:port]/path`, and `route (pattern)` or `why [status]`. */
function taken(
  wish: RoutingWish,
  url: string,
  how: Partial<RoutingSwitches & { frontend: string }> = {},
): string {
  const gateway = routingGateway(wish);
  const schemes = ["http", "https", "ws", "wss"] as const;
  const { frontend, ...rest } = how;
  const [, named = "", host = "", path = "/"] = /^(\w+):\/\/([^/]*)(.*)$/.exec(url) ?? [];
  const scheme = schemes.find((one) => one === named) ?? "http";
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? (scheme === "https" || scheme === "wss" ? 443 : 80));
  const frontendIp = gateway.frontendIpConfigurations.find(({ name }) => name === frontend);
  const request = { scheme, host, port, path: path || "/", method: "GET", frontend: frontendIp?.id };
  return words(routeOf(gateway, wiringOf(gateway), request, { ...switches, ...rest }));
}

function words(found: RequestRoute): string {
  if (found.to === "backend")
    return [found.route.id, ...(found.pattern ? [`(${found.pattern})`] : [])].join(" ");
  return [found.why, ...(found.status ? [found.status] : []), ...(found.route ? [found.route.id] : [])].join(
    " ",
  );
}

const shop: RoutingWish = {
  listeners: [
    {
      name: "shop",
      hosts: ["shop.contoso.com", "*.shop.contoso.com"],
      priority: 10,
      paths: [
        ["api", ["/api/*", "/v2/api*"], "api"],
        ["health", ["/health"], "api"],
        ["old", ["/old/*"], { redirect: "Found" }],
        ["gone", ["/gone/*"], undefined],
        ["spaced", ["/a b/*"], "api"],
      ],
      default: "web",
    },
    {
      name: "plain",
      protocol: "Http",
      hosts: ["shop.contoso.com"],
      priority: 20,
      to: { redirect: "Permanent" },
    },
    { name: "bare", port: 8443, priority: 30, paths: [["one", ["/one"], "web"]] },
    { name: "any", port: 9443, priority: 40, to: "web" },
  ],
};

describe("the route of a request", () => {
  test.each([
    ["https://shop.contoso.com/", "shop/shop/default"],
    ["https://SHOP.contoso.com/API/orders?x=/health", "shop/shop/api (/api/*)"],
    ["https://a.b.shop.contoso.com/v2/apis", "shop/shop/api (/v2/api*)"],
    ["wss://shop.contoso.com/api/live", "shop/shop/api (/api/*)"],
    ["https://shop.contoso.com/api", "shop/shop/default"],
    ["https://shop.contoso.com/health", "shop/shop/health (/health)"],
    ["https://shop.contoso.com/health/", "shop/shop/default"],
    ["https://shop.contoso.com/a%20b/c", "shop/shop/spaced (/a b/*)"],
    ["https://shop.contoso.com/old/x", "redirect 302 shop/shop/old"],
    ["https://shop.contoso.com/gone/x", "nothing-behind shop/shop/gone"],
    ["https://contoso.com/", "host-not-taken 404"],
    ["http://shop.contoso.com/", "redirect 301 plain/plain"],
    ["http://other.contoso.com/", "host-not-taken 404"],
    ["http://shop.contoso.com:443/", "other-scheme 400"],
    ["https://shop.contoso.com:80/", "other-scheme"],
    ["https://shop.contoso.com:8080/", "no-listener"],
    ["https://whatever.contoso.com:8443/one", "bare/bare/one (/one)"],
    ["https://whatever.contoso.com:8443/two", "no-default 404 bare/bare/default"],
    ["https://whatever.contoso.com:9443/two", "any/any"],
  ])("v2: %s → %s", (url, expected) => {
    expect(taken(shop, url)).toBe(expected);
  });

  test("v1 does not decode paths, and what it answers to an unknown host is not documented", () => {
    const v1 = { ...shop, tier: "Standard" };
    expect(taken(v1, "https://shop.contoso.com/a%20b/c")).toBe("shop/shop/default");
    expect(taken(v1, "https://contoso.com/")).toBe("host-not-taken");
  });

  test("v1 goes by the order of the rules, v2 by priority", () => {
    const listeners = [
      { name: "any", priority: 20, to: "web" },
      { name: "shop", hosts: ["shop.contoso.com"], priority: 10, to: "web" },
    ];
    expect(taken({ listeners }, "https://shop.contoso.com/")).toBe("shop/shop");
    expect(taken({ listeners, tier: "WAF" }, "https://shop.contoso.com/")).toBe("any/any");
  });

  test("switches decide on case and on what a missing default is", () => {
    expect(taken(shop, "https://shop.contoso.com/API/x", { pathCase: "sensitive" })).toBe(
      "shop/shop/default",
    );
    expect(taken(shop, "https://x:8443/", { missingDefaultStatus: "502" })).toBe(
      "no-default 502 bare/bare/default",
    );
  });

  test("of two frontends with one port the one that is asked counts", () => {
    const inner = { name: "inner", frontend: "private" as const, priority: 2 };
    const outer = { name: "outer", hosts: ["shop.contoso.com"], priority: 1, to: "web" };
    const apart = { listeners: [outer, { ...inner, to: "api" }] };
    const url = "https://shop.contoso.com/";
    expect(taken(apart, url)).toBe("frontend-unknown");
    expect(taken(apart, url, { frontend: "private" })).toBe("inner/inner");
    expect(taken(apart, url, { frontend: "public" })).toBe("outer/outer");
    // Only one of them takes the host; both lead to the same servers.
    expect(taken(apart, "https://other.contoso.com/")).toBe("inner/inner");
    expect(taken({ listeners: [outer, { ...inner, to: "web" }] }, url)).toBe("outer/outer");
  });

  test("a frontend is known by its address", () => {
    const gateway = routingGateway(shop);
    const at = (address: string) => frontendsAt(gateway, address).map(({ name }) => name);
    expect([at("203.0.113.7"), at("10.0.0.9"), at("10.0.0.10")]).toEqual([["public"], ["private"], []]);
  });
});
