import type { CauseId } from "./cause-ids.ts";
import { causes } from "./causes/all.ts";
import type { Trial } from "./experiment.ts";
import { type FailingGroup, failingGroups } from "./failing-groups.ts";
import type { Judged, Judgement } from "./judge.ts";
import type { JudgedExchange } from "./live-evidence.ts";
import { groupResult } from "./prove.ts";
import { provokedBy } from "./provoked.ts";
import { serversOf } from "./weigh.ts";

/** A trial that would tell a cause from its rivals. */
export interface WantedExperiment {
  /** Failures that are alike: of each only one trial at a time is needed. */
  readonly group: string;
  readonly cause: CauseId;
  /** What is changed: a failure, or what goes well where a fault is to be provoked. */
  readonly from: JudgedExchange;
  readonly trial: Trial;
}

/**
 * The trials that could still decide something: for every failure that no proven cause explains, those of all causes
 * that it may come from, in the order of the catalogue. Where a cause is proven, only what would explain that one away
 * is still worth knowing.
 */
export function wantedExperiments(judgement: Pick<Judgement, "facets" | "findings">): WantedExperiment[] {
  return [...wantedTrials(judgement), ...wantedProvocations(judgement)];
}

function wantedProvocations({ facets }: Pick<Judgement, "facets">): WantedExperiment[] {
  return causes.flatMap((cause) =>
    provokedBy(cause, facets).open.map(({ from, trial }) => ({
      group: `${cause.id} ${from.server.pair.id}`,
      cause: cause.id,
      from,
      trial,
    })),
  );
}

function wantedTrials({ facets, findings }: Pick<Judgement, "facets" | "findings">): WantedExperiment[] {
  return failingGroups(facets.live).flatMap((group): WantedExperiment[] => {
    const proven = findings.filter((finding) => explains(finding, group));
    const results = causes
      .filter(({ id }) => proven.every((finding) => explainersOf(finding.cause).includes(id)))
      .map((cause) => ({ cause, result: groupResult(cause, group, facets) }));
    if (results.some(({ result }) => result.flip?.after.outcome === "fine")) return [];
    return results.flatMap(({ cause, result }) =>
      result.open
        .filter(({ trial }) => trial.reckoning === undefined)
        .map(({ failing, trial }) => ({ group: group.key, cause: cause.id, from: failing, trial })),
    );
  });
}

/** Whether a proven root stands on every one of these failures. */
function explains({ role, certainty, affects }: Judged, { members }: FailingGroup): boolean {
  if (role !== "root" || certainty !== "proven") return false;
  if (affects.gateway) return true;
  return members.every(
    (one) =>
      serversOf(affects).includes(one.server) ||
      ("route" in one && (affects.routes ?? []).includes(one.route)),
  );
}

function explainersOf(id: CauseId): readonly CauseId[] {
  return causes.find((cause) => cause.id === id)?.explainedBy ?? [];
}
