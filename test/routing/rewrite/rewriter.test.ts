import { describe, expect, test } from "vitest";
import { defaultSwitches } from "../../../src/health/switches.ts";
import { routerOf } from "../../../src/routing/request-route.ts";
import { plannedRouteOf } from "../../../src/routing/rewrite/planned-router.ts";
import { rewriterOf } from "../../../src/routing/rewrite/rewriter.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { routingDocument, routingGateway } from "../../support/routing-gateway.ts";
import { type FactsWish, type RuleWish, requestFacts, ruleDocument } from "./rewriting.ts";

const { id } = routingDocument({ listeners: [] });
const setId = (name: string): string => `${id}/rewriteRuleSets/${name}`;

interface MapWish {
  /** Path rule → its pattern and its rules; `default` has no pattern. Targets are pools of the same name. */
  readonly paths: readonly (readonly [name: string, pattern: string, rules?: readonly RuleWish[]])[];
  readonly fallback?: readonly RuleWish[];
  readonly redirects?: readonly string[];
  readonly tier?: string;
  readonly setting?: Readonly<Record<string, unknown>>;
}

/** A path map whose rules have rewrite sets called like them. */
function gatewayOf({ paths, fallback = [], redirects = [], tier = "Standard_v2", setting = {} }: MapWish) {
  const wish = {
    tier,
    setting,
    listeners: [
      {
        name: "l",
        paths: paths.map(
          ([name, pattern]) =>
            [name, [pattern], redirects.includes(name) ? { redirect: "Found" } : name] as const,
        ),
        default: "web",
      },
    ],
  };
  const document = routingDocument(wish);
  const sets = [
    ...paths.map(([name, , rules = []]) => [name, rules] as const),
    ["default", fallback] as const,
  ];
  const maps = document.urlPathMaps.map((map) => ({
    ...map,
    defaultRewriteRuleSet: { id: setId("default") },
    pathRules: map.pathRules.map((rule: { readonly name: string }) => ({
      ...rule,
      rewriteRuleSet: { id: setId(rule.name) },
    })),
  }));
  const rewriteRuleSets = sets.map(([name, rules]) => ({
    id: setId(name),
    name,
    rewriteRules: rules.map(ruleDocument),
  }));
  return routingGateway({ ...wish, more: { urlPathMaps: maps, rewriteRuleSets } });
}

function arriving(path: string) {
  return { scheme: "https", host: "contoso.com", port: 443, path, method: "GET" } as const;
}

function followed(wish: MapWish, path: string, facts: FactsWish = {}) {
  const gateway = gatewayOf(wish);
  const wiring = wiringOf(gateway);
  const router = routerOf(gateway, wiring, defaultSwitches);
  const rewriter = rewriterOf(gateway, wiring, router);
  const taken = router.routeOf(arriving(path));
  if (taken.to !== "backend") throw new Error(taken.why);
  const done = rewriter.rewrite(taken, () => requestFacts({ target: path, host: "contoso.com", ...facts }));
  const problems = rewriter.problems.map(({ problem }) => problem);
  if (done === undefined) return { outcome: "untouched", problems };
  if (done.outcome !== "forward") return { ...done, problems };
  const { route, rest } = done.taken;
  return { outcome: "forward", to: route.pair.pool.name, rest, target: done.target, problems };
}

const reroute = (path: string, ...when: NonNullable<RuleWish["when"]>): RuleWish => ({
  when,
  url: { modifiedPath: path, reroute: true },
});

describe("the path map evaluated again", () => {
  const shop: MapWish = {
    paths: [
      ["one", "/listing1"],
      ["two", "/listing2/*"],
    ],
    fallback: [
      reroute("/listing1", ["var_query_string", "category=shoes"]),
      reroute("/listing2/x", ["var_query_string", "category=bags"]),
    ],
  };

  test.each([
    ["/listing?category=any", { outcome: "untouched" }],
    ["/listing?category=shoes", { outcome: "forward", to: "one", target: "/listing1?category=shoes" }],
    ["/listing?category=bags", { outcome: "forward", to: "two", rest: "x" }],
  ])("the vendor's example: %s", (path, expected) => {
    expect(followed(shop, path)).toMatchObject({ ...expected, problems: [] });
  });

  test("without it the request stays on its route, with what is left behind its pattern", () => {
    const wish: MapWish = {
      paths: [
        ["one", "/a/*", [{ url: { modifiedPath: "/a/b/c" } }]],
        ["two", "/a/b/*"],
      ],
    };
    expect(followed(wish, "/a/x")).toMatchObject({ to: "one", rest: "b/c", target: "/a/b/c" });
    const away: MapWish = {
      paths: [
        ["one", "/a/*", [{ url: { modifiedPath: "/z" } }]],
        ["two", "/z"],
      ],
    };
    expect(followed(away, "/a/x")).toMatchObject({ to: "one", rest: "/z" });
  });

  test("rules of the new route act as well, and those of the old one keep what they did", () => {
    const wish: MapWish = {
      paths: [
        ["one", "/a", [{ request: { "X-A": "1" }, ...reroute("/b") }]],
        ["two", "/b", [{ url: { modifiedPath: "/c" } }]],
      ],
    };
    expect(followed(wish, "/a")).toMatchObject({ to: "two", target: "/c", rest: "/c" });
  });

  test("a circle ends with 500", () => {
    const circle: MapWish = {
      paths: [
        ["one", "/a", [reroute("/b")]],
        ["two", "/b", [reroute("/a")]],
      ],
    };
    expect(followed(circle, "/a")).toMatchObject({
      outcome: "loop",
      problems: ["always-reroutes", "always-reroutes"],
    });
    const same: MapWish = { paths: [["one", "/a", [reroute("/a", ["var_uri_path", "a"])]]] };
    expect(followed(same, "/a")).toMatchObject({ outcome: "loop", problems: [] });
    const growing: MapWish = {
      paths: [["one", "/a*", [reroute("/a{var_uri_path}", ["var_uri_path", "a"])]]],
    };
    expect(followed(growing, "/a")).toMatchObject({ outcome: "loop" });
    const ending: MapWish = {
      paths: [["one", "/api/*", [reroute("/api/{var_uri_path_1}", ["var_uri_path", "^/api/v1/(.*)"])]]],
    };
    expect(followed(ending, "/api/v1/x")).toMatchObject({ outcome: "forward", target: "/api/x", rest: "x" });
  });

  test("a redirect on the new way is the answer", () => {
    const wish: MapWish = {
      paths: [
        ["one", "/a", [reroute("/b", ["var_uri_path", "a"])]],
        ["two", "/b"],
      ],
      redirects: ["two"],
    };
    expect(followed(wish, "/a")).toMatchObject({ outcome: "answer", by: { why: "redirect", status: 302 } });
  });

  test("a Basic rule has none", () => {
    const document = {
      rewriteRuleSets: [{ id: setId("s"), name: "s", rewriteRules: [ruleDocument(reroute("/b"))] }],
    };
    const gateway = routingGateway({
      listeners: [{ name: "l", to: "web" }],
      rule: { rewriteRuleSet: { id: setId("s") } },
      more: document,
    });
    const wiring = wiringOf(gateway);
    const router = routerOf(gateway, wiring, defaultSwitches);
    const rewriter = rewriterOf(gateway, wiring, router);
    const taken = router.routeOf(arriving("/a"));
    if (taken.to !== "backend") throw new Error(taken.why);
    const done = rewriter.rewrite(taken, () => requestFacts({ target: "/a" }));
    expect(done).toMatchObject({ outcome: "forward", target: "/b" });
    expect(rewriter.problems).toMatchObject([{ problem: "reroute-refused" }]);
  });
});

test("facts are not asked for where no rule needs them", () => {
  const gateway = gatewayOf({ paths: [["one", "/a"]] });
  const wiring = wiringOf(gateway);
  const router = routerOf(gateway, wiring, defaultSwitches);
  const taken = router.routeOf(arriving("/a"));
  if (taken.to !== "backend") throw new Error(taken.why);
  const never = () => {
    throw new Error("asked");
  };
  expect(rewriterOf(gateway, wiring, router).rewrite(taken, never)).toBeUndefined();
});

test("v1 leaves requests as they are", () => {
  const wish: MapWish = { tier: "Standard", paths: [["one", "/a", [{ url: { modifiedPath: "/b" } }]]] };
  expect(followed(wish, "/a")).toEqual({ outcome: "untouched", problems: ["no-rewrites"] });
});

describe("requests that are planned", () => {
  const planned = (rules: readonly RuleWish[], path = "/a/x", more: object = {}) => {
    const gateway = gatewayOf({
      paths: [
        ["one", "/a/*", rules],
        ["two", "/b/*"],
      ],
    });
    const taken = plannedRouteOf(gateway, wiringOf(gateway), { ...arriving(path), ...more }, defaultSwitches);
    return taken.to === "backend"
      ? { to: taken.route.pair.pool.name, rest: taken.rest, ...taken.rewritten }
      : taken;
  };

  test.each<[string, RuleWish, object]>([
    ["path", { url: { modifiedPath: "/a/y" } }, { to: "one", rest: "y", target: "/a/y" }],
    ["query", { url: { modifiedQueryString: "q={var_uri_path}" } }, { target: "/a/x?q=/a/x" }],
    ["reroute", reroute("/b/y"), { to: "one", notKnown: "one" }],
    [
      "reroute with a condition",
      reroute("/b/y", ["var_uri_path", "x"]),
      { to: "two", rest: "y", target: "/b/y" },
    ],
    ["Host", { request: { Host: "app.example" } }, { host: "app.example", target: "/a/x" }],
    [
      "no rule acts",
      { when: [["var_uri_path", "^/never"]], request: { "X-A": "1" } },
      { target: "/a/x", host: undefined },
    ],
    ["a field that is not there", { request: { Authorization: "" } }, { target: "/a/x" }],
    ["only tells who asks", { request: { "X-Forwarded-For": "{var_client_ip}" } }, { target: "/a/x" }],
    [
      "settled by another condition",
      {
        when: [
          ["var_client_ip", "."],
          ["var_uri_path", "^/no"],
        ],
        url: { modifiedPath: "/z" },
      },
      { target: "/a/x" },
    ],
    [
      "TLS is known by the scheme",
      { when: [["var_ssl_enabled", "On"]], url: { modifiedPath: "/a/tls" } },
      { target: "/a/tls" },
    ],
  ])("%s", (_, rule, expected) => {
    expect(planned([rule])).toMatchObject(expected);
  });

  test.each<[string, RuleWish, object?]>([
    ["the client's address", { when: [["var_client_ip", "^10"]], url: { modifiedPath: "/z" } }],
    ["its port", { url: { modifiedPath: "/{var_client_port}" } }],
    ["the version of TLS", { when: [["var_ssl_connection_protocol", "3"]], url: { modifiedPath: "/z" } }],
    ["the version of HTTP", { when: [["var_http_version", "2"]], url: { modifiedPath: "/z" } }],
    ["who asks", { when: [["http_req_User-Agent", "curl"]], url: { modifiedPath: "/z" } }],
    [
      "a field that is given",
      { when: [["http_req_X-Key", "1"]], url: { modifiedPath: "/z" } },
      { fieldNames: ["x-key"] },
    ],
    ["a field that is set", { request: { "X-Api-Version": "2" } }],
    [
      "a field that is given and taken away",
      { request: { Authorization: "" } },
      { fieldNames: ["authorization"] },
    ],
    ["a pattern that is none", { when: [["var_uri_path", "(?=a)"]], url: { modifiedPath: "/z" } }],
    [
      "a query that is withheld",
      { when: [["var_query_string", "a"]], url: { modifiedPath: "/z" } },
      { path: "/a/x?(withheld)" },
    ],
  ])("depends on what is not known: %s", (_, rule, more) => {
    expect(planned([rule], "/a/x", more)).toMatchObject({ to: "one", notKnown: "one" });
  });

  test.each<RuleWish>([
    { url: { modifiedPath: "/a/{var_query_string}" } },
    { when: [["var_request_uri", "token=(.*)"]], url: { modifiedPath: "/a/{var_request_uri_1}" } },
    { request: { Host: "{var_request_query}.example" } },
    { request: { "X-Hop": "{var_query_string}" } },
  ])("a client's query gets nowhere else: %j", (rule) => {
    expect(planned([rule], "/a/x?token=s3cret")).toMatchObject({ notKnown: "one" });
  });

  test("a field that only tells who asks is not known to later rules", () => {
    const rules: RuleWish[] = [
      { sequence: 1, request: { "X-Real-IP": "10.0.0.1" } },
      { sequence: 2, when: [["http_req_X-Real-IP", "^10"]], url: { modifiedPath: "/a/inner" } },
    ];
    expect(planned(rules)).toMatchObject({ notKnown: "one" });
  });

  test("a withheld query does not matter where no rule looks at it", () => {
    expect(planned([{ url: { modifiedPath: "/a/y" } }], "/a/x?(withheld)")).toMatchObject({
      target: "/a/y?(withheld)",
    });
  });
});
