import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultSwitches } from "../../src/health/switches.ts";
import type { RedirectConfiguration } from "../../src/model/gateway.ts";
import { compileRedirect, type RedirectSwitches } from "../../src/routing/redirect.ts";
import { routerOf } from "../../src/routing/request-route.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type ListenerWish, routingGateway } from "../support/routing-gateway.ts";

interface RedirectWish {
  readonly redirectType?: string;
  /** Name of a listener. */
  readonly to?: string;
  readonly targetUrl?: string;
  readonly includePath?: boolean;
  readonly includeQueryString?: boolean;
}

const listeners: readonly ListenerWish[] = [
  { name: "plain", protocol: "Http", to: { redirect: "Found" } },
  { name: "secure", to: "web", port: 443, hosts: ["Shop.contoso.com"] },
  { name: "odd", to: "web", port: 8443 },
  { name: "wild", to: "web", port: 9443, hosts: ["*.contoso.com"] },
  { name: "several", to: "web", port: 9444, hosts: ["a.contoso.com", "b.contoso.com"] },
  { name: "http", protocol: "Http", port: 8080, to: "web" },
];

function redirectOf({ to, ...wish }: RedirectWish): RedirectConfiguration {
  const id = routingGateway({ listeners: [] }).id;
  const redirect = {
    id: `${id}/redirectConfigurations/redirect-Found`,
    name: "redirect-Found",
    redirectType: "Found",
    ...wish,
    ...(to !== undefined && { targetListener: { id: `${id}/httpListeners/${to}` } }),
  };
  const gateway = routingGateway({ listeners, more: { redirectConfigurations: [redirect] } });
  const [first] = gateway.redirects;
  if (first === undefined) throw new Error("no redirect");
  return first;
}

const both = { includePath: true, includeQueryString: true };
const asked = { host: "www.contoso.com:80", target: "/a/b?c=d" };

describe("redirects (request-handling.md §4)", () => {
  const statuses: readonly (readonly [string, number, Partial<RedirectSwitches>])[] = [
    ["Permanent", 301, {}],
    ["Found", 302, {}],
    ["SeeOther", 303, {}],
    ["SeeOther", 302, { seeOtherStatus: "302" }],
    ["Temporary", 307, {}],
  ];

  test.each(statuses)("%s is %d %j", (redirectType, status, switches) => {
    const redirect = redirectOf({ redirectType, targetUrl: "https://x.example/" });
    const answer = compileRedirect(redirect, { ...defaultSwitches, ...switches })(asked);
    expect(answer).toEqual({ status, location: "https://x.example/" });
  });

  const rows: readonly (readonly [RedirectWish, string | undefined])[] = [
    // To a listener: its scheme and port; its host name where it has one, else the host that was asked for.
    [{ to: "secure" }, "https://Shop.contoso.com/"],
    [{ to: "secure", ...both }, "https://Shop.contoso.com/a/b?c=d"],
    [{ to: "secure", includePath: true }, "https://Shop.contoso.com/a/b"],
    [{ to: "secure", includeQueryString: true }, "https://Shop.contoso.com/?c=d"],
    [{ to: "odd", ...both }, "https://www.contoso.com:8443/a/b?c=d"],
    [{ to: "wild" }, "https://www.contoso.com:9443/"],
    [{ to: "several" }, "https://www.contoso.com:9444/"],
    [{ to: "http" }, "http://www.contoso.com:8080/"],
    [{ to: "nowhere" }, undefined],
    // To a URL.
    [{ targetUrl: "https://x.example" }, "https://x.example"],
    [{ targetUrl: "https://x.example", ...both }, "https://x.example/a/b?c=d"],
    [{ targetUrl: "https://x.example/", ...both }, "https://x.example/a/b?c=d"],
    [{ targetUrl: "https://x.example/base", includePath: true }, "https://x.example/base/a/b"],
    [{ targetUrl: "https://x.example/base", includeQueryString: true }, "https://x.example/base?c=d"],
    [{ targetUrl: "https://x.example/base?e=f#g", ...both }, "https://x.example/base/a/b?e=f&c=d#g"],
    [{ targetUrl: "https://x.example/base?e=f" }, "https://x.example/base?e=f"],
    [{ targetUrl: "https://x.example/é b" }, "https://x.example/%C3%A9%20b"],
    [{ targetUrl: " " }, undefined],
    [{}, undefined],
  ];

  test.each(rows)("%j → %s", (wish, location) => {
    expect(compileRedirect(redirectOf(wish), defaultSwitches)(asked)?.location).toBe(location);
  });

  test("an address of version 6 without a name", () => {
    const redirect = compileRedirect(redirectOf({ to: "odd" }), defaultSwitches);
    expect(redirect({ host: "[2001:db8::1]:80", target: "/" })?.location).toBe("https://[2001:db8::1]:8443/");
  });

  test("the switch drops the path of a URL only", () => {
    const switches: RedirectSwitches = { ...defaultSwitches, redirectUrlPath: "dropped" };
    const url = redirectOf({ targetUrl: "https://x.example/base", ...both });
    expect(compileRedirect(url, switches)(asked)?.location).toBe("https://x.example/base?c=d");
    expect(compileRedirect(redirectOf({ to: "odd", ...both }), switches)(asked)?.location).toContain(
      "/a/b?c=d",
    );
  });

  test("a port of this machine stands for the configured one", () => {
    const redirect = compileRedirect(redirectOf({ to: "secure" }), defaultSwitches, () => 18443);
    expect(redirect(asked)?.location).toBe("https://Shop.contoso.com:18443/");
  });

  test("the router says the same status", () => {
    const see = { listeners: [{ name: "l", to: { redirect: "SeeOther" } }] };
    const gateway = routingGateway(see);
    const request = { scheme: "https", host: "x", port: 443, path: "/", method: "GET" } as const;
    const statusBy = (seeOtherStatus: "303" | "302") =>
      routerOf(gateway, wiringOf(gateway), { ...defaultSwitches, seeOtherStatus }).routeOf(request);
    expect([statusBy("303"), statusBy("302")]).toMatchObject([{ status: 303 }, { status: 302 }]);
  });

  test("Location is one line of visible ASCII, whatever was asked", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (host, path, url) => {
        for (const wish of [{ to: "odd" }, { targetUrl: `https://x.example/${url}` }]) {
          const answer = compileRedirect(
            redirectOf({ ...wish, ...both }),
            defaultSwitches,
          )({ host, target: `/${path}` });
          expect(answer?.location).toMatch(/^https:\/\/[\x21-\x7e]*$/);
        }
      }),
      { numRuns: 40 },
    );
  });
});
