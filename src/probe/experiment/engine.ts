import { exchangeKey } from "../../health/exchange-key.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import type { Clock } from "../clock.ts";
import { SendLimiter } from "../limits.ts";

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
  readonly durationMs: number;
}

export interface ExperimentsMade {
  readonly made: number;
  /** What was wanted in the end and not made, and why. */
  readonly leftOut: { readonly risk: number; readonly count: number; readonly time: number };
}

export interface ExperimentMeans {
  /** Sends one and keeps what it sees; false when it cannot be sent at all. */
  readonly send: (experiment: ExperimentToMake) => Promise<boolean>;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

const bounds = { total: 8, perServer: 2 } as const;

/**
 * Makes experiments until nothing more is wanted or the budget is used up. `next` is asked anew after every round, so that
 * what one has settled is not asked again: of every group of failures only the cheapest is made at a time. Nothing is
 * sent twice. Rejects with the signal's reason when that is aborted.
 */
export async function makeExperiments(
  next: () => readonly ExperimentToMake[],
  budget: ExperimentBudget,
  { send, clock, signal }: ExperimentMeans,
): Promise<ExperimentsMade> {
  const limiter = new SendLimiter(bounds);
  const startedMs = clock.nowMs();
  const sent = new Set<string>();
  let made = 0;
  for (;;) {
    signal?.throwIfAborted();
    const wanted = next().filter(({ target, plan }) => !sent.has(exchangeKey(target, plan) + plan.timeoutMs));
    const leftMs = budget.durationMs - (clock.nowMs() - startedMs);
    const affordable = affordableOf(wanted, budget, leftMs);
    const round = cheapestOfEach(affordable.now).slice(0, Math.max(0, budget.count - made));
    if (round.length === 0) {
      const { risk, time } = affordable;
      return { made, leftOut: { risk, time, count: affordable.now.length } };
    }
    for (const { target, plan } of round) sent.add(exchangeKey(target, plan) + plan.timeoutMs);
    const results = await Promise.all(
      round.map((one) => limiter.run(one.target.toLowerCase(), () => send(one), signal)),
    );
    made += results.filter(Boolean).length;
  }
}

function affordableOf(wanted: readonly ExperimentToMake[], { mode }: ExperimentBudget, leftMs: number) {
  const allowed = wanted.filter(({ risk }) => mode === "all" || (mode === "safe" && risk === "safe"));
  const now = allowed.filter(({ costMs }) => costMs <= leftMs);
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
  for (const one of byGroup.values()) once.set(exchangeKey(one.target, one.plan) + one.plan.timeoutMs, one);
  return [...once.values()];
}
