import { describe, expect, test } from "vitest";
import { activityReport } from "../../../src/gateway/admin/activity-report.ts";
import { Activity } from "../../../src/gateway/metrics/activity.ts";
import { ActivitySum, activityFigures } from "../../../src/gateway/metrics/activity-sum.ts";
import { Latencies } from "../../../src/gateway/metrics/latencies.ts";
import { attempt } from "../balance/scene.ts";
import { failedRecord, recordWith, routeTo } from "../explain/record.ts";

const route = routeTo(["10.0.1.4"]);
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 5, 1, 10);

describe("what goes on is counted", () => {
  test("by route: requests, statuses, 502s, how long they took", () => {
    const activity = new Activity();
    for (const status of [200, 204, 301, 404, 499, 500, 502]) activity.record(recordWith({ route, status }));
    activity.record(recordWith({ route, status: 0, ending: "CH" }));
    expect(activity.route("shop/shop")).toMatchObject({
      requests: 8,
      statuses: { "1xx": 0, "2xx": 2, "3xx": 1, "4xx": 2, "5xx": 2, other: 1 },
      badGateways: 1,
    });
    const cells = activity.route("shop/shop")?.latency ?? [];
    expect(cells).toHaveLength(1);
    expect(cells[0]?.[1]).toBe(8);
  });

  test("by server, every attempt, those that failed apart", () => {
    const activity = new Activity();
    const attempts = [attempt({ kind: "connect-refused" }), attempt()];
    activity.record(recordWith({ route, attempts }));
    const { member } = attempts[0] ?? { member: "" };
    expect(activity.server("app~app", member)).toMatchObject({ attempts: 2, failed: 1 });
    expect(activity.server("app~app", "10.9.9.9")).toBeUndefined();
    expect(activity.server("other~app", member)).toBeUndefined();
  });

  test("by cause and route, of the last ten minutes, with the last transaction id", () => {
    const activity = new Activity();
    const refused = (atMs: number, transactionId: string) =>
      activity.record({ ...failedRecord({}), route, cause: "tcp-refused", startedAtMs: atMs, transactionId });
    refused(startMs, "a".repeat(32));
    refused(startMs + 5 * minuteMs, "b".repeat(32));
    // A clock that was set back.
    refused(startMs + 4 * minuteMs, "c".repeat(32));
    const at = (minutes: number) => activity.failures(startMs + minutes * minuteMs);
    expect(at(9)).toMatchObject([
      { cause: "tcp-refused", route: "shop/shop", recent: 3, total: 3, transactionId: "c".repeat(32) },
    ]);
    expect(at(10)).toMatchObject([{ recent: 2, total: 3 }]);
    expect(at(15)).toEqual([]);
  });

  test("failures of which no cause is known are told apart by their endings; what went well is none", () => {
    const activity = new Activity();
    activity.record(recordWith({ route }));
    activity.record(recordWith({ route, status: 404 }));
    activity.record(failedRecord({}, { route, ending: "SH", startedAtMs: startMs }));
    activity.record(failedRecord({}, { route, ending: "SD", startedAtMs: startMs }));
    expect(activity.failures(startMs).map(({ cause, ending }) => [cause, ending])).toEqual([
      [undefined, "SH"],
      [undefined, "SD"],
    ]);
  });

  test("failures for want of a server are told apart by why there was none, in every worker", () => {
    const workers = [new Activity(), new Activity()];
    const none = failedRecord({}, { route, ending: "PQ", startedAtMs: startMs });
    for (const activity of workers)
      for (const noServer of ["taken-out", "pool-empty"] as const) activity.record({ ...none, noServer });
    const sum = new ActivitySum(workers.map((activity) => activityFigures(activity, startMs)));
    const report = activityReport({
      activity: sum,
      gateway: { name: "gw", generation: "v2" },
      ...{ routes: [], members: [], connections: 0, sinceMs: startMs, nowMs: startMs },
    });
    expect(report.failures.map(({ cause, noServer, recent }) => [cause, noServer, recent])).toEqual([
      [null, "taken-out", 2],
      [null, "pool-empty", 2],
    ]);
  });

  test("no more than a bounded number of routes, servers and failures", () => {
    const activity = new Activity();
    for (let at = 0; at < 10_050; at++) {
      activity.record(recordWith({ route: { ...route, id: `shop/r${at}` }, status: 500 }));
    }
    expect(activity.routeIds()).toHaveLength(10_000);
    expect(activity.failures(startMs)).toHaveLength(10_000);
  });
});

describe("times", () => {
  test.each([0, 0.05, 0.125, 0.2, 1, 3.3, 999, 100_000])("%d ms stand at most a fifth too high", (ms) => {
    const latencies = new Latencies();
    latencies.add(ms);
    const [[bound] = [0]] = latencies.cells();
    expect(bound).toBeGreaterThanOrEqual(ms * 0.999);
    expect(bound).toBeLessThanOrEqual(Math.max(ms * 1.2, 0.125));
  });

  test("what is longer than all steps is in the last one", () => {
    const latencies = new Latencies();
    latencies.add(10_000_000);
    latencies.add(Number.POSITIVE_INFINITY);
    expect(latencies.cells()).toEqual([[131_100, 2]]);
  });
});

test("requests without route and routes of before are told apart from those that are served", () => {
  const activity = new Activity();
  activity.record(recordWith({ route }));
  activity.record(recordWith({ route: { ...route, id: "shop/gone" } }));
  activity.record(recordWith({ status: 404, ending: "PR", attempts: [] }));
  const { routes } = activityReport({
    activity,
    gateway: { name: "gw", generation: "v2" },
    routes: [route],
    members: [],
    connections: 0,
    sinceMs: startMs,
    nowMs: startMs,
  });
  expect(routes).toMatchObject([
    { route: "shop/shop", served: true, leadsTo: "pool", pool: "app", requests: 1 },
    { route: "shop/gone", served: false, leadsTo: "nothing", requests: 1 },
    { route: null, served: true, leadsTo: "nothing", requests: 1, statuses: { "4xx": 1 } },
  ]);
});
