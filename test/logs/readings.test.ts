import { describe, expect, test } from "vitest";
import type { RowReading } from "../../src/model/observations.ts";
import { observe, v1, v1Query, v2 } from "./compose.ts";

type Changes = Readonly<Record<string, unknown>>;

const NONE = { serverRouted: "", serverStatus: "", serverResponseLatency: "0" };
const CLOSED = "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
const TIMED_OUT = "ERRORINFO_UPSTREAM_TIMED_OUT";

/** logs-and-metrics.md §6, row by row, and what its text says beside the table. */
const V2: readonly [says: string, changes: Changes, reading: RowReading][] = [
  ["200", {}, "served"],
  ["a redirect by the gateway", { httpStatus: 301, ...NONE }, "served"],
  ["404 of the server", { httpStatus: 404, serverStatus: "404" }, "served"],
  ["403 of the firewall", { httpStatus: 403, ...NONE }, "served"],
  [
    "no live server",
    { httpStatus: 502, ...NONE, error_info: "ERRORINFO_UPSTREAM_NO_LIVE" },
    "no-live-server",
  ],
  [
    "no live server, 503",
    { httpStatus: 503, ...NONE, error_info: "ERRORINFO_UPSTREAM_NO_LIVE" },
    "no-live-server",
  ],
  [
    "no live server, dashes",
    { httpStatus: 502, serverRouted: "-", serverStatus: "-", serverResponseLatency: "-", error_info: "" },
    "no-live-server",
  ],
  [
    "nothing tried, old rows without error_info",
    { httpStatus: 502, ...NONE, error_info: "" },
    "no-live-server",
  ],
  ["closed", { httpStatus: 502, serverStatus: "", error_info: CLOSED }, "upstream-closed"],
  [
    "closed, status of nginx's habit",
    { httpStatus: 502, serverStatus: "502", error_info: CLOSED },
    "upstream-closed",
  ],
  [
    "closed, lower case",
    { httpStatus: 502, serverStatus: "", error_info: CLOSED.toLowerCase() },
    "upstream-closed",
  ],
  ["timed out", { httpStatus: 504, serverStatus: "", error_info: TIMED_OUT }, "timeout-v2"],
  [
    "timed out, old rows without error_info",
    { httpStatus: 504, serverStatus: "", error_info: "" },
    "timeout-v2",
  ],
  ["504 of the server", { httpStatus: 504, serverStatus: "504" }, "backend-error"],
  ["502 of the server", { httpStatus: 502, serverStatus: "502" }, "backend-error"],
  ["500 of the server", { httpStatus: 500, serverStatus: 500 }, "backend-error"],
  ["204 with a body", { httpStatus: 502, serverStatus: "204", error_info: "" }, "gateway-error"],
  ["tried, no answer, nothing said", { httpStatus: 502, serverStatus: "", error_info: "" }, "gateway-error"],
  ["500 of the gateway", { httpStatus: 500, ...NONE }, "gateway-error"],
  [
    "499",
    { httpStatus: 499, serverStatus: "", error_info: "ERRORINFO_CLIENT_CLOSED_REQUEST" },
    "client-closed",
  ],
  ["no listener", { httpStatus: 404, ...NONE, error_info: "ERRORINFO_INVALID_HOST" }, "no-listener"],
  [
    "an unknown error text",
    { httpStatus: 502, serverStatus: "", error_info: "ERRORINFO_NEW" },
    "gateway-error",
  ],
];

const V1: readonly [says: string, changes: Changes, reading: RowReading][] = [
  ["200", {}, "served"],
  ["client gone", { httpStatus: 0, requestQuery: v1Query("10.0.1.4", "") }, "client-closed"],
  [
    "slow and unanswered",
    { httpStatus: 502, timeTaken: 20_012, requestQuery: v1Query("10.0.1.4", "") },
    "timeout-v1",
  ],
  [
    "quick and unanswered",
    { httpStatus: 502, timeTaken: 3, requestQuery: v1Query("10.0.1.4", "") },
    "upstream-closed",
  ],
  ["nothing tried", { httpStatus: 502, timeTaken: 1, requestQuery: v1Query("", "") }, "no-live-server"],
  [
    "502 of the server",
    { httpStatus: 502, timeTaken: 90, requestQuery: v1Query("10.0.1.4", "502") },
    "backend-error",
  ],
];

describe("readings of v2 rows", () => {
  test.each(V2)("%s", async (_, changes, reading) => {
    const { readings, version } = await observe(v2(changes));
    expect([version, [...readings.keys()]]).toEqual(["v2", [reading]]);
  });
});

describe("readings of v1 rows", () => {
  test.each(V1)("%s", async (_, changes, reading) => {
    const { readings, version } = await observe(v1(changes));
    expect([version, [...readings.keys()]]).toEqual(["v1", [reading]]);
  });
});

test("v1 keeps server, status and time: milliseconds become seconds", async () => {
  const row = v1({
    httpStatus: 502,
    timeTaken: "20012",
    requestQuery: `a=SERVER-STATUS=9&${v1Query("10.0.1.4", "")}`,
  });
  const { samples, servers, latency } = await observe(row);
  expect(samples[0]).toMatchObject({ serverRouted: "10.0.1.4", serverStatus: undefined, timeTakenS: 20.012 });
  expect(servers.map((server) => server.server)).toEqual(["10.0.1.4"]);
  expect(latency.get("timeout-v1")?.maxS).toBe(20.012);
});

test("what a v2 client writes into its query is not taken for v1 facts", async () => {
  const forged = v2({
    httpStatus: 502,
    serverStatus: "",
    requestQuery: v1Query("6.6.6.6", "500"),
    instanceId: "",
  });
  const { version, servers } = await observe(forged);
  expect([version, servers[0]?.server]).toEqual(["v2", "10.0.1.4:8080"]);
});

test("after a retry the last attempt decides, and the earlier server keeps its count", async () => {
  const row = v2({
    httpStatus: 504,
    serverRouted: "10.0.1.4:8080, 10.0.1.5:8080",
    serverStatus: "504, -",
    serverResponseLatency: "20.001, 20.003",
    error_info: TIMED_OUT,
  });
  const { retried, servers, samples } = await observe(row);
  expect(retried).toBe(1);
  expect(samples[0]).toMatchObject({ attempts: 2, serverRouted: "10.0.1.5:8080", serverLatencyS: 20.003 });
  expect(samples[0]?.serverStatus).toBeUndefined();
  expect(servers.map(({ server, rows, earlierAttempts }) => [server, rows, earlierAttempts])).toEqual([
    ["10.0.1.5:8080", 1, 0],
    ["10.0.1.4:8080", 0, 1],
  ]);
});

test("one address that fails before another answers stays a served row", async () => {
  const row = v2({ serverRouted: "10.0.1.4:8080, 10.0.1.5:8080", serverStatus: "502, 200" });
  const { readings, retried } = await observe(row);
  expect([[...readings], retried]).toEqual([[["served", 1]], 1]);
});

test("numbers may be text", async () => {
  const { statuses, latency } = await observe(v2({ httpStatus: "502", timeTaken: "0.5", serverStatus: 502 }));
  expect([...statuses]).toEqual([[502, 1]]);
  expect(latency.get("backend-error")?.count).toBe(1);
});
