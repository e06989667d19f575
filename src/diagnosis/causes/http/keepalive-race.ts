import type { ServerTraffic } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";

interface Match {
  readonly pair: Pair;
  readonly closed: number;
  readonly rows: number;
  /** Shortest idle time after which a reused connection was found closed, and the longest that still served. */
  readonly idleS: number;
  readonly sample: { readonly document: string; readonly line: number } | undefined;
}

/** Below this many failures after idling, chance explains it as well. */
const enough = 3;

export default defineCause({
  id: "keepalive-race",
  title: "Backend closes idle connections the gateway reuses",
  layer: "http",
  decidedBy: ["log"],
  reads: ["wiring", "traffic", "health"],
  explainedBy: ["rollout-gap"],
  about: `The backend closes a kept-alive connection after its own idle time; the gateway, which keeps it longer, sends the
next request into the closing connection and gets a reset. Sporadic 502s at low traffic, the first request after a
pause, no trace in the application's log, health always Healthy. The backend's keep-alive time has to be longer than
the gateway's (more than 120 s).`,
  find: ({ wiring, traffic, health }) =>
    wiring.pairs.flatMap((pair): Decision<Match>[] => {
      if (health.pair(pair).unhealthy > 0) return [];
      const seen = traffic.ofPair(pair);
      const idle = seen.flatMap(({ servers }) => servers.flatMap((server) => server.idleBeforeFailureS));
      const closed = seen.reduce((sum, one) => sum + (one.readings.get("upstream-closed") ?? 0), 0);
      const afterIdle = idle.filter((seconds) => seconds > 1);
      if (closed < enough || afterIdle.length < enough || afterIdle.length < 0.8 * closed) return [];
      const idleS = Math.min(...afterIdle);
      if (
        servedAfter(
          seen.flatMap(({ servers }) => servers),
          idleS,
        )
      )
        return [];
      const sample = seen
        .flatMap(({ samples }) => samples)
        .find(({ reading }) => reading === "upstream-closed");
      const rows = seen.reduce((sum, one) => sum + one.rows, 0);
      return [
        {
          is: "found",
          key: pair.id,
          match: { pair, closed, rows, idleS, sample },
          affects: { pairs: [pair] },
          effect: "impairs",
          basis: "observed-likely",
        },
      ];
    }),
  say: ({ pair, closed, rows, idleS, sample }): Statement => ({
    summary: `Servers of pool ${pair.pool.name} close connections that were idle for ${idleS} s or more while the gateway reuses them: ${closed} of ${rows} requests got 502`,
    subjects: [poolSubject(pair.pool), settingSubject(pair.setting)],
    evidence:
      sample === undefined
        ? []
        : [
            evidence(
              `${closed} rows with UPSTREAM_CLOSED_CONNECTION, each the first request to its server after ${idleS} s or more without one; this is the first`,
              { document: sample.document, pointer: `line ${sample.line}` },
            ),
          ],
  }),
  fix: ({ pair }) => ({
    summary: `Raise the keep-alive (idle) time-out of the servers of pool ${pair.pool.name} above 120 s.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Requests that were served after longer pauses speak against the race. */
function servedAfter(servers: readonly ServerTraffic[], idleS: number): boolean {
  const served = servers.flatMap(({ idleBeforeServedS }) => idleBeforeServedS);
  return served.filter((seconds) => seconds >= idleS).length > served.length * 0.05 + 1;
}
