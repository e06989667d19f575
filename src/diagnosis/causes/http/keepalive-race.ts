import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence, Statement } from "../../finding.ts";
import { evidence, poolSubject, sentWords, settingSubject } from "../../statements.ts";
import { cutConnectionCauses } from "../families.ts";
import { isDown, rowEvidence, seconds, withoutLog } from "../log-evidence.ts";
import { type AfterIdle, type ClosedConnections, closedConnectionsOf } from "./closed-connections.ts";
import { type IdleSeen, idleProvocation, idleSeen } from "./idle-reuse.ts";

interface Match extends ClosedConnections {
  readonly afterIdle: AfterIdle;
  readonly idle: IdleSeen | undefined;
}

/** The only idle time of the gateway that is published is 75 s towards clients; above this it is certainly safe. */
const safeKeepAliveS = 120;

export default defineCause({
  id: "keepalive-race",
  title: "Backend closes idle connections the gateway reuses",
  layer: "http",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: cutConnectionCauses,
  about: `The backend closes a kept-alive connection after its own idle time; the gateway, which keeps it longer, sends the
next request into the closing connection and gets a reset. Sporadic 502s at low traffic, the first request after a
pause, no trace in the application's log, health always Healthy. Live, a connection is left idle for as long as the log
says, and the server is seen closing it; that alone proves nothing, since every server does so at some time. The backend's
keep-alive time has to be longer than the gateway's (more than 120 s).`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    for (const closed of suspects(facets)) {
      const { seen, afterIdle } = closed;
      const idle = idleSeen(facets.live, seen.pair, afterIdle);
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: { ...closed, idle },
        affects: { pairs: [seen.pair] },
        effect: "impairs",
        basis: afterIdle.compared && idle?.agrees !== false ? "observed-likely" : "observed-possible",
      });
    }
    return decisions;
  },
  provocations: (facets) =>
    suspects(facets).flatMap(({ seen, afterIdle }) => {
      const closedOtherwise = idleSeen(facets.live, seen.pair, afterIdle);
      const known = closedOtherwise?.closedAfterMs !== undefined && !closedOtherwise.agrees;
      return known ? [] : (idleProvocation(facets.live, seen.pair, afterIdle) ?? []);
    }),
  say: ({ seen, count, rows, afterIdle, idle }): Statement => ({
    summary: `Servers of pool ${seen.pair.pool.name} close connections ${pauseOf(afterIdle)} while the gateway reuses them: ${count} of ${rows} requests got 502`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: [
      ...rowEvidence(
        seen,
        ["upstream-closed"],
        (row) =>
          `${row.serverRouted} closed the connection at once; this is the first of ${count} such rows, which come ${pauseOf(afterIdle)}`,
      ),
      ...(idle === undefined ? [] : [idleEvidence(idle)]),
    ],
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

/** Pairs of which the log shows connections that are closed after a pause. */
function suspects({
  traffic,
  health,
}: Pick<Facets, "traffic" | "health">): (ClosedConnections & { readonly afterIdle: AfterIdle })[] {
  return traffic.pairs.flatMap((seen) => {
    const closed = isDown(health, seen.pair) ? undefined : closedConnectionsOf(seen);
    return closed?.afterIdle === undefined ? [] : [{ ...closed, afterIdle: closed.afterIdle }];
  });
}

function idleEvidence({ exchange, closedAfterMs }: IdleSeen): Evidence {
  const hint = exchange.observation.http?.headers.find(({ name }) => name.toLowerCase() === "keep-alive");
  const said = hint === undefined ? "" : ` (it says Keep-Alive: ${hint.value})`;
  const what =
    closedAfterMs === undefined
      ? "the connection stayed open and took a second one"
      : `the server closed the idle connection after ${seconds(closedAfterMs / 1000)}`;
  return evidence(`${sentWords(exchange)}, and then ${what}${said}`, exchange.source);
}
