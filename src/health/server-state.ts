import type { Generation } from "../model/gateway.ts";
import type { ProbePlan } from "./probe-plan.ts";
import type { ProbeVerdict, ProbeVerdictKind } from "./probe-verdict.ts";

/** How often a server is probed and how many failures in a row it may have (health-probes.md §5). */
export interface HealthRules {
  readonly generation: Generation;
  readonly intervalMs: number;
  readonly unhealthyThreshold: number;
}

/** A probe that came back. */
export interface EndedProbe {
  readonly verdict: Pick<ProbeVerdict, "outcome" | "kind" | "says">;
  /** By the clock that only goes up, as `nextProbeAtMs` is. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Epoch milliseconds of the end. */
  readonly atMs: number;
}

/** What the last probe came to, decided or not. */
interface LastProbe {
  readonly outcome: ProbeVerdict["outcome"];
  readonly kind: ProbeVerdictKind;
  readonly says: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A server going up or down, and the verdict that made it so. */
export interface HealthChange {
  readonly to: "up" | "down";
  readonly kind: ProbeVerdictKind;
  readonly says: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** What an instance of the gateway holds of one server under one backend setting; `afterProbe` makes the next of it. */
export interface ServerState {
  /** Whether the probes let it have requests; a server is down until its first success. */
  readonly up: boolean;
  /** Since the last success; counts on while the server is down. */
  readonly failuresInRow: number;
  readonly last: LastProbe | undefined;
  /** The latest, the newest last. The first success is a change; failures before it are none. */
  readonly changes: readonly HealthChange[];
  /** By the clock that only goes up. */
  readonly nextProbeAtMs: number;
}

/** Enough to see a server flapping. */
const keptChanges = 20;

/** First probes start within so much, so that those of a large gateway do not all start at once. */
const firstProbesWithinMs = 500;

/** v1 does not wait for the interval to confirm a failure. How long it does wait is not documented. */
const quickSuccessionMs = 500;

/** The rules of a plan. What lies outside the ranges, which Azure refuses, is taken as the nearest value inside. */
export function healthRulesOf(
  generation: Generation,
  { intervalS, unhealthyThreshold }: Pick<ProbePlan, "intervalS" | "unhealthyThreshold">,
): HealthRules {
  return {
    generation,
    intervalMs: within(intervalS, 1, 86_400) * 1000,
    unhealthyThreshold: Math.ceil(within(unhealthyThreshold, 1, 20)),
  };
}

/** Also for what is no number. */
function within(value: number, least: number, most: number): number {
  return value > least ? Math.min(value, most) : least;
}

/** Before the first probe. `jitter` is a part of the time in which first probes start: from 0 up to, but not, 1. */
export function initialState(nowMs: number, jitter: number): ServerState {
  return {
    up: false,
    failuresInRow: 0,
    last: undefined,
    changes: [],
    nextProbeAtMs: nowMs + jitter * firstProbesWithinMs,
  };
}

/**
 * After one more probe: one success brings a server up, `unhealthyThreshold` failures in a row take it down. A verdict that
 * is undecided is kept, and changes neither.
 */
export function afterProbe(state: ServerState, probe: EndedProbe, rules: HealthRules): ServerState {
  const { outcome, kind, says } = probe.verdict;
  const { atMs } = probe;
  const failed = outcome === "unhealthy" ? 1 : 0;
  const failuresInRow = outcome === "healthy" ? 0 : state.failuresInRow + failed;
  const up = outcome === "healthy" || (state.up && failuresInRow < rules.unhealthyThreshold);
  const change: HealthChange = { to: up ? "up" : "down", kind, says, atMs };
  return {
    up,
    failuresInRow,
    last: { outcome, kind, says, atMs },
    changes: up === state.up ? state.changes : [...state.changes, change].slice(-keptChanges),
    nextProbeAtMs: nextProbeAtMs(probe, failuresInRow, rules),
  };
}

/**
 * The interval is from start to start, and no probe starts before the one before it has ended: so a silent server is
 * down after interval × (threshold + 1) at most when the time-out is not longer than the interval, as is documented.
 */
function nextProbeAtMs(probe: EndedProbe, failuresInRow: number, rules: HealthRules): number {
  const confirms = probe.verdict.outcome === "unhealthy" && failuresInRow < rules.unhealthyThreshold;
  if (rules.generation === "v1" && confirms) return probe.endedMs + quickSuccessionMs;
  return Math.max(probe.startedMs + rules.intervalMs, probe.endedMs);
}

/** Whether any probe has told how the server is; until then it is down only because nobody knows. */
export function isKnown({ up, failuresInRow, changes }: ServerState): boolean {
  return up || failuresInRow > 0 || changes.length > 0;
}

/** Who of a pool gets requests under one backend setting. */
export interface InService<T> {
  readonly healthy: readonly T[];
  /** Down by their probes, treated as healthy all the same. */
  readonly kept: readonly T[];
}

/**
 * With `minServers` that many members are in service, whatever the probes say (health-probes.md §5). Which of those that
 * are down is not documented: here the first in the order of the pool, so that the same ones stay.
 */
export function inService<T>(
  members: readonly T[],
  isUp: (member: T) => boolean,
  minServers: number,
): InService<T> {
  const healthy = members.filter(isUp);
  const lacking = Math.max(0, minServers - healthy.length);
  const kept = lacking === 0 ? [] : members.filter((member) => !isUp(member)).slice(0, lacking);
  return { healthy, kept };
}
