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
  /** It went well then, or got further before the next thing failed. */
  readonly ended: "well" | "further" | "alike";
}

/** The experiments of a finding that helped; with `all`, those in vain too. */
export function shownExperiments({ experiments }: Finding, all: boolean): readonly ShownExperiment[] {
  const helped = experiments.some(({ flipped }) => flipped);
  const wanted = experiments.filter(({ flipped }) => all || flipped || !helped);
  // Probe and request that were changed alike are one experiment to people.
  const once = new Map(wanted.map(inWords).map((shown) => [`${shown.change} ${shown.before}`, shown]));
  const shown = [...once.values()];
  // One that helped says it all; of those in vain a few show what was tried.
  return all ? shown : shown.slice(0, helped ? 2 : 3);
}

function inWords({ what, from, to, reckoning, before, after, flipped }: Experiment): ShownExperiment {
  return {
    change: `${what} ${to} instead of ${from}`,
    reckoned: reckoning !== undefined,
    before: before.says,
    after: after.says,
    helped: flipped,
    ended: after.outcome === "fine" ? "well" : flipped ? "further" : "alike",
  };
}
