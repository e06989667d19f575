import { drainTimeS } from "../../../health/drain-time.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { DrainCutObservation } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { activityExport } from "../../exports.ts";
import type { PairTraffic } from "../../facets.ts";
import type { Evidence, FixProposal, Statement } from "../../finding.ts";
import { evidence, partId, settingSubject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import {
  countOf,
  failuresOf,
  isDown,
  latenciesOf,
  rowEvidence,
  rowsOf,
  seconds,
  undecided,
  withoutLog,
} from "../log-evidence.ts";
import { cutWhileDraining, type DrainCut } from "./draining.ts";
import {
  areChangesRare,
  type GapBursts,
  gapBurstsOf,
  poolChangesOf,
  wouldShowChanges,
} from "./pool-changes.ts";

interface Match {
  readonly gateway: Gateway;
  readonly pair: Pair;
  readonly cut: Pick<DrainCut, "count" | "shortestS" | "longestS">;
  /** How many requests there were; undefined = only those that were cut are known. */
  readonly among: number | undefined;
  /** How long requests of the pair took that were served. */
  readonly servedS: readonly number[];
  readonly evidence: readonly Evidence[];
}

export default defineCause({
  id: "drain-too-short",
  title: "Long requests cut when a server is taken out",
  layer: "capacity",
  decidedBy: ["log", "activity"],
  reads: ["gateway", "wiring", "traffic", "health", "activities", "hosts", "drainCuts"],
  explainedBy: connectionCauses,
  about: `A server that is removed from the pool gets no new requests, but those that run may finish, for as long as connection
draining lasts: 30 s when it is off, otherwise \`drainTimeoutInSec\`. Requests that take longer are cut. The log shows
closed connections only at writes of the gateway, and only on requests that had been running for that long. \`causeway
run\` knows which requests it ended so itself, and its \`/explain\` tells.`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    const { gateway, wiring, traffic, health, drainCuts } = facets;
    if (drainCuts.length > 0)
      return wiring.pairs.flatMap((pair) => endedByGateway(gateway, pair, drainCuts) ?? []);
    for (const seen of traffic.pairs) {
      const own = endedByLog(gateway, seen, isDown(health, seen.pair));
      if (own !== undefined) {
        decisions.push(own);
        continue;
      }
      const gaps = isDown(health, seen.pair) ? undefined : gapBurstsOf(seen);
      if (gaps === undefined) continue;
      const changes = poolChangesOf(seen.pair, facets);
      if (changes.length === 0) {
        if (wereLong(gaps) && !wouldShowChanges(gaps, facets))
          decisions.push(withoutActivities(gateway.id, gaps));
        continue;
      }
      const cut = areChangesRare(changes, gaps) ? cutWhileDraining(gaps, changes) : undefined;
      if (cut === undefined) continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: inLog(gateway, gaps, cut),
        affects: { pairs: [seen.pair] },
        effect: "impairs",
        basis: cut.changes.length > 1 ? "observed-likely" : "observed-possible",
      });
    }
    return decisions;
  },
  say: ({ pair: { setting, pool }, cut, among, evidence: told }): Statement => ({
    summary: `Setting ${setting.name} lets running requests finish for ${drainTimeS(setting)} s when a server of pool ${pool.name} is taken out: ${cut.count}${among === undefined ? "" : ` of ${among}`} requests, which had been running for ${seconds(cut.shortestS)} or more, were cut then`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(
        setting.connectionDraining?.enabled === true
          ? `drainTimeoutInSec is ${drainTimeS(setting)}`
          : "connection draining is off, which leaves 30 s",
        setting.source.at("connectionDraining"),
      ),
      ...told,
    ],
  }),
  fix: (match) => fixDraining(match),
});

/** The longest draining Azure takes (gateway-resource.md §4.6). */
const longestDrainS = 3600;

function fixDraining({ gateway, pair: { setting }, cut, servedS }: Match): FixProposal {
  const longest = Math.max(cut.longestS, ...servedS);
  const value = Math.min(longestDrainS, Math.ceil((1.5 * longest) / 10) * 10);
  return {
    summary: `Let requests through setting ${setting.name} finish for ${value} s when a server is taken out.`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "connectionDraining",
        value: { enabled: true, drainTimeoutInSec: value },
      },
    ],
    sideEffects: [
      `A server that is taken out has to stay up for ${value} s, and rollouts take that much longer.`,
    ],
    notVerifiable: "only the next change of the pool shows it",
  };
}

function inLog(gateway: Gateway, { seen }: GapBursts, cut: DrainCut): Match {
  return {
    gateway,
    pair: seen.pair,
    cut,
    among: rowsOf(seen),
    servedS: latenciesOf(seen, "served").map(({ maxS }) => maxS),
    evidence: [
      ...cut.changes
        .slice(0, 3)
        .map(({ activity, startMs }) =>
          evidence(`${activity.operation} at ${new Date(startMs).toISOString()}`, activity.source),
        ),
      ...rowEvidence(
        seen,
        ["upstream-closed"],
        (row) => `${row.uri} was cut after ${row.serverLatencyS ?? row.timeTakenS} s`,
      ),
    ],
  };
}

/** Our own gateway knows what it ended, and why. */
function endedByGateway(
  gateway: Gateway,
  pair: Pair,
  all: readonly DrainCutObservation[],
): Decision<Match> | undefined {
  const cuts = all.filter(
    ({ poolId, settingId }) => poolId === pair.pool.id && settingId === pair.setting.id,
  );
  if (cuts.length === 0) return undefined;
  const ranS = cuts.map((one) => one.ranS);
  const told = cuts
    .slice(0, 3)
    .map((one) =>
      evidence(
        `the gateway ended what had been running at ${one.address} for ${seconds(one.ranS)}: the server had left the pool, and its drain time was over`,
        one.source,
      ),
    );
  return {
    is: "found",
    key: pair.id,
    match: {
      gateway,
      pair,
      cut: { count: cuts.length, shortestS: Math.min(...ranS), longestS: Math.max(...ranS) },
      among: undefined,
      servedS: [],
      evidence: told,
    },
    affects: { pairs: [pair] },
    effect: "impairs",
    basis: "state",
  };
}

/** What else failed is then no more than happens anyway. */
const leastOfFailures = 0.8;

/** The same by its log: the rows say that it was the gateway who ended them. */
function endedByLog(gateway: Gateway, seen: PairTraffic, down: boolean): Decision<Match> | undefined {
  const latencies = latenciesOf(seen, "drained");
  const count = countOf(seen, ["drained"]);
  if (latencies.length === 0) return undefined;
  const shortestS = Math.min(...latencies.map(({ minS }) => minS));
  const longestS = Math.max(...latencies.map(({ maxS }) => maxS));
  // What was cut has this long now.
  if (drainTimeS(seen.pair.setting) > longestS + 1) return undefined;
  const failed = seen.counts.reduce((sum, one) => sum + one.failed, 0);
  const isMain = !down && failuresOf(seen, ["drained"]) !== undefined && count >= leastOfFailures * failed;
  return {
    is: "found",
    key: seen.pair.id,
    match: {
      gateway,
      pair: seen.pair,
      cut: { count, shortestS, longestS },
      among: rowsOf(seen),
      servedS: latenciesOf(seen, "served").map(({ maxS }) => maxS),
      evidence: rowEvidence(
        seen,
        ["drained"],
        (row) =>
          `the gateway ended ${row.uri} at ${row.serverRouted} after ${seconds(row.timeTakenS ?? 0)}: the server had left the pool, and its drain time was over`,
      ),
    },
    affects: { pairs: [seen.pair] },
    // Otherwise it is told beside what else there is.
    effect: isMain ? "impairs" : "threatens",
    basis: "state",
  };
}

function wereLong({ seen }: GapBursts): boolean {
  const latencies = latenciesOf(seen, "upstream-closed");
  return latencies.length > 0 && latencies.every(({ minS }) => minS >= 0.9 * drainTimeS(seen.pair.setting));
}

function withoutActivities(gatewayId: string, { seen, failed }: GapBursts): Decision<never> {
  return undecided(
    `whether servers of pool ${seen.pair.pool.name} were taken out when ${failed} long requests were cut: the activity log has no write of the gateway`,
    activityExport(gatewayId),
    { pairs: [seen.pair] },
  );
}
