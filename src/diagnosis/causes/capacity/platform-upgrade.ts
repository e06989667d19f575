import type { ActivityObservation } from "../../../model/observations.ts";
import { idKey } from "../../../model/resource.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { activityExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { isDown, rowEvidence, undecided, withoutLog } from "../log-evidence.ts";
import {
  changeBehind,
  type GapBursts,
  gapBurstsOf,
  type PoolChange,
  poolChangesOf,
  wouldShowChanges,
} from "./pool-changes.ts";

interface Match extends GapBursts {
  readonly gateway: Facets["gateway"];
  readonly events: readonly PoolChange[];
}

export default defineCause({
  id: "platform-upgrade",
  title: "Platform maintenance of the gateway",
  layer: "capacity",
  decidedBy: ["log", "activity"],
  reads: ["gateway", "wiring", "traffic", "health", "activities", "hosts"],
  explainedBy: [...connectionCauses, "rollout-gap", "drain-too-short"],
  about: `The platform replaces the gateway's instances one after another for an upgrade. Nobody changed anything, Resource Health
or the activity log has an event of the platform, and a short burst of failures falls on it. Lasting failures since then
come from rules that allow single instance addresses, because the new instances have others (\`nsg-instance-ips\`); two or
more instances and connection draining make it pass unnoticed.`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    const { gateway, traffic, health, activities } = facets;
    const events = platformEvents(gateway.id, activities);
    for (const seen of traffic.pairs) {
      const gaps = isDown(health, seen.pair) ? undefined : gapBurstsOf(seen);
      if (gaps === undefined) continue;
      if (!wouldShowChanges(gaps, facets)) {
        decisions.push(withoutActivities(gateway.id, gaps));
        continue;
      }
      const changes = poolChangesOf(seen.pair, facets);
      const own = gaps.bursts.map((burst) =>
        changeBehind(burst, changes) === undefined ? changeBehind(burst, events) : undefined,
      );
      if (own.some((event) => event === undefined)) continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: { ...gaps, gateway, events: [...new Set(own.flatMap((event) => event ?? []))] },
        affects: { pairs: [seen.pair] },
        effect: "impairs",
        basis: "observed-possible",
      });
    }
    return decisions;
  },
  say: ({ gateway, seen, failed, rows, events }): Statement => ({
    summary: `The platform worked on gateway ${gateway.name} while ${failed} of ${rows} requests to pool ${seen.pair.pool.name} failed in a short burst that no change explains`,
    subjects: [gatewaySubject(gateway)],
    evidence: [
      ...events.map(({ activity, startMs }) =>
        evidence(`${activity.operation} at ${new Date(startMs).toISOString()}`, activity.source),
      ),
      ...rowEvidence(
        seen,
        ["no-live-server", "upstream-closed", "unreached", "gateway-error", "timeout-v2", "timeout-v1"],
        (row) => `${row.httpStatus} for ${row.uri} in that burst`,
      ),
    ],
  }),
  fix: ({ gateway, seen }) => ({
    summary: `Let gateway ${gateway.name} run at least two instances and drain connections of setting ${seen.pair.setting.name}, so that the next upgrade passes unnoticed.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Maintenance, and health events that the platform itself says it began. */
function platformEvents(gatewayId: string, activities: readonly ActivityObservation[]): PoolChange[] {
  const key = idKey(gatewayId);
  return activities
    .filter(({ operation, resourceId, source }) => {
      if (idKey(resourceId) !== key) return false;
      if (operation.startsWith("microsoft.servicehealth/maintenance")) return true;
      const details = source.object("eventProperties") ?? source.object("properties");
      return (
        operation.startsWith("microsoft.resourcehealth/") &&
        /^platforminitiated$/i.test(details?.text("cause") ?? "")
      );
    })
    .map((activity) => ({ activity, startMs: activity.timeMs, endMs: activity.timeMs }));
}

function withoutActivities(gatewayId: string, { seen, failed }: GapBursts): Decision<never> {
  return undecided(
    `whether the platform worked on the gateway when ${failed} requests to pool ${seen.pair.pool.name} failed: no activity log was exported`,
    activityExport(gatewayId),
    { pairs: [seen.pair] },
  );
}
