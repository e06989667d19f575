import { type Decision, defineCause } from "../../cause.ts";
import { activityExport } from "../../exports.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { isDown, rowEvidence, undecided, withoutLog } from "../log-evidence.ts";
import { cutWhileDraining } from "./draining.ts";
import {
  absencesOf,
  areChangesRare,
  changeBehind,
  type GapBursts,
  gapBurstsOf,
  type PoolChange,
  poolChangesOf,
  wouldShowChanges,
} from "./pool-changes.ts";

interface Match extends GapBursts {
  /** The changes behind the bursts, each once. */
  readonly changes: readonly PoolChange[];
}

export default defineCause({
  id: "rollout-gap",
  title: "Servers gone before the gateway knows",
  layer: "capacity",
  decidedBy: ["log", "activity"],
  reads: ["gateway", "wiring", "traffic", "health", "activities", "hosts"],
  explainedBy: [...connectionCauses, "drain-too-short"],
  about: `A deployment replaces servers: the ingress controller, a script or a scale set takes the old ones away, and for the
40 seconds or so in which the gateway applies the new pool it still sends requests to them. The log shows short bursts
of 502 and 504 with good service before and after, each at a write of the gateway or a rollout of the scale set. Keep old
servers answering (a preStop delay, draining, overlap) for longer than the gateway needs.`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) decisions.push(...gapsOf(seen, facets));
    return decisions;
  },
  say: ({ seen, failed, rows, bursts, changes }): Statement => ({
    summary: `Pool ${seen.pair.pool.name} loses requests when its servers are changed: ${failed} of ${rows} failed in ${bursts.length === 1 ? "one burst" : `${bursts.length} bursts`}, each at ${changes.some(({ activity }) => activity.operation.includes("compute")) ? "a rollout of its scale set" : "a write of the gateway"}`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: [
      ...changes
        .slice(0, 3)
        .map(({ activity, startMs }) =>
          evidence(`${activity.operation} at ${new Date(startMs).toISOString()}`, activity.source),
        ),
      ...rowEvidence(
        seen,
        ["no-live-server", "upstream-closed", "unreached", "gateway-error", "timeout-v2", "timeout-v1"],
        (row) => `${row.httpStatus} for ${row.uri} in such a burst`,
      ),
    ],
  }),
  fix: ({ seen }) => ({
    summary: `Let old servers of pool ${seen.pair.pool.name} answer for two minutes more after they were taken out (preStop delay, draining, overlap of old and new).`,
    changes: [],
    sideEffects: [],
  }),
});

type Read = Pick<Facets, "gateway" | "health" | "activities" | "hosts">;

function gapsOf(seen: PairTraffic, facets: Read): Decision<Match>[] {
  if (isDown(facets.health, seen.pair)) return [];
  const gaps = gapBurstsOf(seen);
  if (gaps === undefined) {
    const absences = absencesOf(seen);
    if (absences === undefined || wouldShowChanges(absences, facets)) return [];
    return [withoutActivities(facets.gateway.id, absences)];
  }
  const changes = poolChangesOf(seen.pair, facets);
  if (changes.length === 0) {
    return wouldShowChanges(gaps, facets) ? [] : [withoutActivities(facets.gateway.id, gaps)];
  }
  if (cutWhileDraining(gaps, changes) !== undefined || !areChangesRare(changes, gaps)) return [];
  const behind = gaps.bursts.map((burst) => changeBehind(burst, changes));
  if (behind.some((change) => change === undefined)) return [];
  const known = [...new Set(behind.flatMap((change) => change ?? []))];
  return [
    {
      is: "found",
      key: seen.pair.id,
      match: { ...gaps, changes: known },
      affects: { pairs: [seen.pair] },
      effect: "impairs",
      basis: known.length > 1 ? "observed-likely" : "observed-possible",
    },
  ];
}

function withoutActivities(gatewayId: string, { seen, bursts, failed }: GapBursts): Decision<never> {
  return undecided(
    `whether the ${bursts.length === 1 ? "burst" : `${bursts.length} bursts`} of ${failed} failures of pool ${seen.pair.pool.name} fell on changes of its servers: the activity log has no write of the gateway`,
    activityExport(gatewayId),
    { pairs: [seen.pair] },
  );
}
