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
  /** What went well before, and was changed to make a fault show. */
  readonly provoked: boolean;
  /** It went well then, or got further before the next thing failed, or failed: as before, or because of the change. */
  readonly ended: "well" | "further" | "alike" | "ill";
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
    provoked: before.outcome === "fine",
    ended: endOf({ before, after, flipped }),
  };
}

function endOf({ before, after, flipped }: Pick<Experiment, "before" | "after" | "flipped">) {
  if (after.outcome === "fine") return "well";
  if (before.outcome === "fine") return "ill";
  return flipped ? "further" : "alike";
}
