import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Trial } from "./experiment.ts";
import type { Failing, JudgedExchange, Live } from "./live-evidence.ts";

/**
 * Whether a change made a failure go away, or the moment did. `constant`: the change helped again, and then, unchanged, it
 * still failed; or it is of a kind that no moment explains. `by-chance`: the change did not help again, or unchanged it
 * went well too. `unconfirmed`: not asked again yet.
 */
export type Constancy = "constant" | "by-chance" | "unconfirmed";

/** A change that helped once. */
export interface OnceHelped {
  readonly failing: Failing;
  readonly trial: Trial;
  readonly after: JudgedExchange;
  /** Whether an exchange that ended so has the change to thank for it. */
  readonly helps: (after: JudgedExchange) => boolean;
}

export function constancyOf(live: Live, once: OnceHelped): Constancy {
  if (isLasting(once)) return "constant";
  if (comesAndGoes(live, once.failing)) return "by-chance";
  if (isSettled(once)) return "constant";
  const again = changedAgain(live, once);
  if (again === undefined || again.outcome === "undecided") return "unconfirmed";
  if (!once.helps(again)) return "by-chance";
  return unchangedSince(live, once.failing, again) === undefined ? "unconfirmed" : "constant";
}

/** The same failure was seen to go well, with nothing changed. */
export function comesAndGoes(live: Live, failing: Failing): boolean {
  return attempts.some((attempt) => live.outcome(failing, unchanged(failing, attempt))?.outcome === "fine");
}

/**
 * What would tell the change from the moment: it is asked once more with the change, and after that once more without.
 * Undefined when both were asked already.
 */
export function confirmationOf(live: Live, once: OnceHelped): Trial | undefined {
  const { failing, trial, after } = once;
  const again = changedAgain(live, once);
  if (again === undefined) {
    return { ...trial, plan: repeated(trial.plan, 1), costMs: tookMs(after) + margin };
  }
  if (!once.helps(again) || unchangedSince(live, failing, again) !== undefined) return undefined;
  const attempt = attempts.find((one) => live.outcome(failing, unchanged(failing, one)) === undefined);
  if (attempt === undefined) return undefined;
  const plan = unchanged(failing, attempt);
  const costMs = Math.min(plan.timeoutMs, tookMs(failing) + margin);
  return { ...trial, what: "moment of asking", from: "at first", to: "again", plan, costMs };
}

/** Repeats of one plan that are looked for; other experiments may have made the first of them. */
const attempts = [1, 2, 3, 4, 5] as const;
const margin = 200;
/** Silence as long as this is the same silence: a packet that was lost would have been sent again. */
const silenceMs = 2_000;

function changedAgain(live: Live, { failing, trial }: OnceHelped): JudgedExchange | undefined {
  return live.outcome(failing, repeated(trial.plan, 1));
}

/** The unchanged exchange, failing at or after the moment of another. */
function unchangedSince(live: Live, failing: Failing, since: JudgedExchange): JudgedExchange | undefined {
  return attempts
    .map((attempt) => live.outcome(failing, unchanged(failing, attempt)))
    .find(
      (one) => one?.outcome === "failing" && one.observation.startedAtMs >= since.observation.startedAtMs,
    );
}

function unchanged({ plan, kind }: Failing, attempt: number): ExchangePlan {
  const timeoutMs = kind.endsWith("timed-out") ? Math.min(plan.timeoutMs, silenceMs) : plan.timeoutMs;
  return { ...repeated(plan, attempt), timeoutMs };
}

function repeated(plan: ExchangePlan, more: number): ExchangePlan {
  return { ...plan, manner: { ...plan.manner, attempt: plan.manner.attempt + more } };
}

/** What a server says of itself at every moment alike. */
const lasting: ReadonlySet<JudgedExchange["kind"]> = new Set([
  "certificate",
  "client-certificate-wanted",
  "tls-not-tls",
]);

/** No matter of moments; or the moment is what was changed. */
function isLasting({ failing, trial }: OnceHelped): boolean {
  return trial.what === "moment of asking" || lasting.has(failing.kind);
}

/** Nothing was sent for it; or the answer, when it was waited for, came later than it would have been waited for. */
function isSettled({ failing, trial, after }: OnceHelped): boolean {
  if (trial.reckoning !== undefined) return true;
  return trial.what === "time-out" && tookMs(after) > failing.plan.timeoutMs;
}

function tookMs({ observation: { tcp, tls, http } }: JudgedExchange): number {
  return Math.ceil(http?.endedMs ?? (tcp?.tookMs ?? 0) + (tls?.tookMs ?? 0));
}
