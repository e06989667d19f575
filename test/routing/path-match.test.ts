import { describe, expect, test } from "vitest";
import type { PathRule, RouteTarget, UrlPathMap } from "../../src/model/gateway.ts";
import { Source } from "../../src/model/source.ts";
import {
  compilePathMap,
  type PathRules,
  patternCovers,
  patternMatches,
  routingPath,
} from "../../src/routing/path-match.ts";

const rules: PathRules = { generation: "v2", pathCase: "insensitive" };
const nowhere: RouteTarget = {
  pool: undefined,
  setting: undefined,
  redirect: undefined,
  rewriteRuleSet: undefined,
};

function pathRule(name: string, ...paths: string[]): PathRule {
  return {
    id: name,
    name,
    source: new Source("t", "", {}),
    provisioningState: undefined,
    ...nowhere,
    paths,
  };
}

function mapOf(...pathRules: PathRule[]): UrlPathMap {
  const source = new Source("t", "", {});
  return { id: "m", name: "m", source, provisioningState: undefined, defaultTarget: nowhere, pathRules };
}

function ruleFor(map: UrlPathMap, target: string, how = rules): string {
  const found = compilePathMap(map, how).match(routingPath(target, how.generation));
  return found === "default" ? found : found.name;
}

describe("the path that routing looks at", () => {
  test.each([
    ["/a?b=/c", "v2", "/a"],
    ["/a#b", "v2", "/a"],
    ["/a%2Fb", "v2", "/a/b"],
    ["/a%2Fb", "v1", "/a%2Fb"],
    ["/gr%C3%BC%C3%9Fe", "v2", "/grüße"],
    ["/100%", "v2", "/100%"],
    ["/a%zzb", "v2", "/a%zzb"],
    ["/a%3Fb?c", "v2", "/a?b"],
  ] as const)("%s on %s is %s", (target, generation, expected) => {
    expect(routingPath(target, generation)).toBe(expected);
  });
});

describe("patterns", () => {
  test.each([
    ["/abc/*", "/abc", false],
    ["/abc/*", "/abc/", true],
    ["/abc/*", "/abc/d/e", true],
    ["/abc*", "/abc", true],
    ["/abc*", "/abcd", true],
    ["/abc*", "/abc/x", true],
    ["/abc", "/abc", true],
    ["/abc", "/abc/", false],
    ["/abc/", "/abc", false],
    ["/*", "/", true],
    ["/ABC", "/abc", true],
  ])("%s with %s: %s", (pattern, path, expected) => {
    expect(patternMatches(pattern, path, rules)).toBe(expected);
  });

  test("letter case counts when the switch says so", () => {
    const strict: PathRules = { generation: "v2", pathCase: "sensitive" };
    expect(patternMatches("/ABC", "/abc", strict)).toBe(false);
    expect(patternCovers("/A*", "/a/b", strict)).toBe(false);
  });

  test.each([
    ["/api/*", "/api/v2/*", true],
    ["/api/*", "/api/health", true],
    ["/api/*", "/api", false],
    ["/api/v2/*", "/api/*", false],
    ["/api", "/api/*", false],
    ["/api", "/API", true],
    ["/*", "/anything*", true],
  ])("%s covers %s: %s", (wide, narrow, expected) => {
    expect(patternCovers(wide, narrow, rules)).toBe(expected);
  });
});

describe("path maps", () => {
  const map = mapOf(
    pathRule("images", "/images/*", "/img"),
    pathRule("all-api", "/api/*"),
    pathRule("v2", "/api/v2/*"),
  );

  test.each([
    ["/images/a.png", "images"],
    ["/IMG", "images"],
    ["/img/", "default"],
    ["/api/v2/x", "all-api"],
    ["/api%2Fv2", "all-api"],
    ["/images", "default"],
    ["/?x=/images/", "default"],
  ])("%s goes to %s", (target, expected) => {
    expect(ruleFor(map, target)).toBe(expected);
  });

  test("v1 does not decode", () => {
    expect(ruleFor(map, "/api%2Fv2", { generation: "v1", pathCase: "insensitive" })).toBe("default");
  });
});
