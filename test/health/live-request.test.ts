import { describe, expect, test } from "vitest";
import { asGateway } from "../../src/health/exchange.ts";
import { forwardedPath, planExchange } from "../../src/health/live-request.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import type { ArrivingRequest } from "../../src/routing/request-route.ts";
import { routeOf } from "../../src/routing/request-route.ts";
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
) {
  const { paths, ...rest } = wish;
  const target = paths === undefined ? { to: "web" } : { paths, default: "web" };
  const gateway = routingGateway({ ...rest, listeners: [{ name: "any", ...target }] });
  const taken = routeOf(gateway, wiringOf(gateway), asked, defaultSwitches);
  if (taken.to !== "backend") throw new Error(taken.why);
  const [server] = taken.route.pair.servers;
  return planExchange(gateway.generation, taken, server?.address, asked, defaultSwitches);
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

  test.each([
    [{ requestHeaderConfigurations: [{ headerName: "HOST", headerValue: "x" }] }],
    [{ requestHeaderConfigurations: [{ headerName: "Authorization", headerValue: "" }] }],
    [{ urlConfiguration: { modifiedPath: "/new" } }],
    [{ urlConfiguration: { modifiedQueryString: "a=b" } }],
  ])("is not told where it may be rewritten: %j", (actionSet) => {
    expect(planned(rewriting(actionSet))).toEqual({ notSent: "rewritten", detail: "set-a" });
    const conditions = [{ variable: "var_uri_path", pattern: "^/never$" }];
    expect(planned(rewriting(actionSet, conditions))).toMatchObject({ notSent: "rewritten" });
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
