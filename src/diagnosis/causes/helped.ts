import type { Server } from "../../routing/routes.ts";
import { type Experiment, flipOf, type Trial } from "../experiment.ts";
import { failingGroups } from "../failing-groups.ts";
import type { Effect } from "../finding.ts";
import type { Failing, Live } from "../live-evidence.ts";

/** Failures that are alike, and the change that made them go away for one of them. */
export interface Helped {
  readonly experiment: Experiment;
  readonly members: readonly Failing[];
}

/** What experiments showed of live failures: for every kind of failure the first of these trials that helped. */
export function helpedBy(live: Live, trials: (failing: Failing) => readonly Trial[]): Helped[] {
  return failingGroups(live).flatMap(({ members }): Helped[] => {
    for (const failing of members) {
      const experiment = flipOf(live, failing, trials(failing));
      if (experiment !== undefined) return [{ experiment, members }];
    }
    return [];
  });
}

/** Every server once, in order. */
export function serversAmong(failing: readonly Failing[]): readonly Server[] {
  return [...new Set(failing.map(({ server }) => server))];
}

/** What a fault does that these failures show: of requests alone, probes are fine; otherwise nothing gets through. */
export function effectSeen(failing: readonly Failing[]): Effect {
  return failing.some(({ plan }) => plan.purpose === "probe") ? "stops" : "stops-requests";
}
