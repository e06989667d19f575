import { describe, expect, test } from "vitest";
import { asGateway } from "../../../src/health/exchange.ts";
import type { ExchangePlan } from "../../../src/model/exchange-plan.ts";
import {
  type ExperimentBudget,
  type ExperimentToMake,
  makeExperiments,
} from "../../../src/probe/experiment/engine.ts";
import { TimeLimit } from "../../../src/probe/time-limit.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function plan(path: string): ExchangePlan {
  return {
    purpose: "probe",
    protocol: "Http",
    port: 80,
    method: "GET",
    path,
    host: "app.contoso.example",
    sni: undefined,
    tls: undefined,
    timeoutMs: 1_000,
    lookFor: undefined,
    client: undefined,
    clientFields: [],
    manner: asGateway,
  };
}

function experiment(group: string, path: string, change: Partial<ExperimentToMake> = {}): ExperimentToMake {
  return { group, target: "10.0.0.4", plan: plan(path), risk: "safe", costMs: 100, ...change };
}

const all: ExperimentBudget = { mode: "all", count: 100, durationMs: 10_000 };

/** Runs with a clock that goes on by the cost of what is sent. */
async function run(
  next: (sent: readonly string[]) => readonly ExperimentToMake[],
  budget: Partial<ExperimentBudget> = {},
  sendable: (path: string) => boolean = () => true,
) {
  const sent: string[] = [];
  const rounds: number[] = [];
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, epochMs: () => 0, after: () => () => {} };
  const send = async ({ plan: { path = "" }, costMs }: ExperimentToMake): Promise<boolean> => {
    sent.push(path);
    nowMs += costMs;
    return sendable(path);
  };
  const result = await makeExperiments(
    () => {
      rounds.push(sent.length);
      return next(sent);
    },
    { ...all, ...budget },
    { send, time: new TimeLimit(budget.durationMs ?? all.durationMs, clock, undefined) },
  );
  return { sent, result, rounds };
}

describe("making experiments", () => {
  test("of every group the cheapest first, one at a time, until nothing more is wanted", async () => {
    const wanted = [
      experiment("a", "/dear", { costMs: 900 }),
      experiment("a", "/cheap", { costMs: 10 }),
      experiment("b", "/other", { costMs: 50 }),
    ];
    const { sent } = await run((done) => wanted.filter(({ plan: { path = "" } }) => !done.includes(path)));
    expect(sent).toEqual(["/cheap", "/other", "/dear"]);
  });

  test("what is settled by one is not asked again", async () => {
    const { sent } = await run((done) =>
      done.length === 0 ? [experiment("a", "/one"), experiment("a", "/two")] : [],
    );
    expect(sent).toEqual(["/one"]);
  });

  test("of equal cost, the one named first", async () => {
    const wanted = [experiment("a", "/first"), experiment("a", "/second")];
    const { sent } = await run((done) => (done.length === 0 ? wanted : []));
    expect(sent).toEqual(["/first"]);
  });

  test("what two groups want is sent once", async () => {
    const { sent, result } = await run((done) =>
      done.length === 0 ? [experiment("a", "/same"), experiment("b", "/same")] : [],
    );
    expect(sent).toEqual(["/same"]);
    expect(result.made).toBe(1);
  });

  test("nothing is sent twice, even if it is wanted for ever or cannot be sent", async () => {
    const stubborn = await run(() => [experiment("a", "/x")]);
    expect(stubborn.sent).toEqual(["/x"]);
    const unsendable = await run(
      () => [experiment("a", "/x")],
      {},
      () => false,
    );
    expect(unsendable.sent).toEqual(["/x"]);
    expect(unsendable.result.made).toBe(0);
  });

  test("safe makes only what is safe, off makes nothing; what was left out is counted", async () => {
    const wanted = [experiment("a", "/safe"), experiment("b", "/bold", { risk: "all" })];
    const open = (done: readonly string[]) =>
      wanted.filter(({ plan: { path = "" } }) => !done.includes(path));
    const safe = await run(open, { mode: "safe" });
    expect(safe.sent).toEqual(["/safe"]);
    expect(safe.result).toEqual({ made: 1, leftOut: { risk: 1, time: 0, count: 0 } });
    const off = await run(open, { mode: "off" });
    expect(off.sent).toEqual([]);
    expect(off.result).toEqual({ made: 0, leftOut: { risk: 2, time: 0, count: 0 } });
  });

  test("stops at the budget of count and of time", async () => {
    const wanted = ["/1", "/2", "/3", "/4", "/5"].map((path) => experiment(path, path, { costMs: 400 }));
    const open = (done: readonly string[]) =>
      wanted.filter(({ plan: { path = "" } }) => !done.includes(path));
    const counted = await run(open, { count: 2 });
    expect(counted.sent).toHaveLength(2);
    expect(counted.result.leftOut).toEqual({ risk: 0, time: 0, count: 3 });
    const one = (done: readonly string[]) => open(done).slice(0, 1);
    const timed = await run(one, { durationMs: 1_000 });
    expect(timed.sent).toEqual(["/1", "/2"]);
    expect(timed.result.leftOut).toEqual({ risk: 0, time: 1, count: 0 });
  });

  test("ends with the reason of the signal", async () => {
    const controller = new AbortController();
    const clock = { nowMs: () => 0, epochMs: () => 0, after: () => () => {} };
    let sent = 0;
    const made = makeExperiments(() => [experiment("a", `/${sent}`)], all, {
      send: async () => {
        sent += 1;
        if (sent === 3) controller.abort(new Error("enough"));
        return true;
      },
      time: new TimeLimit(1_000, clock, controller.signal),
    });
    await expect(made).rejects.toThrow("enough");
    expect(sent).toBe(3);
  });

  test("what is under way or waits when time is up is given up, and counts as left out", async () => {
    const clock = new ManualClock();
    const wanted = Array.from({ length: 5 }, (_, index) => experiment(`${index}`, `/${index}`));
    let begun = 0;
    let givenUp = 0;
    const made = makeExperiments(() => wanted, all, {
      send: (one, signal) => {
        begun += 1;
        if (one.plan.path === "/0") return Promise.resolve(true);
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            givenUp += 1;
            reject(signal.reason);
          }),
        );
      },
      time: new TimeLimit(1_000, clock, undefined),
    });
    await clock.advance(1_000);
    expect(await made).toEqual({ made: 1, leftOut: { risk: 0, time: 4, count: 0 } });
    expect([begun, givenUp]).toEqual([3, 2]);
    expect(clock.pending).toBe(0);
  });
});
