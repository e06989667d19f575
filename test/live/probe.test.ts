import { describe, expect, test } from "vitest";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { type Answer, answering, httpBackend } from "./support/http-backend.ts";
import { diagnoseLive } from "./support/live-case.ts";

type Asked = { readonly method: string; readonly path: string; readonly host: string };

interface ProbeCase {
  readonly name: string;
  /** What the server says. */
  readonly says: (asked: Asked) => Answer;
  readonly backend?: Partial<LiveBackend>;
  /** Fields of the gateway, and words of the call. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
  /** The first root; undefined = there is none. */
  readonly root: string | undefined;
  readonly certainty?: "proven" | "likely";
  /** What the experiment that helped changed, and to what. */
  readonly helped?: { readonly changed: string; readonly to: string };
  /** The fix was sent to the server before it was printed. */
  readonly triedLive?: boolean;
  /** Causes that must not be roots, nor say that they are proven. */
  readonly not: readonly string[];
}

const shop = "shop.contoso.example";
const gatewayId =
  "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network/applicationGateways/agw-live";
const freeProbe = (name: string, fields: Readonly<Record<string, unknown>>) => ({
  id: `${gatewayId}/probes/${name}`,
  name,
  protocol: "Http",
  path: "/",
  interval: 30,
  timeout: 5,
  unhealthyThreshold: 3,
  ...fields,
});

const cases: readonly ProbeCase[] = [
  {
    name: "another host name is served: probe-host",
    says: ({ host }) => (host === shop ? 200 : 404),
    root: "probe-host",
    helped: { changed: "Host", to: shop },
    triedLive: true,
    not: ["probe-path"],
  },
  {
    name: "the same status, and no host name helps but another path does: probe-path",
    says: ({ path }) => (path === "/" ? 200 : 404),
    root: "probe-path",
    helped: { changed: "path", to: "/" },
    triedLive: true,
    not: ["probe-host"],
  },
  {
    name: "host and path would each do: the host is the more telling",
    says: ({ host, path }) => (host === shop || path === "/" ? 200 : 404),
    root: "probe-host",
    helped: { changed: "Host", to: shop },
    not: ["probe-path"],
  },
  {
    name: "requests are served under the probe's own host: it is the path",
    says: ({ host, path }) => (path === "/" || host === "api.contoso.example" ? 200 : 404),
    backend: { probe: { host: shop } },
    more: {
      probes: [
        freeProbe("probe-shop", { host: shop, path: "/health" }),
        freeProbe("probe-api", { host: "api.contoso.example", path: "/health" }),
      ],
    },
    root: "probe-path",
    helped: { changed: "path", to: "/" },
    not: ["probe-host"],
  },
  {
    name: "the default probe asks for an address: probe-default-host",
    says: ({ host }) => (host === shop ? 200 : 404),
    backend: { probe: false },
    root: "probe-default-host",
    helped: { changed: "Host", to: shop },
    triedLive: true,
    not: ["probe-default-root", "probe-host"],
  },
  {
    name: "the default probe asks for / and only another path is served: probe-default-root",
    says: ({ path }) => (path === "/api" ? 200 : 404),
    backend: { probe: false },
    words: ["--url", `http://${shop}/api`],
    root: "probe-default-root",
    helped: { changed: "path", to: "/api" },
    triedLive: true,
    not: ["probe-default-host"],
  },
  {
    name: "a probe that lies about is answered: probe-unattached",
    says: ({ host, path }) => (host === "pay.contoso.example" && path === "/ready" ? 200 : 404),
    backend: { probe: false },
    more: { probes: [freeProbe("spare", { host: "pay.contoso.example", path: "/ready" })] },
    root: "probe-unattached",
    helped: { changed: "probe", to: "probe spare: /ready of pay.contoso.example" },
    triedLive: true,
    not: ["probe-default-host", "probe-default-root"],
  },
  {
    name: "a probe of a fitting name lies about and is not answered either: not probe-unattached",
    says: ({ host }) => (host === shop ? 200 : 404),
    backend: { probe: false },
    more: { probes: [freeProbe("probe-shop", { host: "old.contoso.example", path: "/ready" })] },
    root: "probe-default-host",
    helped: { changed: "Host", to: shop },
    not: ["probe-unattached"],
  },
  {
    name: "the probe's path wants a login, another does not: probe-auth",
    says: ({ path }) => (path === "/" ? 200 : { status: 401, fields: { "WWW-Authenticate": "Basic" } }),
    root: "probe-auth",
    helped: { changed: "path", to: "/" },
    triedLive: true,
    not: ["probe-host", "probe-narrow-match"],
  },
  {
    name: "everything wants a login, under whatever name: probe-auth by the code alone",
    says: () => ({ status: 401, fields: { "WWW-Authenticate": "NTLM" } }),
    root: "probe-auth",
    helped: { changed: "accepted statuses", to: "200-399, 401" },
    triedLive: true,
    not: ["probe-host", "probe-path"],
  },
  {
    name: "a login is wanted under the probe's host only: probe-host",
    says: ({ host }) => (host === shop ? 200 : { status: 401, fields: { "WWW-Authenticate": "Basic" } }),
    root: "probe-host",
    helped: { changed: "Host", to: shop },
    not: ["probe-auth"],
  },
  {
    name: "the probe's path takes no GET, another does: probe-method",
    says: ({ path }) => (path === "/" ? 200 : { status: 405, fields: { Allow: "POST" } }),
    root: "probe-method",
    helped: { changed: "path", to: "/" },
    triedLive: true,
    not: ["probe-path", "probe-host"],
  },
  {
    name: "OPTIONS is answered where GET is not: probe-method",
    says: ({ method }) => (method === "OPTIONS" ? 204 : 405),
    root: "probe-method",
    helped: { changed: "method", to: "OPTIONS" },
    not: ["probe-path", "probe-host"],
  },
  {
    name: "everything is answered with 405, which says what is taken: probe-method",
    says: () => ({ status: 405, fields: { Allow: "POST" } }),
    root: "probe-method",
    not: ["probe-path", "probe-host"],
  },
  {
    name: "everything is answered with 405, without a word of what is taken: only likely",
    says: () => 405,
    root: "probe-method",
    certainty: "likely",
    not: ["probe-path", "probe-host"],
  },
  {
    name: "GET is answered with 405, and nothing that can be tried helps: probe-method all the same",
    says: ({ path }) => (path === "/health" ? 405 : 404),
    words: ["--experiments", "all"],
    root: "probe-method",
    certainty: "proven",
    not: ["probe-path", "probe-host"],
  },
  {
    name: "a redirect to a sign-in page is refused: probe-narrow-match",
    says: ({ path }) => (path === "/health" ? { status: 302, fields: { Location: "/login" } } : 200),
    backend: { probe: { match: { statusCodes: ["200"] } } },
    root: "probe-narrow-match",
    helped: { changed: "accepted statuses", to: "200, 302" },
    triedLive: true,
    not: ["probe-path", "probe-host", "probe-body"],
  },
  {
    name: "status and text are both others than wanted: one fix for both",
    says: () => ({ status: 202, body: "warming up" }),
    backend: { probe: { match: { statusCodes: ["200"], body: "READY" } } },
    root: "probe-narrow-match",
    helped: { changed: "accepted statuses", to: "200, 202" },
    triedLive: true,
    not: ["probe-body", "probe-host"],
  },
  {
    name: "the redirect leads to the same under the name that is served: probe-host",
    says: ({ host, path }) =>
      host === "www.contoso.example"
        ? 200
        : { status: 301, fields: { Location: `http://www.contoso.example${path}` } },
    backend: { probe: { match: { statusCodes: ["200"] } } },
    root: "probe-host",
    helped: { changed: "Host", to: "www.contoso.example" },
    triedLive: true,
    not: ["probe-narrow-match"],
  },
  {
    name: "the text is in no answer: probe-body",
    says: () => ({ status: 200, body: "all fine" }),
    backend: { probe: { match: { body: "READY" } } },
    root: "probe-body",
    helped: { changed: "text in the body", to: "any" },
    triedLive: true,
    not: ["probe-host", "probe-narrow-match"],
  },
  {
    name: "the text is on the page of another host name: probe-host",
    says: ({ host }) => ({ status: 200, body: host === shop ? "READY" : "It works!" }),
    backend: { probe: { match: { body: "READY" } } },
    root: "probe-host",
    helped: { changed: "Host", to: shop },
    triedLive: true,
    not: ["probe-body"],
  },
  {
    name: "the answer comes later than the probe waits: probe-timeout-short",
    says: ({ path }) => (path === "/health" ? { status: 200, afterMs: 1500 } : 200),
    backend: { probe: { timeout: 1 }, setting: { requestTimeout: 6 } },
    root: "probe-timeout-short",
    helped: { changed: "time-out", to: "6 s" },
    triedLive: true,
    not: ["probe-path", "probe-host"],
  },
  {
    name: "no answer comes however long the probe waits: not probe-timeout-short",
    says: ({ path }) => (path === "/health" ? { status: 200, afterMs: 60_000 } : 200),
    backend: { probe: { timeout: 1 }, setting: { requestTimeout: 2 } },
    root: undefined,
    not: ["probe-timeout-short"],
  },
  {
    name: "everything is fine",
    says: () => 200,
    root: undefined,
    not: [],
  },
];

describe("probes that fail live", () => {
  test.each(cases)(
    "$name",
    async ({ says, backend, more, words = [], root, certainty = "proven", helped, triedLive, not }) => {
      await using server = await httpBackend(answering(says));
      const wish = { name: "shop", servers: [server.address], port: server.port, ...backend };
      const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish], more) }, words);
      expect(seen.roots[0]).toBe(root);
      for (const cause of not) expect(seen.roots).not.toContain(cause);
      if (root === undefined) return;
      const finding = seen.finding(root);
      expect(finding.certainty).toBe(certainty);
      if (helped !== undefined) {
        expect(finding.experiments[0]).toMatchObject({ ...helped, helped: true });
      }
      if (triedLive) expect(finding.fix).toMatchObject({ verified: true, triedLive: true, reason: null });
    },
  );
});

test("a fine probe beside requests that get errors of the application is a risk, never the root", async () => {
  await using server = await httpBackend(answering(({ path }) => (path === "/health" ? 200 : 500)));
  const wish = { name: "shop", servers: [server.address], port: server.port };
  const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish]) });
  expect(seen.finding("probe-shallow")).toMatchObject({ role: "risk", certainty: "likely" });
  expect(seen.roots).not.toContain("probe-shallow");
  expect(seen.routes).toMatchObject([{ status: 500 }]);
});

test("errors for what the probe asks for too are no shallow probe", async () => {
  await using server = await httpBackend(answering(() => 500));
  const wish = { name: "shop", servers: [server.address], port: server.port, probe: { path: "/" } };
  const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish]) });
  expect(seen.findings.map(({ cause }) => cause)).not.toContain("probe-shallow");
});

describe("a server that fails while others pass", () => {
  const say = async (minServers: number) => {
    await using good = await httpBackend(answering(() => 200));
    await using bad = await httpBackend((_request, response) => response.destroy(), good.port);
    const wish = {
      name: "shop",
      servers: [good.address, bad.address],
      port: good.port,
      probe: { minServers },
    };
    return await diagnoseLive({ "gateway.json": gatewayOf([wish]) });
  };

  test("is kept by minServers where fewer pass: probe-maskedby-minservers", async () => {
    const seen = await say(2);
    expect(seen.roots).toContain("probe-maskedby-minservers");
    expect(seen.finding("probe-maskedby-minservers").fix?.changes).toHaveLength(1);
  });

  test("is kept where the report calls it healthy with the text of a failed probe", async () => {
    await using bad = await httpBackend(answering(() => 500));
    const wish = { name: "shop", servers: [bad.address], port: bad.port, probe: { minServers: 1 } };
    const seen = await diagnoseLive({
      "gateway.json": gatewayOf([wish]),
      "health.json": {
        backendAddressPools: [
          {
            backendAddressPool: { id: `${gatewayId}/backendAddressPools/pool-shop` },
            backendHttpSettingsCollection: [
              {
                backendHttpSettings: { id: `${gatewayId}/backendHttpSettingsCollection/set-shop` },
                servers: [
                  {
                    address: bad.address,
                    health: "Healthy",
                    healthProbeLog:
                      "Received invalid status code: 500 in the backend server's HTTP response.",
                  },
                ],
              },
            ],
          },
        ],
      },
    });
    expect(seen.roots).toContain("probe-maskedby-minservers");
  });

  test("is taken out where as many pass: minServers is only a risk", async () => {
    const seen = await say(1);
    expect(seen.finding("probe-maskedby-minservers").role).toBe("risk");
  });
});

describe("API Management", () => {
  const member = "contoso.azure-api.net";
  const status = "/status-0123456789abcdef";
  const look = async (says: (asked: Asked) => Answer) => {
    await using server = await httpBackend(answering(says));
    const wish = {
      name: "shop",
      servers: [member],
      port: server.port,
      probe: { host: member, path: "/orders" },
    };
    const words = [
      "--backend",
      `${member}:${server.port}=${server.address}:${server.port}`,
      "--experiments",
      "all",
    ];
    return await diagnoseLive({ "gateway.json": gatewayOf([wish]) }, words);
  };

  test("is fine on its status path: probe-apim", async () => {
    const seen = await look(({ path, host }) => (path === status && host === member ? 200 : 404));
    expect(seen.roots[0]).toBe("probe-apim");
    expect(seen.finding("probe-apim").certainty).toBe("proven");
    expect(seen.finding("probe-apim").fix).toMatchObject({ verified: true, triedLive: true });
  });

  test("is not there on its status path either, and is on another: not probe-apim", async () => {
    const seen = await look(({ path }) => (path === "/healthz" ? 200 : 404));
    expect(seen.roots).toEqual(["probe-path"]);
  });
});

describe("what is sent to a server that answers nothing but 404", () => {
  const sentWith = async (mode: "off" | "safe" | "all") => {
    const asked = new Set<string>();
    await using server = await httpBackend(
      answering(({ method, path, host }) => {
        asked.add(`${method} ${path} ${host}`);
        return 404;
      }),
    );
    const wish = { name: "shop", servers: [server.address], port: server.port };
    const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish]) }, ["--experiments", mode]);
    return { seen, asked: [...asked] };
  };
  const planned = ["GET /health app.contoso.example", `GET / ${shop}`];

  test("without experiments: the probe and a request, and the path is only a guess", async () => {
    const { seen, asked } = await sentWith("off");
    expect(asked.toSorted()).toEqual(planned.toSorted());
    expect(seen.finding("probe-path").certainty).toBe("possible");
    expect(seen.finding("probe-path").experiments).toEqual([]);
  });

  test("with safe ones: the probe's path under other names too", async () => {
    const { seen, asked } = await sentWith("safe");
    expect(asked.toSorted()).toEqual([...planned, `GET /health ${shop}`].toSorted());
    expect(seen.finding("probe-path").certainty).toBe("likely");
  });

  test("with all: other paths too, and then the path is not what is wrong", async () => {
    const { seen, asked } = await sentWith("all");
    expect(asked).toContain("GET /healthz app.contoso.example");
    expect(seen.findings.filter(({ role }) => role === "root").map(({ cause }) => cause)).not.toContain(
      "probe-path",
    );
  });
});
