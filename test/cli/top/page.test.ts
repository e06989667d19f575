import { describe, expect, test } from "vitest";
import { topDataOf } from "../../../src/cli/top/data.ts";
import { type PageOptions, pageOf, shares } from "../../../src/cli/top/page.ts";
import { firstState, type TopState } from "../../../src/cli/top/state.ts";
import type { ActivityReport } from "../../../src/gateway/admin/activity-report.ts";
import { columnsOf } from "../../../src/report/text/width.ts";
import { busyRoute, failureOf, reportAt, routeOf, serverOf, startMs } from "./reports.ts";

const refused = "Nothing listens on 10.0.1.6 port 8080: the connection is refused.";

const shop = {
  servers: [
    serverOf("10.0.1.4", { busy: 3, attempts: 400, latency: [[1.8, 400]] }),
    serverOf("10.0.1.5", { admin: "draining", busy: 1 }),
    serverOf("10.0.1.6", { up: false, inService: false, cause: "tcp-refused", says: refused }),
    serverOf("10.0.1.7", { up: false, cause: "probe-status", says: "it answers 404" }),
    serverOf("10.0.1.8", { aside: true, attempts: 20, failed: 10 }),
    serverOf("10.0.1.9", { admin: "disabled", inService: false }),
    serverOf("10.0.1.10", { removed: true }),
  ],
  failures: [
    failureOf("tcp-refused", "shop/rule-shop/cart", 1_204),
    failureOf("probe-first-success-pending", "shop/rule-shop/default", 12),
    failureOf(null, null, 1),
  ],
};

const before = reportAt(10, { routes: [busyRoute("shop/rule-shop/cart", 100, 100)] });

const now = reportAt(20, {
  ...shop,
  routes: [
    busyRoute("shop/rule-shop/cart", 1_600, 103),
    busyRoute("shop/rule-shop/default", 2),
    routeOf("shop/rule-old", { leadsTo: "redirect", pool: null, setting: null }),
    routeOf(null, { leadsTo: "nothing", pool: null, setting: null }),
    routeOf("shop/gone", { served: false, requests: 0 }),
  ],
});

function stateOf(
  more: Partial<TopState> = {},
  reports: readonly [ActivityReport | undefined, ActivityReport] = [before, now],
) {
  return { ...firstState, data: topDataOf(...reports), answeredAtMs: startMs + 20_000, ...more };
}

function linesOf(state: TopState, more: Partial<PageOptions> = {}, width = 80): readonly string[] {
  const style = { width, color: false, unicode: true };
  return pageOf(state, { style, rows: 24, place: "127.0.0.1:9090", nowMs: startMs + 21_000, ...more });
}

const tooMuch = reportAt(20, {
  routes: Array.from({ length: 100 }, (_, at) => busyRoute(`shop/rule-${at}`, at + 1)),
  servers: Array.from({ length: 50 }, (_, at) => serverOf(`10.0.2.${at}`)),
  failures: Array.from({ length: 30 }, (_, at) => failureOf("tcp-refused", `shop/rule-${at}`, 100 - at)),
});

const last = { pair: "app~app", address: "10.0.2.49" };

const withoutServer = { ...failureOf(null, "shop/rule-shop/cart", 1), ending: "PQ" };

const screens: Readonly<Record<string, readonly string[]>> = {
  "at 80 by 24": linesOf(stateOf()),
  "on a wide screen": linesOf(stateOf(), {}, 140),
  "without a terminal, in ASCII": linesOf(stateOf(), {
    rows: undefined,
    style: { width: 100, color: false, unicode: false },
  }),
  "before the first answer": linesOf(firstState),
  "of nobody": linesOf({ ...firstState, trouble: "nobody listens there" }),
  "while the gateway is away": linesOf(stateOf({ trouble: "nobody listens there" })),
  "after one look": linesOf(stateOf({}, [undefined, now])),
  "of an idle gateway": linesOf(stateOf({}, [reportAt(1), reportAt(2)])),
  "paused, with a server chosen that is to be drained": linesOf(
    stateOf({
      paused: true,
      chosen: { pair: "app~app", address: "10.0.1.4" },
      asks: { wish: "drain", pair: "app~app", address: "10.0.1.4" },
    }),
  ),
  "where the operator took out all servers": linesOf(
    stateOf({}, [
      undefined,
      reportAt(20, {
        routes: [busyRoute("shop/rule-shop/cart", 7, 7)],
        servers: [serverOf("10.0.1.4", { admin: "disabled", inService: false })],
        failures: [
          { ...withoutServer, noServer: "taken-out", recent: 4 },
          { ...withoutServer, noServer: "pool-empty" },
          { ...withoutServer, noServer: "none-healthy" },
          { ...withoutServer, noServer: "all-tried" },
          withoutServer,
        ],
      }),
    ]),
  ),
  "filtered, sorted by rate": linesOf(stateOf({ filter: "CART", order: "rate" })),
  "of more than there is room for, the last server chosen": linesOf(
    stateOf({ chosen: last, order: "rate" }, [reportAt(10), tooMuch]),
  ),
};

describe("the screen", () => {
  test.each(Object.entries(screens))("%s", async (name, lines) => {
    const file = `snapshots/${name.replace(/[^a-z0-9]+/gi, "-")}.txt`;
    await expect(`${lines.map((line) => line.trimEnd()).join("\n")}\n`).toMatchFileSnapshot(file);
  });

  test.each([
    [80, 24],
    [200, 60],
    [40, 10],
    [20, 5],
    [1, 1],
  ])("is no larger than %d by %d", (width, rows) => {
    for (const state of [
      stateOf(),
      stateOf({ trouble: "no" }),
      stateOf({}, [undefined, tooMuch]),
      firstState,
    ]) {
      const lines = linesOf(state, { rows }, width);
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
    }
  });

  test.each([200, 110, 80, 60, 56])("has transaction ids whole at %d columns", (width) => {
    const lines = linesOf(stateOf(), { rows: 40 }, width).filter((line) => line.includes("0123456789"));
    expect(lines).toHaveLength(shop.failures.length);
    for (const line of lines) expect(line).toContain("0123456789abcdef0123456789abcdef");
  });

  test.each([55, 50, 40, 30, 20])("at %d columns says where ids go on, after enough of them", (width) => {
    const lines = linesOf(stateOf(), { rows: 40 }, width).filter((line) => line.includes("01234567"));
    expect(lines).toHaveLength(shop.failures.length);
    for (const line of lines) expect(line).toMatch(/ (?:[0-9a-f]{8,31}…|[0-9a-f]{32})\s*$/);
  });

  test("without colour has no sequences; with colour only those of tones", () => {
    const color = linesOf(stateOf(), { style: { width: 80, color: true, unicode: true } }).join("");
    expect(linesOf(stateOf()).join("")).not.toContain("\u001b");
    expect(color).toContain("\u001b[");
    const sequences = color.split("\u001b").slice(1);
    expect(sequences.filter((text) => !/^\[\d+m/.test(text))).toEqual([]);
  });

  test.each(["\u001b[2J\u001b]0;owned\u0007", "a\r\nb", "\u202egnp.exe", "\u009b31m"])(
    "shows %j wherever it stands as text",
    (evil) => {
      const hostile = reportAt(20, {
        gateway: { name: evil, generation: "v2" },
        routes: [routeOf(evil, { pool: evil, setting: evil })],
        servers: [serverOf(evil, { pair: evil, up: false, says: evil, cause: evil })],
        failures: [{ ...failureOf(evil, evil, 1), ending: evil, transactionId: evil }],
      });
      const asks = { wish: "drain", pair: evil, address: evil } as const;
      for (const more of [
        {},
        { trouble: evil },
        { told: evil },
        { filter: evil, filterBefore: "" },
        { asks },
      ]) {
        const lines = linesOf(stateOf(more, [undefined, hostile]), { place: evil }, 140);
        expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    },
  );
});

test.each([
  [[3, 3, 3], 30, [3, 3, 3]],
  [[100, 2, 2], 15, [11, 2, 2]],
  [[100, 50, 1], 15, [7, 7, 1]],
  [[5, 5, 5], 0, [0, 0, 0]],
  [[5, 5, 5], -4, [0, 0, 0]],
])("%j share %d lines", (needs, room, given) => {
  expect(shares(needs, room)).toEqual(given);
});
