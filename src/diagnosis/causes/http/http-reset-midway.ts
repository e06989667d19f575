import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { flipOf } from "../../experiment.ts";
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
import { withoutKeepAliveTrials } from "./asker-trials.ts";
import { type ClosedConnections, closedConnectionsOf } from "./closed-connections.ts";
import { repeatsOf, sporadicTrials } from "./repeats.ts";
import {
  askedWords,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

type Match =
  | { readonly by: "log"; readonly closed: ClosedConnections }
  | { readonly by: "live"; readonly seen: SeenLive; readonly how: Closing };

/**
 * `midway`: after an answer had begun. Before one, it is `sporadic` when another try went well, `kept` when one did that
 * asked the server to close the connection.
 */
type Closing = "midway" | "kept" | "sporadic" | "always" | "once";

export default defineCause({
  id: "http-reset-midway",
  title: "Backend closes the connection before it has answered",
  layer: "http",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: [
    "path-exact-trailing",
    "listener-shadowed",
    ...cutConnectionCauses,
    "keepalive-race",
    "idle-tcp",
    "timeout-network",
    "timeout-public-cap",
    "http-invalid-header",
    "http-header-too-big",
    "http-204-body",
    "http2-grpc-only",
    "backend-not-http",
  ],
  about: `A server takes the request and then closes or resets the connection without a whole answer: the program crashed, a
worker was recycled or hit a limit, the host restarted. The access log has 502 with \`UPSTREAM_CLOSED_CONNECTION\` and no
status of the server, not only after pauses. Health is good as long as probes do not meet the same. Live, an answer that
breaks off proves it, and so does a connection that is closed once and answered at another try; closed before any answer
and every time, it may as well be a server that expects another protocol.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    const decisions: Decision<Match>[] = [...withoutLog(facets), ...seenClosing(facets.live)];
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      const closed = closedConnectionsOf(seen);
      if (closed === undefined) {
        if (isSilentLog(seen)) decisions.push(withoutErrorInfo(gateway.id, seen));
      } else if (closed.afterIdle === undefined) {
        decisions.push({
          is: "found",
          key: seen.pair.id,
          match: { by: "log", closed },
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
  trials: ({ live }, failing) =>
    failing.kind === "http-cut"
      ? [...withoutKeepAliveTrials(live, failing), ...sporadicTrials(live, failing)]
      : [],
  say: (match): Statement => (match.by === "log" ? sayLog(match.closed) : sayLive(match)),
  fix: (match) => ({
    summary:
      match.by === "log"
        ? `Look for crashes, restarts and worker limits on the servers of pool ${match.closed.seen.pair.pool.name} at the times of these rows.`
        : `Look for crashes, restarts and worker limits on the servers of pool ${match.seen.pair.pool.name} when they are asked for ${askedWords(match.seen.exchanges[0])}.`,
    changes: [],
    sideEffects: [],
  }),
});

function seenClosing(live: Facets["live"]): Decision<Match>[] {
  return seenLive(live, ({ kind }) => kind === "http-cut").map((seen): Decision<Match> => {
    const how = closingOf(live, seen);
    return {
      is: "found",
      key: keyOfSeen(seen),
      match: { by: "live", seen, how },
      affects: seen.affects,
      effect: seen.effect,
      basis: closingBasis[how],
    };
  });
}

const closingBasis = {
  midway: "state",
  kept: "observed-likely",
  sporadic: "observed-likely",
  always: "observed-likely",
  once: "observed-possible",
} as const;

function closingOf(live: Facets["live"], { exchanges }: SeenLive): Closing {
  if (exchanges.every(({ observation }) => observation.http?.status !== undefined)) return "midway";
  if (exchanges.some((one) => flipOf(live, one, withoutKeepAliveTrials(live, one)) !== undefined))
    return "kept";
  const repeats = exchanges.map((failing) => repeatsOf(live, failing));
  if (repeats.some(({ sporadic }) => sporadic)) return "sporadic";
  return repeats.some(({ always }) => always) ? "always" : "once";
}

const closingWords: Readonly<Record<Closing, string>> = {
  midway: "in the middle of the answer to",
  kept: "unless they are asked to close it, before they have answered",
  sporadic: "at times before they have answered",
  always: "every time before they have answered",
  once: "before they have answered",
};

function sayLog({ seen, count, rows, paths }: ClosedConnections): Statement {
  return {
    summary: `Servers of pool ${seen.pair.pool.name} close the connection before they have answered ${pathNames(paths)}: ${count} of ${rows} requests got 502`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: rowEvidence(
      seen,
      ["upstream-closed"],
      (row) =>
        `${row.uri}: ${row.serverRouted} closed the connection after ${row.serverLatencyS ?? row.timeTakenS ?? 0} s, without a status`,
    ),
  };
}

function sayLive({ seen, how }: Extract<Match, { by: "live" }>): Statement {
  const { who, s } = serversOfSeen(seen);
  const words =
    s === "s"
      ? closingWords[how].replace("they have", "it has").replace("they are", "it is")
      : closingWords[how];
  return {
    summary: `${who} close${s} the connection ${words} ${askedWords(seen.exchanges[0])}`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}

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
