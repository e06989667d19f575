import { expect, test } from "vitest";
import { KeyTable } from "../../src/documents/logs/key-table.ts";
import { MinuteTable } from "../../src/documents/logs/minute-table.ts";
import { R } from "../../src/documents/logs/row.ts";
import { csv, ndjson, observe, read, resourceRow, v1, v1Query, v2 } from "./compose.ts";

test("nothing secret and nothing that a terminal obeys is kept", async () => {
  const secret = "s3cr3t";
  const row = v2({
    httpStatus: 502,
    serverStatus: "",
    requestUri: `/login;jsessionid=${secret}/x?token=${secret}#${secret}`,
    originalRequestUriWithArgs: `/login?token=${secret}`,
    requestQuery: `token=${secret}`,
    originalHost: "evil\u001b[31m\u202e\u0085.example",
    userAgent: secret,
    authorization: secret,
    cookie: secret,
  });
  const absolute = v2({
    httpStatus: 502,
    serverStatus: "",
    requestUri: `http://user:${secret}@shop.example/a?${secret}`,
  });
  const bare = v2({ httpStatus: 502, serverStatus: "", requestUri: `http://user:${secret}@shop.example` });
  const asked = v2({
    httpStatus: 502,
    serverStatus: "",
    requestUri: "",
    originalRequestUriWithArgs: `/asked?${secret}`,
  });
  const old = v1({ httpStatus: 502, requestQuery: `token=${secret}&${v1Query("10.0.1.4", "")}` });
  const rows = [row, absolute, bare, asked, old];
  for (const log of [await read("ndjson", ndjson(rows)), await read("csv", csv(rows.map(resourceRow)))]) {
    const text = JSON.stringify(log, (_, value) => (value instanceof Map ? [...value] : value));
    expect(text).not.toContain(secret);
    expect(text).toContain("evil\ufffd[31m\ufffd\ufffd.example");
    const paths = log.log.observations.flatMap((observation) => [...observation.uris.keys()]);
    expect(new Set(paths)).toEqual(new Set(["/login", "/a", "/", "/asked", "/cart"]));
  }
});

test("long texts are cut", async () => {
  const { uris, hosts } = await observe(
    v2({ requestUri: `/${"é".repeat(5000)}`, originalHost: "h".repeat(5000) }),
  );
  expect([...uris.keys()].map((uri) => uri.length)).toEqual([512]);
  expect([...hosts.keys()].map((host) => host.length)).toEqual([512]);
});

test("any number of hosts, paths, statuses, error texts, instances and servers", async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) =>
    v2({
      httpStatus: index % 1000,
      serverStatus: String(index % 1000),
      requestUri: `/${index}`,
      originalHost: `${index}.example`,
      error_info: `E${index}`,
      instanceId: `appgw_${index}`,
      serverRouted: `10.0.0.1:${index}`,
    }),
  );
  const found = await observe(...rows);
  expect(found.rows).toBe(20_000);
  expect([found.uris.size, found.hosts.size, found.instances.size, found.servers.length]).toEqual([
    64, 16, 128, 8192,
  ]);
  expect(found.statuses.size).toBeLessThanOrEqual(64);
  expect(found.errorInfos.size).toBeLessThanOrEqual(64);
  expect(found.backendErrorLatency.size).toBeLessThanOrEqual(16);
  expect(found.samples.length).toBeLessThanOrEqual(45);
});

test("any number of routes", async () => {
  const rows = Array.from({ length: 1500 }, (_, index) => v2({ ruleName: `r${index}` }));
  const { log } = await read("ndjson", ndjson(rows));
  expect([log.rows, log.observations.length, log.unkeptRows]).toEqual([1500, 1024, 476]);
});

test("any number of minutes of any number of routes: each keeps its share, with the failing ones", () => {
  const budget = { left: 1000 };
  const tables = Array.from({ length: 20 }, () => new MinuteTable(budget));
  for (let minute = 0; minute < 5000; minute++) {
    for (const table of tables) table.add(minute * 60_000, minute % 1000 === 7 ? R.noLiveServer : R.served);
  }
  for (const table of tables) {
    const kept = table.minutes();
    expect(kept.length).toBeGreaterThanOrEqual(16);
    expect(kept.length).toBeLessThanOrEqual(1000);
    expect(kept.filter((minute) => minute.failed > 0).map(({ minute }) => minute)).toEqual([
      7, 1007, 2007, 3007, 4007,
    ]);
  }
});

test("a path that fails often is kept among any number that fail once", () => {
  const table = new KeyTable(128);
  for (let index = 0; index < 50_000; index++) {
    table.add(`/once/${index}`, R.noLiveServer, 0);
    if (index % 50 === 0) table.add("/often", R.noLiveServer, 0);
  }
  const [first] = table.top(64, "slowest");
  expect(first?.[0]).toBe("/often");
  expect(first?.[1].failed).toBeGreaterThan(900);
  expect(first?.[1].failed).toBeLessThanOrEqual(1000);
});

test("the slowest of any number of served paths are kept", () => {
  const table = new KeyTable(8);
  for (let index = 0; index < 10_000; index++)
    table.add(`/${index}`, R.served, ((index * 7919) % 10_000) / 100);
  const slowest = [...table.top(4, "slowest").values()].map(({ servedLatency }) => servedLatency?.maxS);
  expect(slowest).toEqual([99.99, 99.98, 99.97, 99.96]);
});

test("a served path does not drive out one that failed", () => {
  const table = new KeyTable(2);
  table.add("/a", R.gatewayError, 0);
  table.add("/b", R.gatewayError, 0);
  table.add("/slow", R.served, 100);
  expect([...table.top(9, "slowest").keys()]).toEqual(["/a", "/b"]);
});
