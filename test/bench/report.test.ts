import { expect, test } from "vitest";
import { cellsOf } from "../../bench/gateway/experiments/cpu.ts";
import { allRows, sceneOf, targetsOf } from "../../bench/gateway/experiments/rows.ts";
import { luaScript, readWrk } from "../../bench/gateway/measure/wrk.ts";
import { readOptions } from "../../bench/gateway/options.ts";
import { markdown, table } from "../../bench/gateway/report.ts";

const printedByWrk = `Running 4s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   805.12us  210.00us   9.81ms   90.00%
    Req/Sec    80.00k     2.00k   83.00k    70.00%
  Latency Distribution
     50%  780.00us
     75%  850.00us
     90%    0.95ms
     99%    1.46ms
  320112 requests in 4.01s, 107.46MB read
  Socket errors: connect 0, read 3, write 1, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec:  79828.43
`;

test("what wrk prints is read, failures and broken connections included", () => {
  expect(readWrk(printedByWrk)).toEqual({
    ...{ requests: 320_112, seconds: 4.01, failed: 7, socketErrors: 6, p99Ms: 1.46 },
  });
  expect(readWrk("unable to connect to 127.0.0.1:1 Connection refused")).toBeUndefined();
});

test("many targets are asked for in turn, one is asked for by its host", () => {
  const one = luaScript({ method: "POST", bodyBytes: 3, targets: [{ host: "a.example", path: "/" }] });
  expect(one.split("\n")).toEqual([
    'wrk.method = "POST"',
    'wrk.body = string.rep("x", 3)',
    'wrk.headers["Host"] = "a.example"',
  ]);
  const targets = [1, 2].map((n) => ({ host: `h${n}.example`, path: `/p${n}` }));
  expect(luaScript({ method: "GET", bodyBytes: 0, targets })).toContain(
    'wrk.format(nil, "/p2", { Host = "h2.example" })',
  );
});

test("a row of many routes asks for each of them, and no two are alike", () => {
  const row = allRows.find(({ name }) => name === "routes") ?? expect.fail();
  const addresses = Array.from({ length: row.servers }, (_, index) => `127.9.0.${index + 1}`);
  const scene = sceneOf(row, { addresses, port: 1, tlsPort: 2, end: async () => {} });
  const targets = targetsOf(row, scene);
  expect(new Set(targets.map(({ host, path }) => host + path)).size).toBe(100);
  expect(scene.routes.every(({ servers }) => servers.length === 50)).toBe(true);
});

test("cells are medians, with the ratio to nginx of the same row", () => {
  const run = (cpuUs: number) => ({ cpuUs, requests: 10, seconds: 2, failed: 1, socketErrors: 0, p99Ms: 1 });
  const cells = cellsOf(
    new Map([
      ["nginx", [run(10), run(30), run(20)]],
      ["other", [run(50), run(70)]],
    ]),
  );
  expect(cells).toMatchObject([
    { subject: "nginx", cpuUs: 20, fromUs: 10, toUs: 30, requestsPerSecond: 5, failed: 3, ratio: 1 },
    { subject: "other", cpuUs: 60, ratio: 3 },
  ]);
  expect(cellsOf(new Map([["other", [run(50)]]]))).toMatchObject([{ ratio: undefined }]);
});

test("the report shows only what was measured, and what was not", () => {
  const machine = {
    ...{ processor: "a processor", cores: 2, memoryGib: 4, system: "Linux", node: "v26.0.0" },
    ...{ loadBefore: 0.1, at: "2026-01-01T00:00:00.000Z" },
  };
  const cell = { fromUs: 9, toUs: 11, requestsPerSecond: 1, p99Ms: 1 };
  const text = markdown({
    machine,
    othersShare: 0.012,
    subjects: [{ name: "nginx", version: "1", note: "log" }],
    missing: ["Caddy"],
    ...{ generator: "wrk", seconds: 4, runs: 3, latency: [], stale: [], reload: [], idle: [], drill: [] },
    cpu: [
      {
        ...{ row: "plain", says: "plain HTTP" },
        cells: [
          { ...cell, subject: "nginx", cpuUs: 10, failed: 0, ratio: 1 },
          { ...cell, subject: "other", cpuUs: 25, failed: 2, ratio: 2.5 },
        ],
      },
    ],
  });
  expect(text).toContain("| plain HTTP | 10.0 (1.00) | 25.0 (2.50), 2 failed |");
  expect(text).toContain("Other programs took 1.2 % of its processor time");
  expect(text).toContain("Not measured: Caddy.");
  expect(text).not.toContain("MiB before");
});

test("tables are Markdown", () => {
  expect(table(["", "a"], [["x", "1"]])).toBe("|  | a |\n|---|---:|\n| x | 1 |");
});

test("options are bounded and have names", () => {
  expect(readOptions([])).toMatchObject({ seconds: 4, runs: 3, peers: undefined, connections: 20_000 });
  expect(readOptions(["--rows", "plain,upload", "--peers", "nginx,Caddy"])).toMatchObject({
    rows: ["plain", "upload"],
    peers: ["nginx", "caddy"],
  });
  expect(readOptions(["--help"])).toBe("help");
  for (const words of [
    ["--seconds", "0"],
    ["--runs", "1e9"],
    ["--rows", "nope"],
    ["--load", "ab"],
    ["--x"],
  ]) {
    expect(() => readOptions(words)).toThrow();
  }
});
