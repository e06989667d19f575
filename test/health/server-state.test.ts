import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProbeVerdict } from "../../src/health/probe-verdict.ts";
import {
  afterProbe,
  type EndedProbe,
  type HealthRules,
  healthRulesOf,
  initialState,
  inService,
  isKnown,
  type ServerState,
} from "../../src/health/server-state.ts";

type Outcome = ProbeVerdict["outcome"];

const v2: HealthRules = { generation: "v2", intervalMs: 30_000, unhealthyThreshold: 3 };

const kinds = { healthy: "healthy", unhealthy: "tcp-refused", undecided: "name-unanswered" } as const;

/** A probe that took no time, unless told. */
function ended(outcome: Outcome, startedMs = 0, tookMs = 0): EndedProbe {
  const endedMs = startedMs + tookMs;
  const verdict = { outcome, kind: kinds[outcome], says: `It is ${outcome}.` };
  return { verdict, startedMs, endedMs, atMs: 1_000_000 + endedMs };
}

/** Every state, one after each probe; each probe starts when it is due. */
function statesAfter(outcomes: readonly Outcome[], rules: HealthRules): ServerState[] {
  let state = initialState(0, 0);
  return outcomes.map((outcome) => {
    state = afterProbe(state, ended(outcome, state.nextProbeAtMs), rules);
    return state;
  });
}

const letters: Readonly<Record<string, Outcome>> = { s: "healthy", f: "unhealthy", u: "undecided" };
const spelled = (text: string): Outcome[] => [...text].map((letter) => letters[letter] ?? "undecided");

/** Said slowly: up when there is a success, and too few failures after the last one. */
function upAfter(outcomes: readonly Outcome[], threshold: number): boolean {
  const lastSuccess = outcomes.lastIndexOf("healthy");
  const failures = outcomes.slice(lastSuccess + 1).filter((outcome) => outcome === "unhealthy").length;
  return lastSuccess >= 0 && failures < threshold;
}

describe("the state of a server", () => {
  /** s = success, f = failure, u = undecided; after each whether it is up (U) or down (D). Threshold 3. */
  const cases: readonly { readonly about: string; readonly probes: string; readonly states: string }[] = [
    { about: "down until one success", probes: "ffffsfs", states: "DDDDUUU" },
    { about: "down at the third failure in a row, not before", probes: "sfffff", states: "UUUDDD" },
    { about: "a success between starts the count anew", probes: "sffsffsfff", states: "UUUUUUUUUD" },
    { about: "up after one success", probes: "sfffs", states: "UUUDU" },
    { about: "undecided changes nothing, and breaks no row", probes: "sfufuf", states: "UUUUUD" },
    { about: "undecided alone brings nobody up", probes: "uuus", states: "DDDU" },
    { about: "undecided keeps a server that is down where it is", probes: "sfffu", states: "UUUDD" },
  ];

  it.each(cases)("$about", ({ probes, states }) => {
    const found = statesAfter(spelled(probes), v2).map(({ up }) => (up ? "U" : "D"));
    expect(found.join("")).toBe(states);
  });

  it("is what the slow rule says, for any probes and threshold", () => {
    const outcome = fc.constantFrom<Outcome>("healthy", "unhealthy", "unhealthy", "undecided");
    fc.assert(
      fc.property(
        fc.array(outcome, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom("v1", "v2"),
        (outcomes, unhealthyThreshold, generation) => {
          const states = statesAfter(outcomes, { generation, intervalMs: 5000, unhealthyThreshold });
          states.forEach((state, index) => {
            const seen = outcomes.slice(0, index + 1);
            expect(state.up).toBe(upAfter(seen, unhealthyThreshold));
            expect(state.last).toMatchObject({ outcome: seen.at(-1), says: `It is ${seen.at(-1)}.` });
            expect(isKnown(state)).toBe(seen.some((one) => one !== "undecided"));
          });
        },
      ),
    );
  });

  it("remembers every change in turn with the verdict that made it, and no more than twenty", () => {
    const outcome = fc.constantFrom<Outcome>("healthy", "unhealthy", "undecided");
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 120 }), fc.integer({ min: 1, max: 3 }), (outcomes, most) => {
        const states = statesAfter(outcomes, { ...v2, unhealthyThreshold: most });
        const before = (index: number) => states[index - 1]?.up ?? false;
        const expected = states.flatMap(({ up, last }, index) =>
          up === before(index) ? [] : [{ to: up ? "up" : "down", atMs: last?.atMs, kind: last?.kind }],
        );
        const found = (states.at(-1)?.changes ?? []).map(({ to, atMs, kind }) => ({ to, atMs, kind }));
        expect(found).toEqual(expected.slice(-20));
      }),
    );
  });

  it("holds twenty changes of a server that flaps", () => {
    const states = statesAfter(spelled("sf".repeat(40)), { ...v2, unhealthyThreshold: 1 });
    expect(states.at(-1)?.changes).toHaveLength(20);
    expect(states.at(-1)?.changes.at(-1)).toMatchObject({ to: "down", says: "It is unhealthy." });
  });
});

describe("when the next probe is due", () => {
  const next = (outcome: Outcome, rules: HealthRules, tookMs = 100, failuresInRow = 0) =>
    afterProbe({ ...initialState(0, 0), up: true, failuresInRow }, ended(outcome, 1000, tookMs), rules)
      .nextProbeAtMs;
  const v1: HealthRules = { ...v2, generation: "v1" };

  it("first: within half a second, by the jitter", () => {
    expect(initialState(7000, 0).nextProbeAtMs).toBe(7000);
    expect(initialState(7000, 0.5).nextProbeAtMs).toBe(7250);
  });

  it("v2: the interval after the start of the last, whatever came of it", () => {
    expect(next("healthy", v2)).toBe(31_000);
    expect(next("unhealthy", v2)).toBe(31_000);
    expect(next("undecided", v2)).toBe(31_000);
  });

  it("v1: at once after a failure, until the threshold is reached", () => {
    expect(next("healthy", v1)).toBe(31_000);
    expect(next("unhealthy", v1)).toBe(1600);
    expect(next("unhealthy", v1, 100, 1)).toBe(1600);
    expect(next("unhealthy", v1, 100, 2)).toBe(31_000);
    expect(next("undecided", v1, 100, 1)).toBe(31_000);
  });

  it("never before the last has ended", () => {
    expect(next("unhealthy", v2, 45_000)).toBe(46_000);
    expect(next("undecided", v1, 45_000)).toBe(46_000);
  });

  it("is never in the past, nor sooner than half a second after a start", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Outcome>("healthy", "unhealthy", "undecided"),
        fc.double(),
        fc.double(),
        fc.constantFrom("v1", "v2"),
        fc.integer({ min: 0, max: 10_000_000 }),
        (outcome, intervalS, unhealthyThreshold, generation, tookMs) => {
          const rules = healthRulesOf(generation, { intervalS, unhealthyThreshold });
          const due = next(outcome, rules, tookMs);
          expect(due).toBeGreaterThanOrEqual(1000 + tookMs);
          expect(due - 1000).toBeGreaterThanOrEqual(500);
          expect(due).toBeLessThanOrEqual(1000 + Math.max(86_400_000, tookMs + 500));
        },
      ),
    );
  });

  it("values that Azure refuses are taken as the nearest it takes", () => {
    const rules = (intervalS: number, unhealthyThreshold: number) =>
      healthRulesOf("v2", { intervalS, unhealthyThreshold });
    expect(rules(0, 0)).toEqual({ generation: "v2", intervalMs: 1000, unhealthyThreshold: 1 });
    expect(rules(1e12, 500)).toEqual({ generation: "v2", intervalMs: 86_400_000, unhealthyThreshold: 20 });
    expect(rules(Number.NaN, Number.NaN)).toEqual(rules(1, 1));
  });
});

describe("the documented example: interval 20 s, threshold 2", () => {
  /** How long after its last success a server that dies right then is taken out. */
  function downAfterMs(tookMs: number): number {
    const rules = healthRulesOf("v2", { intervalS: 20, unhealthyThreshold: 2 });
    let state = afterProbe(initialState(0, 0), ended("healthy"), rules);
    let nowMs = 0;
    while (state.up) {
      const probe = ended("unhealthy", state.nextProbeAtMs, tookMs);
      state = afterProbe(state, probe, rules);
      nowMs = probe.endedMs;
    }
    return nowMs;
  }

  it("a silent server is down after 20 s + 2 × 20 s", () => {
    expect(downAfterMs(20_000)).toBe(60_000);
  });

  it("one that refuses is down at its second refusal", () => {
    expect(downAfterMs(0)).toBe(40_000);
  });
});

describe("minServers", () => {
  const up = new Set(["b", "d"]);
  const served = (minServers: number) => inService(["a", "b", "c", "d"], (name) => up.has(name), minServers);

  it.each([
    [0, []],
    [2, []],
    [3, ["a"]],
    [4, ["a", "c"]],
    [20, ["a", "c"]],
  ])("%i: the healthy ones, and %j beside them", (minServers, kept) => {
    expect(served(minServers)).toEqual({ healthy: ["b", "d"], kept });
  });

  it("as many in service as asked for where there are so many, and nobody twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.integer({ min: 0, max: 40 }),
        (pool, minServers) => {
          const members = pool.map((isUp, index) => ({ isUp, index }));
          const { healthy, kept } = inService(members, ({ isUp }) => isUp, minServers);
          expect(healthy).toEqual(members.filter(({ isUp }) => isUp));
          expect(kept.every(({ isUp }) => !isUp)).toBe(true);
          expect(new Set([...healthy, ...kept]).size).toBe(
            Math.max(healthy.length, Math.min(minServers, members.length)),
          );
        },
      ),
    );
  });
});
