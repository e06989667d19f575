import { describe, expect, test } from "vitest";
import { forwardedPath } from "../../src/health/live-request.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { routingPath } from "../../src/routing/path-match.ts";
import { resolvedPath } from "../../src/routing/path-segments.ts";
import { routerOf } from "../../src/routing/request-route.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { routingGateway } from "../support/routing-gateway.ts";

describe("segments of dots and empty ones", () => {
  test.each([
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["/", "/"],
    ["/public/../admin/x", "/admin/x"],
    ["/public/./x", "/public/x"],
    ["/a/b/..", "/a/"],
    ["/a/.", "/a/"],
    ["/../../etc", "/etc"],
    ["/..", "/"],
    ["//admin//x", "/admin/x"],
    ["//", "/"],
    ["/...", "/..."],
    ["/a/.b/..c", "/a/.b/..c"],
    ["/a%20b//c", "/a%20b/c"],
    ["*", "*"],
  ])("%s is %s, whatever the generation", (path, expected) => {
    expect(resolvedPath(path, "v2")).toBe(expected);
    expect(resolvedPath(path, "v1")).toBe(expected);
  });

  test.each([
    ["/public/%2e%2E/admin", "/admin"],
    ["/public/.%2e/admin", "/admin"],
    ["/public%2f..%2Fadmin", "/admin"],
    ["/public/%2e/x", "/public/x"],
    ["/a%2Fb", "/a/b"],
    ["/public/%252e%252e/admin", "/public/%2e%2e/admin"],
    ["/public/%c0%ae%c0%ae/admin", "/public/\ufffd\ufffd\ufffd\ufffd/admin"],
  ])("%s is %s on v2, which decodes first; v1 leaves it", (path, expected) => {
    expect(routingPath(path, "v2")).toBe(expected);
    expect(routingPath(path, "v1")).toBe(path);
  });

  test("take time in proportion to their number", () => {
    const path = `/${"a/".repeat(8000)}${"../".repeat(8000)}x`;
    expect(resolvedPath(path, "v2")).toBe("/x");
  });
});

const gateway = routingGateway({
  listeners: [
    {
      name: "web",
      protocol: "Http",
      port: 80,
      paths: [
        ["admin", ["/admin/*"], "admin"],
        ["public", ["/public/*"], "public"],
      ],
      default: "other",
    },
  ],
});

describe("routes and overrides see what servers see", () => {
  test.each([
    ["/public/../admin/x", "resolved", "admin", "/over/x"],
    ["//admin/x", "resolved", "admin", "/over/x"],
    ["/public/%2e%2e/admin/x?q=/../", "resolved", "admin", "/over/x?q=/../"],
    ["/admin/../public/../../x", "resolved", "default", "/over/x"],
    ["/public/a/../b", "resolved", "public", "/over/b"],
    ["/public/../admin/x", "as-sent", "public", "/over/../admin/x"],
  ] as const)("%s, %s: %s, %s", (path, pathSegments, rule, overridden) => {
    const router = routerOf(gateway, wiringOf(gateway), { ...defaultSwitches, pathSegments });
    const taken = router.routeOf({ scheme: "http", host: "a", path, method: "GET", port: 80 });
    if (taken.to !== "backend") throw new Error(`no server: ${taken.why}`);
    expect(taken.route.id).toMatch(new RegExp(`/${rule}$`));
    expect(forwardedPath("/over/", taken.rest, path)).toBe(overridden);
    expect(forwardedPath(undefined, taken.rest, path)).toBe(path);
  });
});
