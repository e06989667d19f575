import type { Experiment } from "../../diagnosis/experiment.ts";
import type { Finding } from "../../diagnosis/finding.ts";

/** One experiment in words. */
export interface ShownExperiment {
  /** `Host shop.contoso.com instead of 127.0.0.1` */
  readonly change: string;
  /** Nothing was sent for it: the same answer was judged again. */
  readonly reckoned: boolean;
  readonly before: string;
  readonly after: string;
  readonly helped: boolean;
}

/** The experiments of a finding that helped; with `all`, those in vain too. */
export function shownExperiments({ experiments }: Finding, all: boolean): readonly ShownExperiment[] {
  const shown = experiments.filter(({ flipped }) => all || flipped);
  const helped = shown.some(({ flipped }) => flipped);
  // One that helped says it all; of those in vain a few show what was tried.
  return shown.slice(0, all ? shown.length : helped ? 2 : 3).map(inWords);
}

function inWords({ what, from, to, reckoning, before, after, flipped }: Experiment): ShownExperiment {
  return {
    change: `${what} ${to} instead of ${from}`,
    reckoned: reckoning !== undefined,
    before: before.says,
    after: after.says,
    helped: flipped,
  };
}
