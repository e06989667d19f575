import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { explainingExchange } from "../../../src/cli/explain-exchange.ts";
import { inTurns } from "../../../src/cli/in-turns.ts";
import type { Case } from "../../../src/diagnosis/case.ts";
import { facetsOf } from "../../../src/diagnosis/facets/build.ts";
import { judging } from "../../../src/diagnosis/judge.ts";
import { allSteps } from "../../../src/diagnosis/steps.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { drainCutsOf } from "../../../src/gateway/explain/drain-evidence.ts";
import { evidenceOf } from "../../../src/gateway/explain/evidence.ts";
import { FailureRing } from "../../../src/gateway/explain/failure-ring.ts";
import { unprobed } from "../../../src/gateway/health/health-board.ts";
import { TrustStore } from "../../../src/health/certificates/trust-store.ts";
import { initialState } from "../../../src/health/server-state.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import { buildModel } from "../../../src/model/build.ts";
import { Source } from "../../../src/model/source.ts";
import { routerOf } from "../../../src/routing/request-route.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { observed } from "../../support/observed.ts";
import { type RoutingWish, routingDocument } from "../../support/routing-gateway.ts";
import { attempt } from "../balance/scene.ts";
import { failedRecord, recordWith } from "./record.ts";

/** A gateway on port 80 of one route with one server, and what its diagnosis makes of a failed attempt there. */
function explained(
  failure: Partial<AttemptFailure>,
  wish: Partial<RoutingWish> = {},
  probe = "answered",
  more: (failed: ExchangeRecord) => Partial<ExchangeRecord> = () => ({}),
) {
  const document = routingDocument({
    listeners: [{ name: "shop", protocol: "Http", to: "app" }],
    members: ["10.0.1.4"],
    ...wish,
  });
  const source = new Source("gw.json", "", document);
  const records = [{ id: document.id, type: document.type.toLowerCase(), source }];
  const configuration = { records, listedTypes: new Set<string>() };
  const model = buildModel(configuration);
  const [gateway] = model.gateways;
  if (gateway === undefined) throw new Error("no gateway");
  const kase: Case = {
    configuration,
    model,
    observations: { healthReports: [], traffic: undefined, activities: [], live: [] },
    switches: defaultSwitches,
    wellKnownRoots: () => new TrustStore([]),
    nowMs: Date.UTC(2026, 5, 1),
  };
  const wiring = wiringOf(gateway);
  const [route] = wiring.routes;
  if (route === undefined) throw new Error("no route");
  const failed = failedRecord(failure, {
    route,
    listener: route.listener,
    originalHost: "shop.contoso.com:8080",
  });
  const record = { ...failed, ...more(failed) };
  const sent = {
    purpose: "probe",
    host: "127.0.0.1",
    timeoutMs: 30_000,
    client: undefined,
  } as const;
  const observation =
    probe === "answered"
      ? observed({ sent, http: { bodyComplete: true, firstByteMs: 2, completeMs: 3, endedMs: 3 } })
      : observed({ sent, tcp: { outcome: "refused", errno: "ECONNREFUSED" } });
  const seen = evidenceOf(record, {
    pairs: wiring.pairs,
    router: routerOf(gateway, wiring, defaultSwitches),
    switches: defaultSwitches,
    entryOf: () => ({ ...unprobed("k", initialState(0, 0)), observation }),
  });
  const observations = { ...kase.observations, drainCuts: drainCutsOf(record) };
  const question = {
    kase: { ...kase, observations },
    gateway,
    routeId: route.id,
    seen,
    exported: kase.observations,
  };
  return {
    seen,
    question,
    diagnosis: allSteps(explainingExchange(question)),
  };
}

const causesOf = ({ diagnosis }: ReturnType<typeof explained>) =>
  diagnosis.findings.map(({ cause }) => cause);

/** The failed attempt, and the same again on each of the other servers. */
function attemptsAt(members: readonly string[], { attempts: [first] }: ExchangeRecord) {
  if (first === undefined) throw new Error("no attempt");
  return members.map((member) => ({ ...first, member, server: `${member}:8080` }));
}

describe("an exchange is explained by the same diagnosis", () => {
  test.each([
    ["response-reset", "http-reset-midway", 2],
    ["relay-reset", "http-reset-midway", 2],
    ["response-timeout", "timeout-v2", 2],
    ["connect-refused", "tcp-refused", 2],
    ["connect-refused", "tcp-refused", 9],
  ] as const)("of %s each attempt is evidence of %s, of %d not more than four", (kind, cause, count) => {
    const members = Array.from({ length: count }, (_, at) => `10.0.1.${at + 4}`);
    const { diagnosis } = explained({ kind, detail: undefined }, { members }, "answered", (failed) => ({
      attempts: attemptsAt(members, failed),
    }));
    const found = diagnosis.findings.find((finding) => finding.cause === cause);
    const says = (found?.evidence ?? [])
      .map((one) => one.says)
      .filter((one) => one.includes("request was sent"));
    expect(says).toHaveLength(Math.min(count, 4));
    for (const [at, one] of says.entries()) expect(one).toContain(`10.0.1.${at + 4} port`);
  });

  test("which lets requests be served while it is made, and while fixes are tried", async () => {
    const { question, diagnosis } = explained({ kind: "connect-refused" }, {}, "refused");
    const { kase, gateway } = question;
    const judgingAlone = [...judging(facetsOf(kase, gateway))].length;
    expect(judgingAlone).toBeGreaterThan(100);
    expect([...explainingExchange(question)].length).toBeGreaterThan(judgingAlone);
    let turns = 0;
    let made = false;
    const count = (): void => {
      turns += 1;
      if (!made) setImmediate(count);
    };
    setImmediate(count);
    let clockMs = 0;
    // Every step takes longer than requests may wait.
    const answer = await inTurns(explainingExchange(question), () => (clockMs += 50));
    made = true;
    expect(turns).toBeGreaterThan(judgingAlone / 2);
    expect(answer).toEqual(diagnosis);
  });

  test("a refused connection, as the probe saw it too", () => {
    const told = explained({ kind: "connect-refused", detail: "ECONNREFUSED" }, {}, "refused");
    expect(told.seen).toHaveLength(2);
    expect(causesOf(told)).toContain("tcp-refused");
    expect(told.diagnosis.routes.map(({ id }) => id)).toEqual(["shop/shop"]);
  });

  test("an answer that is not valid HTTP", () => {
    const told = explained({
      kind: "response-invalid",
      detail: "te-and-cl",
      offset: 40,
      nothingSent: false,
      firstBytes: Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
    });
    expect(causesOf(told)).toContain("http-invalid-header");
  });

  test("a name that does not exist", () => {
    const failure = { kind: "dns", detail: "NXDOMAIN" } as const;
    const { seen } = explained(failure);
    expect(seen.at(-1)?.observation).toMatchObject({
      tcp: undefined,
      dns: { answers: [{ rcode: "NXDOMAIN", outcome: "answered" }] },
    });
  });

  test("a connection that had died while it was idle is not told as a fresh one", () => {
    const { seen } = explained({ kind: "response-closed", stale: true, nothingSent: false });
    expect(seen.at(-1)?.observation.sent.manner.afterIdleMs).toBe(0);
    expect(seen.at(-1)?.observation.http?.outcome).toBe("closed-before-first-byte");
  });

  test("what was ended because its server had drained, with the draining that it would have needed", () => {
    const setting = { connectionDraining: { enabled: true, drainTimeoutInSec: 2 } };
    const failure = { kind: "response-drained", nothingSent: false } as const;
    const { diagnosis, seen } = explained(failure, { setting });
    expect(seen).toHaveLength(1);
    expect(diagnosis.findings).toMatchObject([
      {
        cause: "drain-too-short",
        fix: { changes: [{ path: "connectionDraining", value: { enabled: true } }] },
      },
    ]);
    expect(diagnosis.routes).toMatchObject([{ causedBy: ["drain-too-short:app~app"] }]);
    const said = JSON.stringify(diagnosis.findings);
    expect(said).toContain("drainTimeoutInSec is 2");
    expect(said).toContain("attempt 1");
  });

  test.each([
    ["of which nothing was sent", { kind: "response-drained", nothingSent: true }],
    ["that the server closed", { kind: "response-closed", nothingSent: false }],
  ] as const)("draining is not told of an attempt %s", (_, failure) => {
    expect(causesOf(explained(failure))).not.toContain("drain-too-short");
  });

  test("an attempt that was given up is no evidence", () => {
    expect(explained({ kind: "aborted" }).seen).toHaveLength(1);
  });
});

describe("failures are kept", () => {
  const failed = (id: number, more = {}) =>
    failedRecord({}, { transactionId: id.toString(16).padStart(32, "0"), ...more });

  test("the newest, by their id in any case of letters", () => {
    const ring = new FailureRing({ records: 3, bytes: 1_000_000 });
    for (let id = 0xa; id < 0xf; id++) ring.record(failed(id), 1);
    expect(ring.size).toBe(3);
    expect(ring.startingWith("E".padStart(32, "0"))).toMatchObject([{ status: 502 }]);
    expect(ring.startingWith("b".padStart(32, "0"))).toEqual([]);
  });

  test("by the beginning of their id, the newest of them first", () => {
    const ring = new FailureRing();
    for (let id = 0; id < 9; id++) ring.record(failed(id), 1);
    const last = ring.startingWith("0".repeat(8)).map(({ transactionId }) => transactionId.at(-1));
    expect(last).toEqual(["8", "7", "6", "5", "4"]);
  });

  test("no more than so many bytes of them", () => {
    const ring = new FailureRing({ records: 100, bytes: 100_000 });
    for (let id = 0; id < 10; id++) ring.record(failed(id, { originalTarget: "x".repeat(40_000) }), 1);
    expect(ring.size).toBe(2);
    ring.record(failed(11, { originalTarget: "x".repeat(200_000) }), 1);
    expect(ring.size).toBe(0);
  });

  test("not with the whole heads that their texts were cut from", () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const ring = new FailureRing();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let id = 0; id < 400; id++) {
      const head = `/orders/of/somebody/${id}${"x".repeat(60_000)} a browser of many words`;
      const target = head.slice(0, 20);
      const said = { originalTarget: target, target, userAgent: head.slice(-23), host: head.slice(2, 30) };
      ring.record(failed(id, { ...said, answeredBy: { server: head.slice(4, 30), via: undefined } }), 1);
    }
    collect();
    expect(ring.size).toBe(400);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
  });

  test("what servers say of themselves counts as well", () => {
    const ring = new FailureRing({ records: 100, bytes: 100_000 });
    const answeredBy = { server: "s".repeat(20_000), via: "v".repeat(20_000) };
    for (let id = 0; id < 10; id++) ring.record(failed(id, { answeredBy }), 1);
    expect(ring.size).toBe(2);
  });

  test("what went well is not, what a second attempt saved is", () => {
    const ring = new FailureRing();
    ring.record(recordWith(), 1);
    expect(ring.size).toBe(0);
    ring.record(recordWith({ attempts: [attempt({}), attempt()] }), 1);
    ring.record(recordWith({ transactionId: "1".repeat(32), status: 503, backendError: true }), 1);
    expect(ring.size).toBe(2);
  });
});
