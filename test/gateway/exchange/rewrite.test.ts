import { describe, expect, test } from "vitest";
import { type RuleWish, ruleDocument } from "../../routing/rewrite/rewriting.ts";
import type { RoutingWish } from "../../support/routing-gateway.ts";
import { routingDocument } from "../../support/routing-gateway.ts";
import { answers, Backends, type Scene } from "./scene.ts";
import { body, itemOf, ok, shop } from "./shop.ts";

const address = "127.30.0.4";

/** A gateway whose one rule is rewritten by these. */
function rewriting(
  backends: Backends,
  rules: readonly RuleWish[],
  setting: Readonly<Record<string, unknown>> = {},
): Promise<Scene> {
  const set = itemOf("rewriteRuleSets", "set");
  return shop(backends, [address], {
    wish: {
      rule: { rewriteRuleSet: { id: set.id } },
      more: { rewriteRuleSets: [{ ...set, rewriteRules: rules.map(ruleDocument) }] },
    },
    setting,
  });
}

/** A gateway with a path map, with rules by path rule. */
function rerouting(
  backends: Backends,
  paths: readonly (readonly [name: string, pattern: string, rules: readonly RuleWish[]])[],
): Promise<Scene> {
  const wish: RoutingWish = {
    listeners: [
      {
        name: "shop",
        protocol: "Http",
        paths: paths.map(([name, pattern]) => [name, [pattern], name]),
        default: "app",
      },
    ],
    members: [address],
    setting: { port: backends.port, requestTimeout: 20 },
  };
  const sets = paths.map(([name, , rules]) => ({
    ...itemOf("rewriteRuleSets", name),
    rewriteRules: rules.map(ruleDocument),
  }));
  const urlPathMaps = routingDocument(wish).urlPathMaps.map((map) => ({
    ...map,
    pathRules: map.pathRules.map((rule: object, index: number) => ({
      ...rule,
      rewriteRuleSet: { id: sets[index]?.id },
    })),
  }));
  return shop(backends, [address], {
    wish: { listeners: wish.listeners, more: { rewriteRuleSets: sets, urlPathMaps } },
  });
}

const ask = (target: string, ...lines: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\nHost: shop.contoso.example\r\n${lines.map((line) => `${line}\r\n`).join("")}Connection: close\r\n\r\n`;

const sentTo = (backends: Backends): readonly string[] =>
  (backends.connections(address)[0] ?? "").split("\r\n");

describe("a request that rules rewrite", () => {
  test("fields are set, replaced and taken away, also those of the gateway", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rewriting(backends, [
      {
        request: {
          "X-New": "for {http_req_X-User}",
          "X-Old": "",
          "X-Twice": "once",
          "X-Forwarded-Proto": "https",
        },
      },
    ]);
    expect(
      body(await scene.talk(ask("/", "X-User: ann", "X-Old: 1", "X-Twice: 1", "x-twice: 2", "X-Kept: 1"))),
    ).toBe("fine");
    const sent = sentTo(backends);
    expect(sent).toContain("X-New: for ann");
    expect(sent).toContain("X-Kept: 1");
    expect(sent.filter((line) => /^x-old/i.test(line))).toEqual([]);
    expect(sent.filter((line) => /^x-twice/i.test(line))).toEqual(["X-Twice: once"]);
    expect(sent.filter((line) => /^x-forwarded-proto/i.test(line))).toEqual(["X-Forwarded-Proto: https"]);
  });

  test("conditions decide, with what they caught", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rewriting(backends, [
      {
        when: [["var_uri_path", "^/v(\\d)/"]],
        request: { "X-Version": "{var_uri_path_1}" },
      },
      { when: [["http_req_X-Beta", "yes"]], request: { "X-Beta-On": "1" } },
    ]);
    await scene.talk(ask("/v2/list"));
    const sent = sentTo(backends);
    expect(sent).toContain("X-Version: 2");
    expect(sent.filter((line) => line.startsWith("X-Beta"))).toEqual([]);
  });

  test("path and query; the record has both, servers are told what was asked", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rewriting(backends, [
      { url: { modifiedPath: "/new", modifiedQueryString: "from={var_query_string}" } },
    ]);
    await scene.talk(ask("/old?a=1"));
    const [line, ...sent] = sentTo(backends);
    expect(line).toBe("GET /new?from=a=1 HTTP/1.1");
    expect(sent).toContain("X-Original-URL: /old?a=1");
    expect((await scene.recorded(1))[0]).toMatchObject({
      originalTarget: "/old?a=1",
      target: "/new?from=a=1",
      ending: "--",
    });
  });

  test("the path override is made of the rewritten path", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rewriting(backends, [{ url: { modifiedPath: "/new" } }], { path: "/over/" });
    await scene.talk(ask("/old?a=1"));
    expect(sentTo(backends)[0]).toBe("GET /over/new?a=1 HTTP/1.1");
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["goes to servers", {}, "app.contoso.example"],
    ["does not outdo the setting's", { hostName: "own.contoso.example" }, "own.contoso.example"],
  ])("a Host that a rule sets %s", async (_, setting, host) => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rewriting(backends, [{ request: { Host: "app.contoso.example" } }], setting);
    await scene.talk(ask("/"));
    const sent = sentTo(backends);
    expect(sent.filter((line) => /^host:/i.test(line))).toEqual([`Host: ${host}`]);
    expect(sent).toContain("X-Original-Host: shop.contoso.example");
    expect((await scene.recorded(1))[0]).toMatchObject({ originalHost: "shop.contoso.example", host });
  });

  test("a request body stays as it is", async () => {
    await using backends = await Backends.of({
      [address]: (text, socket) => void (text.endsWith("hello") && socket.write(ok)),
    });
    await using scene = await rewriting(backends, [{ request: { "X-A": "1" } }]);
    const got = await scene.talk(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    expect(body(got)).toBe("fine");
    const sent = backends.connections(address)[0] ?? "";
    expect(sent).toContain("X-A: 1\r\n");
    expect(body(sent)).toBe("hello");
  });
});

describe("a request that rules reroute", () => {
  const toTwo: RuleWish = {
    when: [["var_query_string", "to=two"]],
    url: { modifiedPath: "/two/x", reroute: true },
  };

  test("takes the route of its new path, and the rules of that route", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rerouting(backends, [
      ["one", "/one/*", [toTwo]],
      ["two", "/two/*", [{ request: { "X-Route": "two" } }]],
    ]);
    await scene.talk(ask("/one/a?to=two"));
    const [line, ...sent] = sentTo(backends);
    expect(line).toBe("GET /two/x?to=two HTTP/1.1");
    expect(sent).toContain("X-Route: two");
    const [record] = await scene.recorded(1);
    expect(record?.route?.id).toBe("shop/shop/two");
    expect(record).toMatchObject({ originalTarget: "/one/a?to=two", target: "/two/x?to=two", ending: "--" });
  });

  test("stays where no condition holds", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rerouting(backends, [
      ["one", "/one/*", [toTwo]],
      ["two", "/two/*", []],
    ]);
    await scene.talk(ask("/one/a"));
    expect(sentTo(backends)[0]).toBe("GET /one/a HTTP/1.1");
    expect((await scene.recorded(1))[0]?.route?.id).toBe("shop/shop/one");
  });

  test("in a circle gets 500, and no server is asked", async () => {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await rerouting(backends, [
      ["one", "/one/*", [{ url: { modifiedPath: "/two/x", reroute: true } }]],
      ["two", "/two/*", [{ url: { modifiedPath: "/one/x", reroute: true } }]],
    ]);
    expect(await scene.talk(ask("/one/a"))).toMatch(/^HTTP\/1\.1 500 /);
    expect(backends.connections(address)).toEqual([]);
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 500, ending: "PR", attempts: [] });
  });
});

describe("a response that rules rewrite", () => {
  const answer = (status: string): string =>
    `HTTP/1.1 ${status}\r\nServer: kestrel\r\nX-Old: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 4\r\n\r\nfine`;

  const rules: readonly RuleWish[] = [
    {
      response: [
        ["Server", ""],
        ["X-New", "{http_resp_X-Old} by {http_req_X-User}"],
      ],
    },
    { when: [["var_http_status", "503"]], response: [["Retry-After", "5"]] },
  ];

  test("fields are set and taken away; the body and what is of one connection only are not touched", async () => {
    await using backends = await Backends.of({ [address]: answers(answer("200 OK")) });
    await using scene = await rewriting(backends, rules);
    const got = await scene.talk(ask("/", "X-User: ann"));
    const lines = got.split("\r\n");
    expect(lines).toContain("X-New: 1 by ann");
    expect(lines.filter((line) => line.startsWith("Set-Cookie"))).toEqual([
      "Set-Cookie: a=1",
      "Set-Cookie: b=2",
    ]);
    expect(lines.filter((line) => /^(server|x-hop|retry-after):/i.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("Content-Length"))).toEqual(["Content-Length: 4"]);
    expect(body(got)).toBe("fine");
  });

  test("rules may wait for the status; who answered is still known", async () => {
    await using backends = await Backends.of({
      [address]: answers(answer("503 Busy").replace("kestrel", "nginx")),
    });
    await using scene = await rewriting(backends, rules);
    const got = await scene.talk(ask("/"));
    expect(got).toContain("Retry-After: 5\r\n");
    expect(got).not.toContain("nginx");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 503, answeredBy: { server: "nginx" } });
  });

  test("answers of the gateway's own are not rewritten", async () => {
    await using backends = await Backends.of({});
    await using scene = await rewriting(backends, rules);
    const got = await scene.talk(ask("/"));
    expect(got).toMatch(/^HTTP\/1\.1 502 /);
    expect(got).toContain("Server: Causeway\r\n");
    expect(got).not.toContain("X-New");
  });
});
