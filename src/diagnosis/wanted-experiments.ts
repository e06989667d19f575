import type { CauseId } from "./cause-ids.ts";
import { causes } from "./causes/all.ts";
import { comesAndGoes } from "./constancy.ts";
import { confirmationFor, type Trial } from "./experiment.ts";
import { type FailingGroup, failingGroups } from "./failing-groups.ts";
import type { Judged, Judgement } from "./judge.ts";
import type { JudgedExchange } from "./live-evidence.ts";
import { concerns, groupResult, speaksFor } from "./prove.ts";
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
  return failingGroups(facets.live).flatMap((group) => wantedFor(group, { facets, findings }));
}

function wantedFor(
  group: FailingGroup,
  judgement: Pick<Judgement, "facets" | "findings">,
): WantedExperiment[] {
  const { facets, findings } = judgement;
  const all = causes.map((cause) => ({ cause, result: groupResult(cause, group, facets) }));
  const confirmations = all.flatMap(({ cause, result: { flip } }): WantedExperiment[] => {
    const trial = flip && confirmationFor(facets.live, flip);
    return trial === undefined || flip === undefined
      ? []
      : [{ group: group.key, cause: cause.id, from: flip.before, trial }];
  });
  if (confirmations.length > 0) return confirmations;
  const unsteady =
    all.some(({ result }) => result.byChance) ||
    group.members.some((failing) => comesAndGoes(facets.live, failing));
  const proven = findings.filter((finding) => explains(finding, group));
  const results = all.filter(({ cause: { id } }) =>
    proven.every((finding) => explainersOf(finding.cause).includes(id)),
  );
  const healing = results.flatMap(({ result: { flip } }) => (flip?.after.outcome === "fine" ? [flip] : []));
  if (healing.length > 0) {
    const [first, ...rest] = group.members.filter((one) => !healing.some((flip) => speaksFor(flip, one)));
    return first === undefined ? [] : wantedFor({ ...group, members: [first, ...rest] }, judgement);
  }
  return results.flatMap(({ cause, result }) =>
    result.open
      .filter(({ trial }) => trial.reckoning === undefined)
      // Of what comes and goes, no other change would prove anything.
      .filter(({ trial }) => !unsteady || trial.what === "moment of asking")
      .map(({ failing, trial }) => ({ group: group.key, cause: cause.id, from: failing, trial })),
  );
}

/** Whether a proven root stands on every one of these failures. */
function explains({ role, certainty, affects, effect }: Judged, { members }: FailingGroup): boolean {
  if (role !== "root" || certainty !== "proven" || !concerns(effect, members[0])) return false;
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
