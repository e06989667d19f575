import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { accessLogExport } from "../../exports.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import type { Affects, Statement } from "../../finding.ts";
import { poolSubject } from "../../statements.ts";
import { gapBurstsOf } from "../capacity/pool-changes.ts";
import { cutConnectionCauses } from "../families.ts";
import {
  countOf,
  failuresOf,
  isDown,
  pathNames,
  rowEvidence,
  undecided,
  withoutLog,
} from "../log-evidence.ts";
import { type ClosedConnections, closedConnectionsOf } from "./closed-connections.ts";

export default defineCause({
  id: "http-reset-midway",
  title: "Backend closes the connection before it has answered",
  layer: "http",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: [
    ...cutConnectionCauses,
    "keepalive-race",
    "idle-tcp",
    "timeout-public-cap",
    "http-invalid-header",
    "http-header-too-big",
    "http-204-body",
    "http2-grpc-only",
    "backend-not-http",
  ],
  about: `A server takes the request and then closes or resets the connection without a whole answer: the program crashed, a
worker was recycled or hit a limit, the host restarted. The access log has 502 with \`UPSTREAM_CLOSED_CONNECTION\` and no
status of the server, not only after pauses. Health is good as long as probes do not meet the same.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    const decisions: Decision<ClosedConnections>[] = withoutLog(facets);
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      const closed = closedConnectionsOf(seen);
      if (closed === undefined) {
        if (isSilentLog(seen)) decisions.push(withoutErrorInfo(gateway.id, seen));
      } else if (closed.afterIdle === undefined) {
        decisions.push({
          is: "found",
          key: seen.pair.id,
          match: closed,
          affects: closersOf(seen, facets.traffic),
          effect: "impairs",
          // Short bursts with service around them may be rollouts that no activity log shows.
          basis:
            countOf(seen, ["served"]) > 0 && gapBurstsOf(seen) === undefined
              ? "observed-likely"
              : "observed-possible",
        });
      }
    }
    return decisions;
  },
  say: ({ seen, count, rows, paths }): Statement => ({
    summary: `Servers of pool ${seen.pair.pool.name} close the connection before they have answered ${pathNames(paths)}: ${count} of ${rows} requests got 502`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: rowEvidence(
      seen,
      ["upstream-closed"],
      (row) =>
        `${row.uri}: ${row.serverRouted} closed the connection after ${row.serverLatencyS ?? row.timeTakenS ?? 0} s, without a status`,
    ),
  }),
  fix: ({ seen }) => ({
    summary: `Look for crashes, restarts and worker limits on the servers of pool ${seen.pair.pool.name} at the times of these rows.`,
    changes: [],
    sideEffects: [],
  }),
});

/** The servers that closed, where rows and pool agree on their names; otherwise the pair. */
function closersOf({ pair, servers }: PairTraffic, traffic: Facets["traffic"]): Affects {
  if (servers.filter(({ readings }) => readings.has("upstream-closed")).length > 64) return { pairs: [pair] };
  const closers: Server[] = pair.servers.filter((server) =>
    traffic.ofServer(server).some(({ readings }) => readings.has("upstream-closed")),
  );
  return closers.length > 0 ? { servers: closers } : { pairs: [pair] };
}

/** 502s that reached a server, in a log of v2 whose rows have no `error_info`. */
function isSilentLog(seen: PairTraffic): boolean {
  const named = seen.counts.some(({ errorInfos }) => errorInfos.size > 0);
  const v2 = seen.observations.some(({ version }) => version === "v2");
  return v2 && !named && failuresOf(seen, ["gateway-error"]) !== undefined;
}

function withoutErrorInfo(gatewayId: string, seen: PairTraffic): Decision<never> {
  return undecided(
    `why ${countOf(seen, ["gateway-error"])} requests to pool ${seen.pair.pool.name} got 502: the rows lack error_info`,
    accessLogExport(gatewayId),
    { pairs: [seen.pair] },
  );
}
