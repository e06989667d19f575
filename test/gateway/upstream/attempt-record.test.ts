import { describe, expect, test } from "vitest";
import { AttemptRecord } from "../../../src/gateway/upstream/attempt-record.ts";
import { type FailureKind, failureOf } from "../../../src/gateway/upstream/failures.ts";

const begun = () => new AttemptRecord("app.contoso.com", "app.contoso.com:443", 1_000, 1_005);

describe("what an attempt leaves behind", () => {
  test("has every moment as the time since the exchange began", () => {
    const record = begun();
    record.resolved(1_010);
    record.server = "10.0.1.4:443";
    record.connected(1_020);
    record.secured(1_030);
    record.sent(1_031);
    record.received(1_040);
    record.until(1_050, 321);
    expect({ ...record }).toEqual({
      server: "10.0.1.4:443",
      member: "app.contoso.com",
      connection: "fresh",
      idleMs: undefined,
      startedMs: 5,
      dnsMs: 10,
      connectedMs: 20,
      tlsMs: 30,
      sentMs: 31,
      firstByteMs: 40,
      endedMs: 50,
      status: undefined,
      bytesSent: 321,
      failure: undefined,
    });
  });

  test("of what comes, the first byte counts; of how far it has come, the last word", () => {
    const record = begun();
    for (const nowMs of [1_040, 1_060]) record.received(nowMs);
    for (const nowMs of [1_045, 1_070]) record.until(nowMs, nowMs);
    expect([record.firstByteMs, record.endedMs, record.bytesSent]).toEqual([40, 70, 1_070]);
  });

  test("is called as it is configured until its address is known, and has ended no sooner than it began", () => {
    expect(begun()).toMatchObject({ server: "app.contoso.com:443", dnsMs: undefined, endedMs: 5 });
  });
});

describe("a fault on a connection", () => {
  const cases: readonly [string, FailureKind, (record: AttemptRecord) => void, boolean][] = [
    ["a reused one that is reset before one byte", "response-reset", (record) => record.reuses(0), true],
    ["a reused one that is silent", "response-timeout", (record) => record.reuses(7), false],
    ["a fresh one", "response-reset", () => {}, false],
    [
      "a reused one with the beginning of a response",
      "response-closed",
      (record) => {
        record.reuses(7);
        record.received(1_040);
      },
      false,
    ],
  ];

  test.each(cases)("is told to be stale or not: %s", (_, kind, happens, stale) => {
    const record = begun();
    happens(record);
    const { awaitsReused } = record;
    expect(failureOf({ kind }, { nothingSent: false, awaitsReused })).toEqual({
      kind,
      detail: undefined,
      offset: undefined,
      nothingSent: false,
      stale,
    });
  });
});
