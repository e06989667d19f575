import { describe, expect, test } from "vitest";
import { type BoardEntry, entryAt, unprobed, withFailure } from "../../../src/gateway/health/health-board.ts";
import { type HealthChange, initialState, type ServerState } from "../../../src/health/server-state.ts";
import type { ProbeObservation } from "../../../src/model/probe-observation.ts";
import { observed } from "../../support/observed.ts";

const change = (to: "up" | "down", atMs: number): HealthChange => ({
  ...{ to, atMs, kind: "healthy", says: to },
});

const state = (...changes: readonly HealthChange[]): ServerState => ({
  ...initialState(0, 0),
  up: changes.at(-1)?.to === "up",
  changes,
});

interface Probe {
  readonly changes: readonly HealthChange[];
  /** What it met; none = it went well. */
  readonly met?: ProbeObservation;
}

/** The entry after these probes, one after the other. */
function entryAfter(...probes: readonly Probe[]): BoardEntry {
  return probes.reduce(
    (before, { changes, met }) => {
      const now = state(...changes);
      return { ...unprobed("k", now), observation: met, failures: withFailure(before, now, met) };
    },
    unprobed("k", state()),
  );
}

const [first, second, third] = [observed(), observed(), observed()];
const [up, down, upAgain] = [change("up", 1000), change("down", 2000), change("up", 4000)];

const flapped = entryAfter(
  { changes: [up] },
  { changes: [up, down], met: first },
  { changes: [up, down], met: second },
  { changes: [up, down, upAgain] },
);

describe("what is known of a moment", () => {
  test("the last probe, while the server has neither come up nor gone down since", () => {
    const entry = entryAfter({ changes: [up] }, { changes: [up, down], met: first });
    expect(entryAt(entry, 2500)).toBe(entry);
    expect(entryAt(undefined, 2500)).toBeUndefined();
  });

  test("the last failure of the time when it was down, once it is up again", () => {
    expect(entryAt(flapped, 2500)?.observation).toBe(second);
    expect(entryAt(flapped, 2000)?.observation).toBe(second);
  });

  test("nothing of a time when it was up, or not yet", () => {
    expect(entryAt(flapped, 1500)).toBeUndefined();
    expect(entryAt(flapped, 500)).toBeUndefined();
    const never = entryAfter({ changes: [], met: first }, { changes: [up] });
    expect(entryAt(never, 500)).toBeUndefined();
  });

  test("the latest times when it was down are kept, and no more of them", () => {
    const changes = Array.from({ length: 12 }, (_, n) => change(n % 2 === 0 ? "up" : "down", 1000 * (n + 1)));
    const probes = changes.map((one, n): Probe => {
      const until = changes.slice(0, n + 1);
      return one.to === "up" ? { changes: until } : { changes: until, met: third };
    });
    expect(entryAfter(...probes).failures.map(({ sinceMs }) => sinceMs)).toEqual([8000, 10_000, 12_000]);
  });
});
