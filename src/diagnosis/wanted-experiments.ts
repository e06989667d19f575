import type { CauseId } from "./cause-ids.ts";
import { causes } from "./causes/all.ts";
import type { Trial } from "./experiment.ts";
import { failingGroups } from "./failing-groups.ts";
import type { Judgement } from "./judge.ts";
import type { Failing } from "./live-evidence.ts";
import { groupResult } from "./prove.ts";
import { serversOf } from "./weigh.ts";

/** A trial that would tell a cause from its rivals. */
export interface WantedExperiment {
  /** Failures that are alike: of each only one trial at a time is needed. */
  readonly group: string;
  readonly cause: CauseId;
  readonly failing: Failing;
  readonly trial: Trial;
}

/**
 * The trials that could still decide something: for every failure that no proven cause explains, those of all causes
 * that it may come from, in the order of the catalogue.
 */
export function wantedExperiments({
  facets,
  findings,
}: Pick<Judgement, "facets" | "findings">): WantedExperiment[] {
  return failingGroups(facets.live).flatMap((group): WantedExperiment[] => {
    const [failing] = group.members;
    const proven = findings.some(
      ({ role, certainty, affects }) =>
        role === "root" &&
        certainty === "proven" &&
        (affects.gateway ||
          group.members.every(
            (one) =>
              serversOf(affects).includes(one.server) ||
              ("route" in one && (affects.routes ?? []).includes(one.route)),
          )),
    );
    if (proven) return [];
    const results = causes.map((cause) => ({ cause, result: groupResult(cause, group, facets) }));
    if (results.some(({ result }) => result.flip?.after.outcome === "fine")) return [];
    return results.flatMap(({ cause, result }) =>
      result.open
        .filter(({ reckoning }) => reckoning === undefined)
        .map((trial) => ({ group: group.key, cause: cause.id, failing, trial })),
    );
  });
}
