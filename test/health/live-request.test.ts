import { describe, expect, test } from "vitest";
import { asGateway } from "../../src/health/exchange.ts";
import { forwardedPath, planExchange } from "../../src/health/live-request.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import type { ArrivingRequest } from "../../src/routing/request-route.ts";
import { routeOf } from "../../src/routing/request-route.ts";
import { plannedRouteOf } from "../../src/routing/rewrite/planned-router.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type ListenerWish, type RoutingWish, routingGateway } from "../support/routing-gateway.ts";

const client: ArrivingRequest = {
  scheme: "https",
  host: "shop.contoso.com:443",
  port: 443,
  path: "/api/orders?page=2",
  method: "HEAD",
};

function planned(
  wish: Omit<RoutingWish, "listeners"> & { readonly paths?: ListenerWish["paths"] },
  asked = client,
  switches = defaultSwitches,
) {
  const { paths, ...rest } = wish;
  const target = paths === undefined ? { to: "web" } : { paths, default: "web" };
  const gateway = routingGateway({ ...rest, listeners: [{ name: "any", ...target }] });
  const taken = plannedRouteOf(gateway, wiringOf(gateway), asked, switches);
  if (taken.to !== "backend") throw new Error(taken.why);
  const [server] = taken.route.pair.servers;
  return planExchange(gateway.generation, taken, server?.address, asked, switches);
}

/** A rule with one rewrite set, called `set-a`, of these actions. */
function rewriting(actionSet: object, conditions: readonly object[] = []): Omit<RoutingWish, "listeners"> {
  const id = `${routingGateway({ listeners: [] }).id}/rewriteRuleSets/set-a`;
  const rewriteRules = [{ name: "r", ruleSequence: 100, conditions, actionSet }];
  return {
    rule: { rewriteRuleSet: { id } },
    more: { rewriteRuleSets: [{ id, name: "set-a", rewriteRules }] },
  };
}

describe("the name in the handshake with servers", () => {
  test.each([
    ["shop.contoso.com", "shop.contoso.com"],
    ["shop.contoso.com:8443", "shop.contoso.com"],
    ["10.0.0.4:443", undefined],
    ["[::1]", undefined],
    ["[::1]:443", undefined],
  ])("of a client that asks for %s: %s", (host, sni) => {
    const plan = planned({ setting: { protocol: "Https", port: 443 } }, { ...client, host });
    expect("notSent" in plan ? plan.notSent : plan.sni).toBe(sni);
  });
});

describe("what is sent on for a client", () => {
  test("is the client's own request where the setting changes nothing", () => {
    expect(planned({})).toEqual({
      purpose: "request",
      protocol: "Http",
      port: 8080,
      method: "HEAD",
      path: "/api/orders?page=2",
      host: "shop.contoso.com:443",
      sni: undefined,
      tls: undefined,
      timeoutMs: 20_000,
      lookFor: undefined,
      client: { scheme: "https", host: "shop.contoso.com:443", path: "/api/orders?page=2", method: "HEAD" },
      clientFields: [],
      manner: asGateway,
    });
  });

  test("has the host, name and time of the setting, v2", () => {
    const setting = { protocol: "Https", port: 443, pickHostNameFromBackendAddress: true, requestTimeout: 7 };
    expect(planned({ setting, members: ["app.contoso.example"] })).toMatchObject({
      host: "app.contoso.example",
      sni: "app.contoso.example",
      tls: { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" },
      timeoutMs: 7000,
    });
    expect(planned({ setting: { protocol: "Https" } })).toMatchObject({ sni: "shop.contoso.com" });
  });

  test("on v1 has the member's name and no TLS 1.3", () => {
    const v1 = { tier: "Standard", setting: { protocol: "Https" }, members: ["app.contoso.example"] };
    expect(planned(v1)).toMatchObject({
      host: "shop.contoso.com:443",
      sni: "app.contoso.example",
      tls: { maxVersion: "TLSv1.2" },
    });
  });

  const overrides: readonly (readonly [string | undefined, string, string, string])[] = [
    // The checks of request-handling.md §6.
    ["/pathrule*", "/override/", "/pathrule/home/", "/override/home/"],
    ["/pathrule/home*", "/override/", "/pathrule/home/secondhome/", "/override/secondhome/"],
    [undefined, "/override/", "/home/", "/override/home/"],
    ["/pathrule/", "/override/", "/pathrule/", "/override/"],
    // Beside them.
    [undefined, "/override", "/", "/override/"],
    [undefined, "override/", "/home?x=/1?2", "/override/home?x=/1?2"],
    ["/api/*", "/", "/API/x?y", "/x?y"],
    ["/img*", "/o", "/img1.png", "/o/1.png"],
    ["/other/*", "/o/", "/home", "/o/home"],
    ["/a b/*", "/o/", "/a%20b/%20c", "/o/%20c"],
    ["/é/*", "/o/", "/%C3%A9/x", "/o/x"],
    ["/exact", "/o", "/exact?q", "/o?q"],
    ["/api/*", "", "/api/x", "/api/x"],
  ];

  test.each(overrides)("pattern %s, override %s: %s → %s", (pattern, path, asked, expected) => {
    const paths: ListenerWish["paths"] = pattern === undefined ? undefined : [["p", [pattern], "web"]];
    const wish = { setting: { path }, ...(paths && { paths }) };
    expect(planned(wish, { ...client, path: asked })).toMatchObject({ path: expected });
  });

  test("v1 strips what is written, not what it would be decoded", () => {
    const wish = { tier: "Standard", setting: { path: "/o/" }, paths: [["p", ["/a%20b/*"], "web"]] as const };
    expect(planned(wish, { ...client, path: "/a%20b/c" })).toMatchObject({ path: "/o/c" });
  });

  test("has no override by itself", () => {
    expect(forwardedPath(undefined, "/x", "/a/x?q")).toBe("/a/x?q");
  });

  test.each<[object, object]>([
    [{ requestHeaderConfigurations: [{ headerName: "HOST", headerValue: "x" }] }, { host: "x" }],
    [
      { requestHeaderConfigurations: [{ headerName: "Authorization", headerValue: "" }] },
      { path: client.path },
    ],
    [{ urlConfiguration: { modifiedPath: "/new" } }, { path: "/new?page=2" }],
    [{ urlConfiguration: { modifiedQueryString: "a=b" } }, { path: "/api/orders?a=b" }],
  ])("is what rules make of it: %j", (actionSet, expected) => {
    expect(planned(rewriting(actionSet))).toMatchObject({ purpose: "request", ...expected });
    const conditions = [{ variable: "var_uri_path", pattern: "^/never$" }];
    expect(planned(rewriting(actionSet, conditions))).toMatchObject({ host: client.host, path: client.path });
  });

  test("has the rewritten path behind the override", () => {
    const wish = rewriting({ urlConfiguration: { modifiedPath: "/new" } });
    expect(planned({ ...wish, setting: { path: "/o/" } })).toMatchObject({ path: "/o/new?page=2" });
  });

  test("has the setting's Host before the rule's, unless it is switched", () => {
    const wish = rewriting({
      requestHeaderConfigurations: [{ headerName: "Host", headerValue: "rule.example" }],
    });
    const fixed = { ...wish, setting: { hostName: "setting.example" } };
    expect(planned(fixed)).toMatchObject({ host: "setting.example" });
    const switched = { ...defaultSwitches, rewrittenHost: "rewrite" } as const;
    expect(planned(fixed, client, switched)).toMatchObject({ host: "rule.example" });
    expect(planned({ setting: { hostName: "setting.example" } }, client, switched)).toMatchObject({
      host: "setting.example",
    });
  });

  test.each([
    [{ requestHeaderConfigurations: [{ headerName: "X-Api-Version", headerValue: "2" }] }],
    [{ urlConfiguration: { modifiedPath: "/{var_client_ip}" } }],
  ])("is not told where what is rewritten is not known: %j", (actionSet) => {
    expect(planned(rewriting(actionSet))).toEqual({ notSent: "rewritten", detail: "set-a" });
  });

  test("is not told where nobody looked at the rules", () => {
    const gateway = routingGateway({
      ...rewriting({ urlConfiguration: { modifiedPath: "/new" } }),
      listeners: [{ name: "any", to: "web" }],
    });
    const taken = routeOf(gateway, wiringOf(gateway), client, defaultSwitches);
    if (taken.to !== "backend") throw new Error(taken.why);
    const plan = planExchange("v2", taken, "10.0.1.4", client, defaultSwitches);
    expect(plan).toEqual({ notSent: "rewritten", detail: "set-a" });
  });

  test.each([
    [{ responseHeaderConfigurations: [{ headerName: "Server", headerValue: "" }] }],
    [{ requestHeaderConfigurations: [{ headerName: "X-Forwarded-For", headerValue: "{var_client_ip}" }] }],
    [{ urlConfiguration: { reroute: true } }],
  ])("is told where what is rewritten changes no answer: %j", (actionSet) => {
    expect(planned(rewriting(actionSet))).toMatchObject({ purpose: "request", path: client.path });
  });

  test("is not told where the rewrite set is not among the documents", () => {
    const rule = { rewriteRuleSet: { id: "/elsewhere/rewriteRuleSets/set-b" } };
    expect(planned({ rule })).toEqual({ notSent: "rewritten", detail: "set-b" });
  });

  test("is not told without a port", () => {
    expect(planned({ setting: { port: undefined } })).toMatchObject({ notSent: "port-unknown" });
  });
});
