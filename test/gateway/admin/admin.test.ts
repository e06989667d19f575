import { existsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { activityReport } from "../../../src/gateway/admin/activity-report.ts";
import type { AdminSources } from "../../../src/gateway/admin/admin-api.ts";
import { type AdminPlace, openAdmin } from "../../../src/gateway/admin/admin-server.ts";
import { withoutSecrets } from "../../../src/gateway/admin/without-secrets.ts";
import { FailureRing } from "../../../src/gateway/explain/failure-ring.ts";
import { backendHealthOf } from "../../../src/gateway/health/backend-health.ts";
import { Activity } from "../../../src/gateway/metrics/activity.ts";
import { gatewayWith, Scene } from "../balance/scene.ts";
import { failedRecord, routeTo } from "../explain/record.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const record = failedRecord(
  { kind: "tls-certificate", detail: "expired", chain: [Buffer.from("certificate")] },
  {
    route: routeTo(["10.0.1.4"]),
    cause: "tls-expired",
    originalTarget: "/a?token=hidden",
    target: "/a?token=hidden",
  },
);

const failures = new FailureRing();
failures.record(record, 1);
for (const last of ["0", "1", "2", "3", "4", "5"])
  failures.record({ ...record, transactionId: `abcdef01${last.padStart(24, "0")}` }, 1);

function sourcesOf(scene: Scene, more: Partial<AdminSources> = {}): AdminSources {
  return {
    waitingFor: async () => undefined,
    members: async () => scene.balancer.view(),
    backendHealth: async () => backendHealthOf([scene.pair], scene.balancer.view()),
    observations: () => "a recording\n",
    metrics: async () => "a_metric 1\n",
    activity: async () =>
      activityReport({
        activity: new Activity(),
        gateway: { name: "gw", generation: "v2" },
        routes: scene.pair.routes,
        members: scene.balancer.view(),
        connections: 3,
        sinceMs: 0,
        nowMs: 1_000,
      }),
    recordsOf: async (start) => failures.startingWith(start),
    diagnosisOf: async () => ({ findings: ["one"] }),
    wordsOn: async () => "Why\n",
    experimentOn: async (_, mode) => ({ findings: [mode] }),
    invalidResponses: async () => [],
    configuration: () => ({ name: "gw", sslCertificates: [{ data: "MII", password: "p" }] }),
    reload: async () => ({ status: 200, changes: [] }),
    setAdmin: async (pair, address, admin) => scene.balancer.setAdmin(pair, address, admin),
    ...more,
  };
}

interface Asked {
  readonly status: number | undefined;
  readonly body: string;
}

function upScene(): Scene {
  const scene = new Scene(gatewayWith(["10.0.1.4", "10.0.1.5"]));
  scene.set("10.0.1.4", true);
  scene.set("10.0.1.5", false, "tcp-refused");
  return scene;
}

async function opened(sources: AdminSources, place: AdminPlace = { host: "127.0.0.1", port: 0 }) {
  const admin = await openAdmin(place, sources);
  closers.push(() => admin.close());
  return (path: string, { method = "GET", headers = {} as Record<string, string> } = {}): Promise<Asked> =>
    new Promise((resolve, reject) => {
      const where =
        "socket" in place ? { socketPath: place.socket } : { host: "127.0.0.1", port: admin.port };
      const sent = request({ ...where, path, method, headers, agent: false }, (response) => {
        let body = "";
        response.setEncoding("latin1").on("data", (text) => (body += text));
        response.on("end", () => resolve({ status: response.statusCode, body }));
      });
      sent.on("error", reject).end();
    });
}

describe("the admin port tells", () => {
  test("that it lives, and whether it is ready", async () => {
    let waiting: string | undefined = "the first probes";
    const ask = await opened(sourcesOf(upScene(), { waitingFor: async () => waiting }));
    expect(await ask("/healthz")).toMatchObject({ status: 200 });
    expect(await ask("/readyz")).toEqual({ status: 503, body: "the first probes\n" });
    waiting = undefined;
    expect(await ask("/readyz")).toMatchObject({ status: 200 });
    expect(await ask("/metrics?x=1")).toEqual({ status: 200, body: "a_metric 1\n" });
  });

  test("how each server stands, with the last probe", async () => {
    const ask = await opened(sourcesOf(upScene()));
    expect(JSON.parse((await ask("/health")).body)).toMatchObject([
      { pair: "app~app", address: "10.0.1.4", up: true, inService: true, admin: "enabled" },
      { address: "10.0.1.5", up: false, inService: false, cause: "tcp-refused", says: "10.0.1.5 says so" },
    ]);
    const report = JSON.parse((await ask("/backendhealth")).body);
    expect(report.backendAddressPools[0].backendHttpSettingsCollection[0].servers).toMatchObject([
      { address: "10.0.1.4", health: "Healthy" },
      { address: "10.0.1.5", health: "Unhealthy" },
    ]);
  });

  test("what goes on, route by route and server by server", async () => {
    const ask = await opened(sourcesOf(upScene()));
    expect(JSON.parse((await ask("/activity")).body)).toMatchObject({
      format: "causeway/activity/v1",
      since: "1970-01-01T00:00:00.000Z",
      connections: 3,
      routes: [{ route: "shop/shop", pool: "app", leadsTo: "pool", served: true, requests: 0 }],
      servers: [
        { address: "10.0.1.4", up: true, attempts: 0 },
        { address: "10.0.1.5", up: false, cause: "tcp-refused" },
      ],
      failures: [],
    });
  });

  test("a failure by its id, without what clients keep secret", async () => {
    const ask = await opened(sourcesOf(upScene()));
    const { status, body } = await ask(`/explain/${record.transactionId}`);
    expect(status).toBe(200);
    expect(body).not.toContain("hidden");
    const told = JSON.parse(body);
    expect(told).toMatchObject({
      format: "causeway/explain/v1",
      record: { cause: "tls-expired", ending: "SH", route: "shop/shop", originalPath: "/a" },
      diagnosis: { findings: ["one"] },
    });
    expect(told.record.attempts[0].failure).toEqual({
      kind: "tls-certificate",
      detail: "expired",
      nothingSent: true,
      stale: false,
    });
    expect(await ask(`/explain/${record.transactionId}/text`)).toEqual({ status: 200, body: "Why\n" });
    expect((await ask(`/explain/${"0".repeat(32)}`)).status).toBe(404);
    expect((await ask(`/explain/${"0".repeat(32)}/text`)).status).toBe(404);
    expect((await ask("/explain/x")).status).toBe(400);
  });

  test("a failure by the first digits of its id, where no other begins so", async () => {
    const ask = await opened(sourcesOf(upScene()));
    const start = record.transactionId.slice(0, 8);
    const told = JSON.parse((await ask(`/explain/${start.toUpperCase()}`)).body);
    expect(told.record.transactionId).toBe(record.transactionId);
    expect(await ask(`/explain/${start}/text`)).toEqual({ status: 200, body: "Why\n" });
    expect((await ask(`/explain/${start.slice(0, 7)}`)).status).toBe(400);
    expect((await ask(`/explain/${record.transactionId}0`)).status).toBe(400);
    const several = await ask("/explain/abcdef01");
    expect(several.status).toBe(409);
    expect(several.body.match(/abcdef01\d{24}/g)).toHaveLength(5);
    expect((await ask(`/explain/abcdef01${"3".padStart(24, "0")}`)).status).toBe(200);
  });

  test("the last answer of a server that was none, masked", async () => {
    const bytes = Buffer.from(
      "HTTP/1.1 200 secret\r\nSet-Cookie: id=hidden\r\nContent-Length: 1, 2\r\n\r\nhidden",
    );
    const fault = { kind: "cl-conflict", offset: 60 } as const;
    const invalid = { atMs: 0, server: "127.0.0.1:80", fault, bytes, bytesFrom: 0 };
    const ask = await opened(sourcesOf(upScene(), { invalidResponses: async () => [invalid] }));
    const { body } = await ask("/errors");
    expect(body).not.toMatch(/hidden|secret/);
    expect(JSON.parse(body)[0]).toMatchObject({ fault: "cl-conflict", offset: 60 });
    expect(body).toContain("Content-Length: 1, 2");
  });

  test.each([
    ["from the middle of it", "n: hidden\r\nServer: hidden\r\n", 900],
    ["with a value that goes on in the next line", "HTTP/1.1 200 OK\r\nX-Key: a\r\n hidden: b\r\n", 0],
    ["with a place that carries a key", "HTTP/1.1 302 Found\r\nLocation: /a?sig=hidden\r\n", 0],
    ["that is none at all", "hidden: 1\r\n", 0],
  ])("nothing secret of an answer %s", async (_, text, bytesFrom) => {
    const fault = { kind: "cl-conflict", offset: bytesFrom } as const;
    const invalid = { atMs: 0, server: "127.0.0.1:80", fault, bytes: Buffer.from(text), bytesFrom };
    const ask = await opened(sourcesOf(upScene(), { invalidResponses: async () => [invalid] }));
    const { body } = await ask("/errors");
    expect(body).not.toContain("hidden");
    expect(JSON.parse(body)[0].lines).not.toEqual([]);
  });

  test("why there is no diagnosis of a failure, where its configuration is gone", async () => {
    const gone = "the configuration it was served with is gone";
    const ask = await opened(sourcesOf(upScene(), { diagnosisOf: async () => gone }));
    const told = JSON.parse((await ask(`/explain/${record.transactionId}`)).body);
    expect(told).toMatchObject({ diagnosis: null, noDiagnosis: gone, record: { cause: "tls-expired" } });
  });

  test("its configuration without secrets; nothing it does not know", async () => {
    const ask = await opened(sourcesOf(upScene()));
    expect(JSON.parse((await ask("/config")).body)).toEqual({
      name: "gw",
      sslCertificates: [{ data: "(withheld)", password: "(withheld)" }],
    });
    for (const path of ["/", "/constructor", "/toString", "/health/x"]) {
      expect((await ask(path)).status).toBe(404);
    }
    expect((await ask("/%zz")).status).toBe(400);
    expect((await ask("/health", { method: "DELETE" })).status).toBe(405);
    expect(await ask("/healthz", { method: "HEAD" })).toEqual({ status: 200, body: "" });
  });
});

describe("the admin port does", () => {
  test("drain, disable and enable servers", async () => {
    const scene = upScene();
    scene.set("10.0.1.5", true);
    const ask = await opened(sourcesOf(scene));
    const place = "/servers/app~app/10.0.1.4";
    expect((await ask(`${place}/disable`, { method: "POST" })).status).toBe(200);
    expect(new Set(scene.turns(4))).toEqual(new Set(["10.0.1.5"]));
    expect((await ask(`${place}/enable`, { method: "POST" })).status).toBe(200);
    expect(scene.turns(4)).toContain("10.0.1.4");
    expect((await ask(`${place}/drain`, { method: "POST" })).status).toBe(200);
    expect(scene.turns(4)).not.toContain("10.0.1.4");
    expect((await ask(`${place}/drain`)).status).toBe(405);
    expect((await ask(`${place}/toString`, { method: "POST" })).status).toBe(404);
    expect((await ask("/servers/app~app/10.9.9.9/drain", { method: "POST" })).status).toBe(404);
  });

  test("experiments on a failure, one request for them at a time", async () => {
    const busy = sourcesOf(upScene(), { experimentOn: () => undefined });
    const ask = await opened(sourcesOf(upScene()));
    const place = `/explain/${record.transactionId}`;
    const { status, body } = await ask(`${place}/safe`, { method: "POST" });
    expect([status, JSON.parse(body).diagnosis]).toEqual([200, { findings: ["safe"] }]);
    expect((await ask(`${place}/all`)).status).toBe(405);
    expect((await ask(`${place}/any`, { method: "POST" })).status).toBe(404);
    expect((await ask(`/explain/${"0".repeat(32)}/all`, { method: "POST" })).status).toBe(404);
    expect((await (await opened(busy))(`${place}/all`, { method: "POST" })).status).toBe(409);
  });

  test.each([
    ["another name of it", { host: "admin.contoso.com" }],
    ["another site's page", { origin: "https://www.contoso.com" }],
    ["what a browser sends for another site", { "sec-fetch-site": "cross-site" }],
  ] as const)("nothing for %s", async (_, headers) => {
    const scene = upScene();
    const ask = await opened(sourcesOf(scene));
    const path = "/servers/app~app/10.0.1.4/disable";
    expect((await ask(path, { method: "POST", headers })).status).toBe(403);
    expect(scene.turns(1)).toEqual(["10.0.1.4"]);
  });

  test("the same over a Unix socket, for its owner alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "causeway-admin-"));
    closers.push(() => rm(folder, { recursive: true }));
    const socket = join(folder, "admin.sock");
    const ask = await opened(sourcesOf(upScene()), { socket });
    expect(await ask("/healthz")).toMatchObject({ status: 200 });
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
  });

  test("a Unix socket is nobody else's from its first moment on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "causeway-admin-"));
    closers.push(() => rm(folder, { recursive: true }));
    const socket = join(folder, "admin.sock");
    const before = process.umask();
    const opening = opened(sourcesOf(upScene()), { socket });
    // Before anything could be done about it by another call.
    while (!existsSync(socket)) await new Promise((resolve) => setImmediate(resolve));
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    await opening;
    expect(process.umask()).toBe(before);
  });

  test("what a path says is shown without what terminals obey", async () => {
    const ask = await opened(sourcesOf(upScene()));
    const path = "/servers/app~app/%1b%5d0%3bowned%07%c2%9b31m/drain";
    const { status, body } = await ask(path, { method: "POST" });
    expect(status).toBe(404);
    expect(body).toContain("\\u001b]0;owned\\u0007\\u009b31m");
  });

  test("a failure of a source is answered, and no more", async () => {
    const broken = () => {
      throw new Error("a bug with a secret");
    };
    const ask = await opened(sourcesOf(upScene(), { members: broken }));
    const { status, body } = await ask("/health");
    expect(status).toBe(500);
    expect(body).not.toContain("secret");
    expect(await ask("/healthz")).toMatchObject({ status: 200 });
  });
});

test("what is secret is told by its name, at any depth; signatures of URLs go", () => {
  const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ inner }), "x");
  expect(() => withoutSecrets(deep)).not.toThrow();
  expect(
    withoutSecrets({ a: [{ clientSecret: "s", url: "https://a.example/p?sig=s", n: 1, password: null }] }),
  ).toEqual({
    a: [{ clientSecret: "(withheld)", url: "https://a.example/p?(withheld)", n: 1, password: null }],
  });
});

test("headers of rewrite rules are shown when their values tell a cause, and withheld when they may be keys", () => {
  const shown = { headerName: "Connection", headerValue: "close" };
  expect(
    withoutSecrets([
      shown,
      { headerName: "X-Functions-Key", headerValue: "s" },
      { headerName: "X-Gone", headerValue: "" },
      { variable: "http_req_X-Key", pattern: "^s$", negate: false },
      { variable: "var_uri_path", pattern: "^/shop" },
      { modifiedPath: "/a", modifiedQueryString: "code=s" },
    ]),
  ).toEqual([
    shown,
    { headerName: "X-Functions-Key", headerValue: "(withheld)" },
    { headerName: "X-Gone", headerValue: "" },
    { variable: "http_req_X-Key", pattern: "(withheld)", negate: false },
    { variable: "var_uri_path", pattern: "^/shop" },
    { modifiedPath: "/a", modifiedQueryString: "(withheld)" },
  ]);
});
