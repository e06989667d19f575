import { describe, expect, test } from "vitest";
import { TrafficFolder } from "../../src/documents/logs/traffic-folder.ts";
import type { LatencySummary } from "../../src/model/observations.ts";
import { ndjson, observe, read, v2 } from "./compose.ts";

const NO_LIVE = {
  httpStatus: 502,
  serverRouted: "",
  serverStatus: "",
  serverResponseLatency: "0",
  error_info: "ERRORINFO_UPSTREAM_NO_LIVE",
};
const CLOSED = {
  httpStatus: 502,
  serverStatus: "",
  serverResponseLatency: "0.001",
  timeTaken: 0.001,
  error_info: "ERRORINFO_UPSTREAM_CLOSED_CONNECTION",
};
const START = Date.UTC(2026, 0, 10, 10);

/** A row so many seconds after the start. */
function at(seconds: number, changes: Readonly<Record<string, unknown>> = {}) {
  return v2({ timeStamp: new Date(START + seconds * 1000).toISOString(), ...changes });
}

function minutesAt(from: number, to: number, changes: Readonly<Record<string, unknown>> = {}) {
  return Array.from({ length: to - from }, (_, index) => at((from + index) * 60, changes));
}

describe("time", () => {
  test("bursts are runs of failing minutes, with what was served around them", async () => {
    const rows = [
      ...minutesAt(0, 20),
      at(20 * 60 + 7.5, NO_LIVE),
      at(20 * 60 + 8, CLOSED),
      at(20 * 60 + 9),
      at(22 * 60 + 59, NO_LIVE),
      ...minutesAt(23, 30),
      at(40 * 60, NO_LIVE),
    ];
    const { bursts, servedBeforeFailures, servedAfterFailures, minutes } = await observe(...rows);
    expect(bursts).toEqual([
      {
        firstMs: START + (20 * 60 + 7.5) * 1000,
        lastMs: START + (22 * 60 + 59) * 1000,
        failed: 3,
        readings: new Map([
          ["no-live-server", 2],
          ["upstream-closed", 1],
        ]),
        served: 1,
        servedBefore: 10,
        servedAfter: 7,
      },
      expect.objectContaining({ failed: 1, served: 0, servedBefore: 0, servedAfter: 0 }),
    ]);
    expect([servedBeforeFailures, servedAfterFailures, minutes.length]).toEqual([20, 0, 30]);
    expect(minutes[20]).toEqual({ minute: START / 60_000 + 20, rows: 3, served: 1, failed: 2 });
  });

  test("the order of the rows does not matter", async () => {
    const rows = [...minutesAt(0, 9), ...minutesAt(9, 12, NO_LIVE), ...minutesAt(12, 30)];
    const { servers: _, samples: __, ...forward } = await observe(...rows);
    const { servers: ___, samples: ____, ...backward } = await observe(...rows.toReversed());
    expect(backward).toEqual(forward);
    expect(forward).toMatchObject({
      firstMs: START,
      firstFailureMs: START + 9 * 60_000,
      lastFailureMs: START + 11 * 60_000,
    });
  });

  test("of more minutes than a day has, the failing ones are kept", async () => {
    const { minutes, bursts, rows } = await observe(...minutesAt(0, 500, NO_LIVE), ...minutesAt(500, 6000));
    expect([rows, minutes.length, minutes.filter((minute) => minute.failed > 0).length]).toEqual([
      6000, 1440, 500,
    ]);
    expect(bursts).toHaveLength(1);
    expect(bursts[0]).toMatchObject({ firstMs: START, lastMs: START + 499 * 60_000, failed: 500 });
  });

  test("rows without a time count everywhere else", async () => {
    const { rows, failed, firstMs, minutes, samples } = await observe(
      v2({ ...NO_LIVE, timeStamp: "yesterday" }),
    );
    expect([rows, failed, firstMs, minutes, samples[0]?.timeMs]).toEqual([1, 1, undefined, [], undefined]);
  });
});

describe("idle gaps", () => {
  test("before failures and before served rows, by server and instance", async () => {
    const { servers } = await observe(
      at(0),
      at(2, { serverRouted: "10.0.1.5:8080" }),
      at(5),
      at(30, { instanceId: "appgw_1" }),
      at(126, { ...CLOSED, timeTaken: 1 }),
      at(150, { ...CLOSED, instanceId: "appgw_1", serverRouted: "10.0.1.5:8080" }),
    );
    const [first, second] = servers;
    expect(first?.idleBeforeServedS).toEqual([4.966]);
    expect(first?.idleBeforeFailureS).toEqual([120]);
    expect(second?.idleBeforeFailureS).toEqual([]); // the first row of that instance
  });

  test("are thinned evenly, and the same way every time", async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => at(index * 10, { timeTaken: 0 }));
    const { servers } = await observe(...rows);
    expect(servers[0]?.idleBeforeServedS.length).toBeGreaterThan(128);
    expect(servers[0]?.idleBeforeServedS.length).toBeLessThanOrEqual(256);
    expect(new Set(servers[0]?.idleBeforeServedS)).toEqual(new Set([10]));
  });
});

describe("latency", () => {
  test("quantiles within two in a hundred", async () => {
    const rows = Array.from({ length: 1000 }, (_, index) =>
      at(index, { serverResponseLatency: `${(index + 1) / 100}` }),
    );
    const { latency } = await observe(...rows);
    const { count, minS, medianS, p95S, maxS, modeShare } = latency.get("served") as LatencySummary;
    expect([count, minS, maxS]).toEqual([1000, 0.01, 10]);
    expect(Math.abs(medianS / 5 - 1)).toBeLessThan(0.02);
    expect(Math.abs(p95S / 9.5 - 1)).toBeLessThan(0.02);
    expect(modeShare).toBeLessThan(0.1);
  });

  test("a constant one shows as the mode, also beside others", async () => {
    const inner = { httpStatus: 504, serverStatus: "504" };
    const rows = [
      ...Array.from({ length: 50 }, (_, index) =>
        at(index, { ...inner, serverResponseLatency: `30.0${index % 10}` }),
      ),
      ...Array.from({ length: 5 }, (_, index) =>
        at(index, { ...inner, serverResponseLatency: `${index + 1}` }),
      ),
      at(60, { httpStatus: 500, serverStatus: "500", serverResponseLatency: "0.002" }),
    ];
    const { backendErrorLatency } = await observe(...rows);
    const { modeS, modeShare, count } = backendErrorLatency.get(504) as LatencySummary;
    expect(Math.abs(modeS / 30 - 1)).toBeLessThan(0.02);
    expect([count, modeShare]).toEqual([55, 50 / 55]);
    expect(backendErrorLatency.get(500)?.count).toBe(1);
  });

  test("the server's and the whole time are kept apart", async () => {
    const slow = {
      httpStatus: 504,
      serverStatus: "",
      serverResponseLatency: "0.000",
      timeTaken: 31.5,
      error_info: "ERRORINFO_UPSTREAM_TIMED_OUT",
    };
    const { latency, timeTaken } = await observe(at(0, slow));
    expect([latency.get("timeout-v2")?.maxS, timeTaken.get("timeout-v2")?.maxS]).toEqual([0, 31.5]);
  });
});

describe("routes", () => {
  test("each listener, rule, pool, setting and gateway is one, failing ones first", async () => {
    const rows = [
      v2(),
      v2(),
      v2({ backendSettingName: "s2" }),
      v2({ listenerName: "l80", ...NO_LIVE }),
      v2({ resourceId: "/other" }),
      v2({
        httpStatus: 404,
        listenerName: "-",
        ruleName: "",
        backendPoolName: "",
        backendSettingName: "",
        error_info: "ERRORINFO_INVALID_HOST",
      }),
    ];
    const { log } = await read("ndjson", ndjson(rows));
    expect(
      log.observations.map(({ listenerName, settingName, rows, failed }) => [
        listenerName,
        settingName,
        rows,
        failed,
      ]),
    ).toEqual([
      ["l80", "s1", 1, 1],
      ["l443", "s1", 2, 0],
      ["l443", "s2", 1, 0],
      ["l443", "s1", 1, 0],
      [undefined, undefined, 1, 0],
    ]);
    expect(log.gatewayIds).toHaveLength(2);
  });

  test("instances, hosts and paths keep rows and failures", async () => {
    const rows = [
      at(0, { originalHost: "a.example" }),
      at(1, { instanceId: "appgw_1", ...CLOSED, requestUri: "/slow", originalHost: "" }),
      at(2, { instanceId: "appgw_1", requestUri: "/slow", serverResponseLatency: "9" }),
    ];
    const { instances, hosts, uris } = await observe(...rows);
    expect([...instances]).toEqual([
      ["appgw_0", { rows: 1, failed: 0 }],
      ["appgw_1", { rows: 2, failed: 1 }],
    ]);
    expect([...hosts.keys()]).toEqual(["shop.internal", "a.example", "shop.example"]);
    expect(uris.get("/slow")).toEqual({
      rows: 2,
      failed: 1,
      readings: new Map([
        ["served", 1],
        ["upstream-closed", 1],
      ]),
      servedLatency: { count: 1, minS: 9, meanS: 9, maxS: 9 },
      failedLatency: { count: 1, minS: 0.001, meanS: 0.001, maxS: 0.001 },
    });
    expect([...uris.keys()]).toEqual(["/slow", "/cart"]);
  });

  test("samples: the first three and the last two of each reading", async () => {
    const rows = Array.from({ length: 20 }, (_, index) => at(index, index % 2 === 0 ? NO_LIVE : CLOSED));
    const { samples } = await observe(...rows, at(99));
    expect(samples.map(({ reading, line }) => `${reading} ${line}`)).toEqual([
      ...[1, 3, 5, 17, 19].map((line) => `no-live-server ${line}`),
      ...[2, 4, 6, 18, 20].map((line) => `upstream-closed ${line}`),
    ]);
  });
});

test("an empty folder is an empty log", () => {
  expect(new TrafficFolder().result()).toMatchObject({
    rows: 0,
    observations: [],
    firstMs: undefined,
    gatewayIds: [],
  });
});
