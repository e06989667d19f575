import type { Cause } from "./cause.ts";
import type { Experiment, Provocation } from "./experiment.ts";
import type { Facets } from "./facets.ts";

/** What became of the provocations of one cause. */
export interface Provoked {
  /** The fault showed. */
  readonly shown: readonly Experiment[];
  readonly vain: readonly Experiment[];
  /** What nobody has sent yet. */
  readonly open: readonly Provocation[];
}

export function provokedBy(cause: Cause, facets: Facets): Provoked {
  const results = (cause.provocations?.(facets) ?? []).map((provocation) => ({
    provocation,
    experiment: experimentOf(provocation, facets),
  }));
  const made = results.flatMap(({ experiment }) => experiment ?? []);
  return {
    shown: made.filter(({ flipped }) => flipped),
    vain: made.filter(({ flipped }) => !flipped),
    open: results.flatMap(({ provocation, experiment }) => (experiment === undefined ? [provocation] : [])),
  };
}

function experimentOf({ from, trial }: Provocation, { live }: Facets): Experiment | undefined {
  const after = live.outcome(from, trial.plan, trial.reckoning);
  if (after === undefined || after.outcome === "undecided") return undefined;
  return { ...trial, before: from, after, flipped: after.outcome === "failing", constancy: "constant" };
}
