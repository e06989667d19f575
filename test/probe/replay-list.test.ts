import { describe, expect, test } from "vitest";
import { defaultSwitches } from "../../src/health/switches.ts";
import { listReplays } from "../../src/probe/replay-list.ts";
import { replayedRequests } from "../../src/routing/replayed-requests.ts";
import { type ArrivingRequest, routerOf } from "../../src/routing/request-route.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type RoutingWish, routingGateway } from "../support/routing-gateway.ts";

function listed(wish: RoutingWish, given: readonly ArrivingRequest[] = [], only?: string) {
  const gateway = routingGateway(wish);
  const wiring = wiringOf(gateway);
  const requests = replayedRequests(wiring.routes, routerOf(gateway, wiring, defaultSwitches), given);
  const list = listReplays(gateway.generation, requests, defaultSwitches, ({ address }) =>
    only === undefined ? true : address === only,
  );
  return {
    sent: list.replays.map(({ target, plan, uses }) => [
      `${target}:${plan.port} ${plan.method} ${plan.host}${plan.path} ${plan.timeoutMs}`,
      uses.map(({ request }) => request.route.id).join(" "),
    ]),
    not: list.notReplayed.map(({ server, why, detail }) => [server.address, why, detail]),
    without: list.without.map(({ route, why }) => [route.id, why]),
  };
}

const shop: RoutingWish = {
  members: ["10.0.1.4", "10.0.1.5"],
  listeners: [
    {
      name: "shop",
      hosts: ["shop.contoso.com"],
      priority: 1,
      paths: [
        ["api", ["/api/*"], "web"],
        ["dead", ["/api/v1/*"], "web"],
        ["old", ["/old"], { redirect: "Found" }],
      ],
      default: "web",
    },
    { name: "plain", protocol: "Http", hosts: ["shop.contoso.com"], priority: 2, to: "web" },
  ],
};

describe("requests that are replayed", () => {
  test("one of every route to each of its servers, the same ones once", () => {
    expect(listed(shop)).toEqual({
      sent: [
        ["10.0.1.4:8080 GET shop.contoso.com/api/ 20000", "shop/shop/api"],
        ["10.0.1.5:8080 GET shop.contoso.com/api/ 20000", "shop/shop/api"],
        ["10.0.1.4:8080 GET shop.contoso.com/ 20000", "shop/shop/default"],
        ["10.0.1.5:8080 GET shop.contoso.com/ 20000", "shop/shop/default"],
        ["10.0.1.4:8080 GET shop.contoso.com/ 20000", "plain/plain"],
        ["10.0.1.5:8080 GET shop.contoso.com/ 20000", "plain/plain"],
      ],
      not: [],
      without: [
        ["shop/shop/dead", "not-reached"],
        ["shop/shop/old", "no-backend"],
      ],
    });
  });

  test("the same is sent once, under the longest time that is given", () => {
    const id = routingGateway({ listeners: [] }).id;
    const setting = (name: string, requestTimeout: number) => ({
      id: `${id}/backendHttpSettingsCollection/${name}`,
      name,
      port: 80,
      protocol: "Http",
      requestTimeout,
    });
    const listeners = ["a", "b"].map((name, at) => ({
      name,
      port: 443,
      hosts: ["shop.contoso.com"],
      frontend: at === 0 ? ("public" as const) : ("private" as const),
      priority: at + 1,
      to: name,
    }));
    const more = { backendHttpSettingsCollection: [setting("a", 20), setting("b", 60)] };
    expect(listed({ listeners, more }).sent).toEqual([
      ["10.0.1.4:80 GET shop.contoso.com/ 60000", "a/a b/b"],
    ]);
  });

  test("a given request stands for the route it takes", () => {
    const client: ArrivingRequest = {
      scheme: "https",
      host: "SHOP.contoso.com",
      port: 443,
      path: "/api/orders?x=1",
      method: "HEAD",
    };
    const { sent } = listed(shop, [client, { ...client, path: "/old" }], "10.0.1.5");
    expect(sent.map(([what]) => what)).toEqual([
      "10.0.1.5:8080 HEAD SHOP.contoso.com/api/orders?x=1 20000",
      "10.0.1.5:8080 GET shop.contoso.com/ 20000",
      "10.0.1.5:8080 GET shop.contoso.com/ 20000",
    ]);
  });

  test("what cannot be, and why", () => {
    const pool = {
      backendAddressPools: [
        {
          id: `${routingGateway({ listeners: [] }).id}/backendAddressPools/web`,
          name: "web",
          backendIPConfigurations: [{ id: "/nics/n/ipConfigurations/c" }],
          backendAddresses: [{ ipAddress: "10.0.1.4" }],
        },
      ],
    };
    const listeners = [{ name: "any", to: "web" }];
    const rule = { rewriteRuleSet: { id: "/x/rewriteRuleSets/set-a" } };
    expect(listed({ listeners, rule, more: pool }).not).toEqual([
      ["10.0.1.4", "rewritten", "set-a"],
      [undefined, "address-unknown", ""],
    ]);
    expect(listed({ listeners, setting: { port: undefined } }).not).toEqual([
      ["10.0.1.4", "port-unknown", "the setting has no port"],
    ]);
  });
});
