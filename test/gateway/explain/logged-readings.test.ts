import { describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import type { AttemptFailure, AttemptFailureKind } from "../../../src/model/attempt.ts";
import { attempt } from "../balance/scene.ts";
import { diagnosed, noonMs, reading } from "./logged-rows.ts";

type Row = (more: Partial<ExchangeRecord>) => string;

const minuteMs = 60_000;
const generations = [{ tier: "Standard_v2" }, { tier: "Standard" }] as const;

function failing(kind: AttemptFailureKind, tookMs: number, more: Partial<AttemptFailure> = {}) {
  const detail = undefined;
  const one = { ...attempt({ kind, detail, nothingSent: false, ...more }), endedMs: tookMs };
  const ending = kind.endsWith("-drained") ? "OH" : "SH";
  return { status: 502, ending, cause: "tcp-refused", attempts: [one], tookMs } as const;
}

/** So many rows, a minute apart, up to noon less `beforeMs`. */
const times =
  (row: Row) =>
  (count: number, more: Partial<ExchangeRecord> = {}, beforeMs = 0): string[] =>
    Array.from({ length: count }, (_, at) =>
      row({ ...more, startedAtMs: noonMs - beforeMs - (count - at) * minuteMs }),
    );

const readingsOf = (read: Awaited<ReturnType<typeof reading>>) =>
  Object.fromEntries(read.set.observations.traffic?.observations[0]?.readings ?? []);

/** `cause role` */
const told = (read: Awaited<ReturnType<typeof reading>>) =>
  diagnosed(read).findings.map(({ cause, role }) => `${cause} ${role}`);

describe.for(generations)("how rows of our own gateway read: $tier", ({ tier }) => {
  test.for<[AttemptFailureKind, number, string]>([
    ["dns", 5, "unreached"],
    ["connect-refused", 5, "unreached"],
    ["connect-timeout", 4_000, "unreached"],
    ["tls-alert", 5, "unreached"],
    ["tls-certificate", 5, "unreached"],
    ["response-closed", 5, "upstream-closed"],
    ["response-reset", 5, "upstream-closed"],
    ["response-closed", 4_000, "upstream-closed"],
    ["response-drained", 40_000, "drained"],
  ])("%s", async ([kind, tookMs, as]) => {
    const read = await reading((row) => [row(failing(kind, tookMs))], { tier });
    expect(readingsOf(read)).toEqual({ [as]: 1 });
  });

  test("an answer that was cut when the server had drained", async () => {
    const cut = { ...failing("relay-drained", 40_000), status: 200, ending: "OD" as const };
    expect(readingsOf(await reading((row) => [row(cut)], { tier }))).toEqual({ drained: 1 });
  });

  test("servers that nobody reached for a while did not close connections, nor were they slow", async () => {
    for (const [kind, tookMs] of [
      ["connect-refused", 5],
      ["connect-timeout", 4_000],
    ] as const) {
      const read = await reading(
        (row) => [
          ...times(row)(40, {}, 60 * minuteMs),
          ...times(row)(12, failing(kind, tookMs), 40 * minuteMs),
          ...times(row)(40),
        ],
        { tier },
      );
      expect(
        told(read).filter((one) => /^(http-reset-midway|timeout-v\d|keepalive-race) /.test(one)),
      ).toEqual([]);
    }
  });

  test("requests that the gateway ended with the drain time are too long for it", async () => {
    const read = await reading(
      (row) => [...times(row)(60, {}, 20 * minuteMs), ...times(row)(6, failing("response-drained", 41_000))],
      { tier },
    );
    expect(told(read)).toContain("drain-too-short root");
    expect(told(read).filter((one) => one.endsWith(" root"))).toHaveLength(1);
    const [finding] = diagnosed(read).findings.filter(({ cause }) => cause === "drain-too-short");
    expect(finding?.certainty).toBe("proven");
    expect(finding?.summary).toContain("6 of 66 requests");
    expect(finding?.evidence.map(({ pointer }) => pointer)).toContain("line 61");
    expect(finding?.fix?.changes).toMatchObject([
      { path: "connectionDraining", value: { enabled: true, drainTimeoutInSec: 70 } },
    ]);
  });

  test.for([
    ["few", 2, 0, ["drain-too-short risk"]],
    ["beside servers that hang up", 6, 20, ["drain-too-short risk", "http-reset-midway root"]],
  ] as const)("what is not most of it is told beside it: %s", async ([, drained, closed, expected]) => {
    const read = await reading(
      (row) => [
        ...times(row)(60, {}, 60 * minuteMs),
        ...times(row)(drained, failing("response-drained", 41_000), 40 * minuteMs),
        ...times(row)(closed, failing("response-closed", 4_000), 20 * minuteMs),
        ...times(row)(20),
      ],
      { tier },
    );
    expect(
      told(read)
        .filter((one) => /^(drain|http)/.test(one))
        .sort(),
    ).toEqual([...expected]);
  });

  test("what was cut has long enough since", async () => {
    const connectionDraining = { enabled: true, drainTimeoutInSec: 120 };
    const read = await reading(
      (row) => [...times(row)(60, {}, 20 * minuteMs), ...times(row)(6, failing("response-drained", 41_000))],
      { tier, setting: { connectionDraining } },
    );
    expect(told(read).filter((one) => !one.startsWith("v1-"))).toEqual([]);
  });
});
