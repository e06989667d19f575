import { describe, expect, test } from "vitest";
import { seenFailing, topDataOf } from "../../../src/cli/top/data.ts";
import { History } from "../../../src/cli/top/history.ts";
import { keysOf } from "../../../src/cli/top/keys.ts";
import { rateWords, shareWords, spanWords, timeWords } from "../../../src/cli/top/numbers.ts";
import { NotActivity, readActivity } from "../../../src/cli/top/read-activity.ts";
import {
  after as afterEvent,
  firstState,
  type Next,
  shownRoutes,
  shownServers,
  type TopState,
} from "../../../src/cli/top/state.ts";
import { validTop } from "../../report/schema.ts";
import { busyRoute, failureOf, reportAt, serverOf } from "./reports.ts";

const data = topDataOf(
  undefined,
  reportAt(20, {
    servers: [serverOf("10.0.1.4"), serverOf("10.0.1.5"), serverOf("10.0.2.4", { pair: "images~app" })],
  }),
);

/** After these keys. */
function typed(text: string, from: TopState = { ...firstState, data }): Next {
  let next: Next = { state: from };
  for (const key of keysOf(text)) next = afterEvent(next.state, { kind: "key", key });
  return next;
}

const [up, down, esc] = ["\u001b[A", "\u001b[B", "\u001b"];

describe("keys", () => {
  test.each(["q", "\u0003", "/cart\u0003", `${down}d\u0003`])("%j ends it", (text) => {
    expect(typed(text).wish).toBe("quit");
  });

  test("a q in a filter is a letter; Enter keeps the filter, Escape the one before", () => {
    expect(typed("/que")).toMatchObject({ state: { filter: "que", filterBefore: "" } });
    expect(typed("/que\u007f\r")).toMatchObject({ state: { filter: "qu", filterBefore: undefined } });
    expect(typed(`/a\r/b${esc}`)).toMatchObject({ state: { filter: "a", filterBefore: undefined } });
    expect(typed(`/a\r${esc}`)).toMatchObject({ state: { filter: "" } });
    expect(typed(`/${"x".repeat(500)}`).state.filter).toHaveLength(60);
  });

  test("a server is drained only after a yes", () => {
    const change = { wish: "drain", pair: "app~app", address: "10.0.1.5" };
    expect(typed(`${down}${down}d`)).toEqual({ state: expect.objectContaining({ asks: change }) });
    expect(typed(`${down}${down}dy`)).toMatchObject({ wish: change, state: { asks: undefined } });
    expect(typed(`${down}${down}dn`)).toEqual({ state: expect.objectContaining({ asks: undefined }) });
    expect(typed(`${up}ey`).wish).toEqual({ wish: "enable", pair: "images~app", address: "10.0.2.4" });
    expect(typed("dy")).toEqual({ state: expect.objectContaining({ asks: undefined, chosen: undefined }) });
  });

  test("the choice stays among the servers that are shown", () => {
    expect(typed(`${down}${up}${up}`).state.chosen).toMatchObject({ address: "10.0.1.4" });
    expect(typed(`${down.repeat(9)}`).state.chosen).toMatchObject({ address: "10.0.2.4" });
    expect(typed(`/images\r${down}`).state.chosen).toMatchObject({ address: "10.0.2.4" });
    expect(typed(`/nothing\r${down}`).state.chosen).toBeUndefined();
  });

  test("sequences that are not known do nothing", () => {
    const before = { ...firstState, data };
    for (const text of ["\u001b[15~", "\u001b[1;5q", "\u001bOq", "\u001b[<0;1;1M", "\t"]) {
      expect(typed(text)).toEqual({ state: before });
    }
  });

  test("p keeps what is shown, and answers are taken again after another", () => {
    const answer = { kind: "answer", data: topDataOf(undefined, reportAt(30)), atMs: 30 } as const;
    const paused = afterEvent(typed("p").state, answer).state;
    expect(paused.data).toBe(data);
    expect(afterEvent(typed("p", paused).state, answer).state.data).toBe(answer.data);
  });

  test("s sorts by the next, and begins again", () => {
    const routes = [busyRoute("a", 10, 0), busyRoute("b", 30, 1), busyRoute("c", 20, 9)];
    const servers = [serverOf("1", { attempts: 5 }), serverOf("2", { attempts: 6, failed: 1 })];
    const all = { ...firstState, data: topDataOf(reportAt(0), reportAt(10, { routes, servers })) };
    const orders = ["", "s", "ss", "ssss"].map((keys) => {
      const { state } = typed(keys, all);
      return [
        ...shownRoutes(state).map(({ route }) => route),
        ...shownServers(state).map(({ address }) => address),
      ];
    });
    expect(orders.map((names) => names.join(""))).toEqual(["abc12", "bca21", "cba21", "abc12"]);
  });
});

describe("what is shown", () => {
  test("trouble leaves what was seen, and an answer ends it", () => {
    const troubled = afterEvent(
      { ...firstState, data },
      { kind: "trouble", says: "nobody listens there" },
    ).state;
    expect(troubled).toMatchObject({ data, trouble: "nobody listens there" });
    expect(afterEvent(troubled, { kind: "answer", data, atMs: 1 }).state.trouble).toBeUndefined();
  });

  test("rates are over ten seconds, and begin anew with a gateway that does", () => {
    const history = new History();
    const at = (seconds: number, requests: number, more = {}) =>
      history.add(reportAt(seconds, { routes: [busyRoute("a", requests)], ...more }));
    expect(at(0, 1_000)).toMatchObject({ overS: null, total: { requestsPerS: null, p50Ms: null } });
    expect(at(1, 1_010)).toMatchObject({ overS: 1, total: { requestsPerS: 10, p50Ms: 2 } });
    for (let second = 2; second <= 30; second++) at(second, 1_010);
    expect(at(31, 1_060)).toMatchObject({ overS: 10, total: { requestsPerS: 5 } });
    const since = new Date(0).toISOString();
    expect(at(32, 3, { since })).toMatchObject({ overS: null });
    expect(at(33, 4, { since })).toMatchObject({ overS: 1, total: { requestsPerS: 1 } });
  });

  test("a route that is not served any more is shown while requests still end by it", () => {
    const gone = { ...busyRoute("gone", 5), served: false };
    const more = { ...busyRoute("gone", 6), served: false };
    expect(topDataOf(reportAt(0, { routes: [gone] }), reportAt(1, { routes: [gone] })).routes).toEqual([]);
    expect(topDataOf(reportAt(0, { routes: [gone] }), reportAt(1, { routes: [more] })).routes).toHaveLength(
      1,
    );
  });

  test("the main cause of a route is that of most of its failures", () => {
    const failures = [
      failureOf("tcp-refused", "a", 4),
      failureOf("backend-5xx", "b", 9),
      failureOf(null, "a", 5),
    ];
    const { routes } = topDataOf(
      undefined,
      reportAt(1, { routes: [busyRoute("a", 9), busyRoute("c", 1)], failures }),
    );
    expect(routes.map(({ mainCause }) => mainCause)).toEqual([
      { cause: null, noServer: null, count: 5 },
      null,
    ]);
  });

  test.each([
    [serverOf("a"), "up", false],
    [serverOf("a", { up: false, inService: false }), "down", true],
    [serverOf("a", { up: false }), "kept", true],
    [serverOf("a", { aside: true }), "aside", true],
    [serverOf("a", { up: false, admin: "disabled" }), "disabled", false],
    [serverOf("a", { admin: "draining" }), "draining", false],
    [serverOf("a", { admin: "draining", removed: true }), "leaving", false],
  ])("how a server stands: %#", (server, state, failing) => {
    const shown = topDataOf(undefined, reportAt(1, { servers: [server] }));
    expect(shown.servers).toMatchObject([{ state }]);
    expect(seenFailing(shown)).toBe(failing);
  });
});

test("answers of others are refused, whatever is wrong with them", () => {
  const whole = reportAt(1, {
    routes: [busyRoute("a", 1)],
    servers: [serverOf("b")],
    failures: [failureOf("c", "d", 1)],
  });
  expect(readActivity(JSON.stringify(whole))).toEqual(whole);
  for (const text of ["", "null", "[]", "{}", "<html>", '{"format":"causeway/activity/v1"}']) {
    expect(() => readActivity(text)).toThrow(NotActivity);
  }
  const faults = [
    { at: "yesterday" },
    { gateway: null },
    { routes: {} },
    { routes: [{ ...busyRoute("a", 1), latency: [["1", 2]] }] },
    { servers: [serverOf("a", { admin: "gone" as "enabled" })] },
    { failures: [7] },
  ];
  for (const fault of faults) {
    expect(() => readActivity(JSON.stringify({ ...whole, ...fault }))).toThrow(NotActivity);
  }
});

test.each([
  [
    rateWords,
    [null, 0, 0.04, 0.31, 9.96, 4210, 12_345, 150_000, 2e6],
    "- 0 <0.1 0.3 10 4210 12.3k 150k 2.0M",
  ],
  [timeWords, [null, 0.35, 9.96, 45.3, 999.6, 1234, 90_000], "-|0.3 ms|10 ms|45 ms|1.0 s|1.2 s|90 s"],
  [
    spanWords,
    [-5, 59_999, 60_000, 7_200_000, 8_040_000, 273_600_000],
    "0 s|59 s|1 min|2 h|2 h 14 min|3 d 4 h",
  ],
] as const)("numbers in words: %#", (words, values, expected) => {
  const separator = expected.includes("|") ? "|" : " ";
  expect(values.map((value) => words(value as number)).join(separator)).toBe(expected);
});

test("what is little is neither nothing nor all", () => {
  expect([
    shareWords(0, 0),
    shareWords(0, 9),
    shareWords(1, 999),
    shareWords(998, 999),
    shareWords(9, 9),
  ]).toEqual(["-", "0", "<1%", "99%", "100%"]);
});

test("what is shown is what the published schema promises, before and after the second look", () => {
  const route = { ...busyRoute("a", 5, 1), pool: null, setting: null };
  const now = reportAt(9, {
    routes: [busyRoute("b", 4), route],
    servers: [serverOf("c", { up: false, cause: "tcp-refused" })],
    failures: [failureOf("tcp-refused", "a", 1), failureOf(null, null, 2)],
  });
  for (const before of [undefined, reportAt(1, { routes: [route] })]) {
    const data = topDataOf(before, now);
    expect(validTop(JSON.stringify(data))).toEqual(data);
  }
});
