import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { poolSubject, settingSubject } from "../../statements.ts";
import { cutConnectionCauses } from "../families.ts";
import { isDown, rowEvidence, seconds, withoutLog } from "../log-evidence.ts";
import { type AfterIdle, type ClosedConnections, closedConnectionsOf } from "./closed-connections.ts";

interface Match extends ClosedConnections {
  readonly afterIdle: AfterIdle;
}

/** The only idle time of the gateway that is published is 75 s towards clients; above this it is certainly safe. */
const safeKeepAliveS = 120;

export default defineCause({
  id: "keepalive-race",
  title: "Backend closes idle connections the gateway reuses",
  layer: "http",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: cutConnectionCauses,
  about: `The backend closes a kept-alive connection after its own idle time; the gateway, which keeps it longer, sends the
next request into the closing connection and gets a reset. Sporadic 502s at low traffic, the first request after a
pause, no trace in the application's log, health always Healthy. The backend's keep-alive time has to be longer than
the gateway's (more than 120 s).`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) {
      if (isDown(facets.health, seen.pair)) continue;
      const closed = closedConnectionsOf(seen);
      if (closed?.afterIdle === undefined) continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: { ...closed, afterIdle: closed.afterIdle },
        affects: { pairs: [seen.pair] },
        effect: "impairs",
        basis: closed.afterIdle.compared ? "observed-likely" : "observed-possible",
      });
    }
    return decisions;
  },
  say: ({ seen, count, rows, afterIdle }): Statement => ({
    summary: `Servers of pool ${seen.pair.pool.name} close connections ${pauseOf(afterIdle)} while the gateway reuses them: ${count} of ${rows} requests got 502`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: rowEvidence(
      seen,
      ["upstream-closed"],
      (row) =>
        `${row.serverRouted} closed the connection at once; this is the first of ${count} such rows, which come ${pauseOf(afterIdle)}`,
    ),
  }),
  fix: ({ seen }) => ({
    summary: `Raise the keep-alive (idle) time-out of the servers of pool ${seen.pair.pool.name} above ${safeKeepAliveS} s.`,
    changes: [],
    sideEffects: [],
  }),
});

function pauseOf({ aboutS, fromS }: AfterIdle): string {
  return aboutS === undefined
    ? `after ${seconds(fromS)} or more without a request`
    : `after about ${seconds(aboutS)} without a request`;
}
