import type { Trial } from "../../experiment.ts";
import type { Failing, JudgedExchange, Live } from "../../live-evidence.ts";

/** How often a failure is asked again: enough to tell what comes and goes from what is always so. */
const times = 2;

/** The very same asked again on fresh connections. */
export function repeatTrials(failing: Failing): Trial[] {
  const { plan, observation } = failing;
  if (plan.manner.attempt !== 0) return [];
  const tookMs = observation.http?.endedMs ?? 0;
  return Array.from({ length: times }, (_, index): Trial => {
    const attempt = index + 1;
    return {
      what: "moment of asking",
      from: "once",
      to: attempt === 1 ? "again" : `${attempt} times more`,
      plan: { ...plan, manner: { ...plan.manner, attempt } },
      proof: "fine",
      risk: isHarmless(plan.method) ? "safe" : "all",
      costMs: Math.ceil(tookMs) + 200,
    };
  });
}

export function isHarmless(method: string | undefined): boolean {
  return method === undefined || ["GET", "HEAD", "OPTIONS"].includes(method);
}

export interface Repeats {
  readonly made: readonly JudgedExchange[];
  /** It was asked again as often as it is, and failed every time. */
  readonly always: boolean;
  /** It failed, and went well at another time. */
  readonly sporadic: boolean;
}

export function repeatsOf(live: Live, failing: Failing): Repeats {
  const made = repeatTrials(failing).flatMap(({ plan }) => live.outcome(failing, plan) ?? []);
  return {
    made,
    always: made.length === times && made.every(({ outcome }) => outcome === "failing"),
    sporadic: made.some(({ outcome }) => outcome === "fine"),
  };
}

/**
 * Repeats as trials: that it goes well at another time proves a fault that comes and goes. That it does not refutes
 * nothing, since most faults stay: there is then no trial.
 */
export function sporadicTrials(live: Live, failing: Failing): Trial[] {
  return repeatsOf(live, failing).always ? [] : repeatTrials(failing);
}
