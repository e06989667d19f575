import { describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import type { AnsweredBy, AttemptFailure, AttemptFailureKind } from "../../../src/model/attempt.ts";
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

  const error = (status: number, answeredBy: Partial<AnsweredBy> | undefined) => ({
    ...{ status, backendError: true, cause: "backend-5xx" as const },
    attempts: [{ ...attempt(), status }],
    answeredBy: answeredBy && { server: undefined, via: undefined, pageOf: undefined, ...answeredBy },
  });

  test.for<[string, readonly (readonly [number, Partial<AnsweredBy> | undefined])[], readonly string[]]>([
    ["the page of nginx", [[502, { pageOf: "nginx", server: "nginx" }]], ["second-proxy-502 likely"]],
    ["the page of HAProxy", [[503, { pageOf: "haproxy" }]], ["second-proxy-502 likely"]],
    ["a field that may be passed on", [[504, { server: "nginx" }]], ["second-proxy-502 possible"]],
    ["no page", [[502, undefined]], ["backend-5xx likely"]],
    [
      "at times a page",
      [
        [502, { pageOf: "nginx" }],
        [502, undefined],
      ],
      ["backend-5xx likely"],
    ],
    [
      "pages of two",
      [
        [502, { pageOf: "nginx" }],
        [502, { pageOf: "envoy" }],
      ],
      ["backend-5xx likely"],
    ],
    [
      "a proxy with one status, the application with another",
      [
        [502, { pageOf: "nginx" }],
        [500, undefined],
      ],
      ["backend-5xx likely", "second-proxy-502 likely"],
    ],
  ])("errors that come and go: %s", async ([, errors, expected]) => {
    const read = await reading(
      (row) =>
        Array.from({ length: 8 }, (_, at) => [
          ...times(row)(2, {}, (2 * at + 1) * minuteMs),
          ...errors.map(([status, maker]) => times(row)(1, error(status, maker), 2 * at * minuteMs)),
        ])
          .flat(2)
          .concat(times(row)(1, {}, -2 * minuteMs)),
      { tier },
    );
    expect(read.seen).toEqual([]);
    const found = diagnosed(read).findings.map(({ cause, certainty }) => `${cause} ${certainty}`);
    expect(found.filter((one) => /502|5xx/.test(one)).sort()).toEqual(expected);
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
