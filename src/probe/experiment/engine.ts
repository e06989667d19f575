import { exchangeKey } from "../../health/exchange-key.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import { SendLimiter, sendBounds } from "../limits.ts";
import type { TimeLimit } from "../time-limit.ts";

/** One change to a failing exchange that would tell a cause from its rivals. */
export interface ExperimentToMake {
  /** Failures that are alike: of each, one experiment at a time is made, since it may settle the failure. */
  readonly group: string;
  readonly target: string;
  readonly plan: ExchangePlan;
  readonly risk: "safe" | "all";
  /** What it takes at most. */
  readonly costMs: number;
}

export interface ExperimentBudget {
  /** `off`: none are made. `safe`: only those that send GET, HEAD or OPTIONS where probes and requests go anyway. */
  readonly mode: "off" | "safe" | "all";
  readonly count: number;
  /** For all of them; what is under way then is given up. */
  readonly durationMs: number;
}

export interface ExperimentsMade {
  readonly made: number;
  /** What was wanted in the end and not made, and why. */
  readonly leftOut: { readonly risk: number; readonly count: number; readonly time: number };
}

export interface ExperimentMeans {
  /** Sends one and keeps what it sees; false when it cannot be sent at all. */
  readonly send: (experiment: ExperimentToMake, signal: AbortSignal) => Promise<boolean>;
  /** The time of the budget, running. */
  readonly time: TimeLimit;
}

/**
 * Makes experiments until nothing more is wanted or the budget is used up. `next` is asked anew after every round, so that
 * what one has settled is not asked again: of every group of failures only the cheapest is made at a time. Nothing is
 * sent twice. Rejects with the reason of the signal that the time was made with when that is aborted.
 */
export async function makeExperiments(
  next: () => readonly ExperimentToMake[],
  budget: ExperimentBudget,
  { send, time }: ExperimentMeans,
): Promise<ExperimentsMade> {
  const limiter = new SendLimiter(sendBounds);
  const sent = new Set<string>();
  let made = 0;
  for (;;) {
    time.throwIfAborted();
    const wanted = next().filter((one) => !sent.has(keyOf(one)));
    const affordable = affordableOf(wanted, budget, time.leftMs);
    const round = cheapestOfEach(affordable.now).slice(0, Math.max(0, budget.count - made));
    if (round.length === 0) {
      const { risk, time } = affordable;
      return { made, leftOut: { risk, time, count: affordable.now.length } };
    }
    const results = await Promise.all(
      round.map((one) =>
        time.within((signal) => limiter.run(one.target.toLowerCase(), () => send(one, signal), signal)),
      ),
    );
    for (const [index, one] of round.entries()) if (results[index] !== undefined) sent.add(keyOf(one));
    made += results.filter(Boolean).length;
  }
}

function keyOf({ target, plan }: ExperimentToMake): string {
  return exchangeKey(target, plan) + plan.timeoutMs;
}

function affordableOf(wanted: readonly ExperimentToMake[], { mode }: ExperimentBudget, leftMs: number) {
  const allowed = wanted.filter(({ risk }) => mode === "all" || (mode === "safe" && risk === "safe"));
  const now = leftMs === 0 ? [] : allowed.filter(({ costMs }) => costMs <= leftMs);
  return { now, risk: wanted.length - allowed.length, time: allowed.length - now.length };
}

/** The cheapest of every group; of equals, the one named first. What serves several groups is made once. */
function cheapestOfEach(wanted: readonly ExperimentToMake[]): readonly ExperimentToMake[] {
  const byGroup = new Map<string, ExperimentToMake>();
  for (const one of wanted) {
    const known = byGroup.get(one.group);
    if (known === undefined || one.costMs < known.costMs) byGroup.set(one.group, one);
  }
  const once = new Map<string, ExperimentToMake>();
  for (const one of byGroup.values()) once.set(keyOf(one), one);
  return [...once.values()];
}
