import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { groupedBy, listed, poolSubject, seenEvidence, serverNames } from "../../statements.ts";
import { requestCauses, wrongServerCauses } from "../families.ts";
import { isDown, pathNames, routesWith, rowEvidence, withoutLog } from "../log-evidence.ts";
import { withheldTrials } from "./asker-trials.ts";
import { type BackendErrors, backendErrorsOf } from "./backend-errors.ts";
import { errorStatusOf, innerLimitMs, isOfSeenProxy, proxyOf } from "./live-errors.ts";
import { repeatsOf, sporadicTrials } from "./repeats.ts";
import {
  askedWords,
  isRequest,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

type Match =
  | { readonly by: "log"; readonly errors: readonly [BackendErrors, ...BackendErrors[]] }
  | { readonly by: "health"; readonly entries: readonly [HealthEntry, ...HealthEntry[]] }
  | { readonly by: "live"; readonly seen: SeenLive; readonly sporadic: boolean };

export default defineCause({
  id: "backend-5xx",
  title: "Backend itself answers 5xx",
  layer: "http",
  decidedBy: ["log", "health", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts", "live"],
  explainedBy: [
    "path-exact-trailing",
    "listener-shadowed",
    ...requestCauses,
    ...wrongServerCauses,
    "probe-default-host",
    "probe-default-root",
    "probe-host",
    "probe-path",
    "rollout-gap",
  ],
  about: `The gateway did its work: a server was reached and answered 500, 502, 503 or 504 itself, and the gateway passed that on.
The access log has the same value in \`serverStatus\` and \`httpStatus\`, and the page is not the gateway's. When the server
answers its probe so, it is marked down as well. Live, a request that is sent past the gateway gets the same error, at
times or always; that another Host or path would be answered better is tried before. The reason is in the log of the
application.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    return [
      ...withoutLog(facets),
      ...probesAnswered(health, facets.live),
      ...requestsAnswered(facets.live),
      ...traffic.pairs.flatMap((seen): Decision<Match>[] => {
        if (isDown(health, seen.pair)) return [];
        const [first, ...rest] = backendErrorsOf(seen, {
          gateway,
          services: facets.services,
          hosts: facets.hosts,
        }).filter(
          ({ innerLimitS, proxy, status }) =>
            innerLimitS === undefined &&
            proxy === undefined &&
            !isOfSeenProxy(facets.live, seen.pair, status),
        );
        if (first === undefined) return [];
        return [
          {
            is: "found",
            key: seen.pair.id,
            match: { by: "log", errors: [first, ...rest] },
            affects: { routes: routesWith(traffic, seen.pair, ["backend-error"]) },
            effect: "impairs",
            basis: "observed-likely",
            status: first.status,
          },
        ];
      }),
    ];
  },
  trials: ({ live }, failing) =>
    isOwnError(live, failing) ? [...withheldTrials(live, failing), ...sporadicTrials(live, failing)] : [],
  say: (match): Statement => {
    if (match.by === "live") return sayRequests(match);
    return match.by === "log" ? sayLog(match.errors) : sayProbes(match.entries);
  },
  fix: (match) => ({ summary: whatToDo(match), changes: [], sideEffects: [] }),
});

function whatToDo(match: Match): string {
  switch (match.by) {
    case "log": {
      const [{ status, seen }] = match.errors;
      return `Find the reason of the ${status} in the log of the application behind pool ${seen.pair.pool.name}.`;
    }
    case "health":
      return `Find out why the application on ${serverNames(match.entries.map(({ server }) => server))} answers ${match.entries[0].message.received}.`;
    case "live": {
      const [first] = match.seen.exchanges;
      return `Find the reason of the ${first.status} to ${askedWords(first)} in the log of the application behind pool ${match.seen.pair.pool.name}.`;
    }
  }
}

/** An error of the application, as far as it shows: neither of a proxy behind it nor of a time-out in there. */
function isOwnError(live: Facets["live"], failing: Failing): boolean {
  return (
    errorStatusOf(failing) !== undefined &&
    proxyOf(failing) === undefined &&
    innerLimitMs(live, failing) === undefined
  );
}

/** Requests that were replayed; what stands for a route when none is given need not be asked for by anybody. */
function requestsAnswered(live: Facets["live"]): Decision<Match>[] {
  // What a probe shows as well is told of the probe.
  const probed = (failing: Failing): boolean => {
    const probe = live.probe(failing.server);
    return probe?.outcome === "failing" && isOwnError(live, probe);
  };
  const seen = seenLive(
    live,
    (failing) => isRequest(failing) && isOwnError(live, failing) && !probed(failing),
  );
  return seen.map((one): Decision<Match> => {
    const sporadic = one.exchanges.some((failing) => repeatsOf(live, failing).sporadic);
    const asked = one.exchanges.some((failing) => isRequest(failing) && !failing.madeUp);
    return {
      is: "found",
      key: keyOfSeen(one),
      match: { by: "live", seen: one, sporadic },
      affects: one.affects,
      effect: "impairs",
      basis: asked || sporadic ? "observed-likely" : "observed-possible",
      status: one.exchanges[0].status ?? 500,
    };
  });
}

function sayRequests({ seen, sporadic }: Extract<Match, { by: "live" }>): Statement {
  const [first] = seen.exchanges;
  const { who, s } = serversOfSeen(seen);
  const how = sporadic ? `at times with ${first.status}` : `with ${first.status}`;
  return {
    summary: `${who} ${s === "s" ? "itself answers" : "themselves answer"} ${askedWords(first)} ${how}; the gateway only passes that on`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}

/** Servers that answer their probe with 5xx. 501 is a refusal of the method (`probe-method`). */
function probesAnswered(health: Facets["health"], seen: Facets["live"]): Decision<Match>[] {
  const answered = health.unhealthy.filter(
    ({ message, live }) =>
      message.phase === "http" &&
      message.received !== undefined &&
      message.received >= 500 &&
      message.received !== 501 &&
      (live === undefined || isOwnError(seen, live)),
  );
  return groupedBy(answered, ({ server }) => server.pair.id).map(([id, entries]) => {
    const servers = entries.map(({ server }) => server);
    return {
      is: "found",
      key: `${id}/probe`,
      match: { by: "health", entries: entries as [HealthEntry, ...HealthEntry[]] },
      affects: { servers },
      effect: "stops-probes",
      basis: "observed-likely",
    };
  });
}

function sayLog(errors: readonly [BackendErrors, ...BackendErrors[]]): Statement {
  const [{ seen, rows, paths }] = errors;
  const { pair } = seen;
  const count = errors.reduce((sum, one) => sum + one.count, 0);
  const statuses = errors.map(({ status }) => String(status));
  return {
    summary: `The servers of pool ${pair.pool.name} themselves answer ${pathNames(paths)} with ${listed(statuses)}: ${count} of ${rows} requests; the gateway only passes that on`,
    subjects: [poolSubject(pair.pool)],
    evidence: rowEvidence(
      seen,
      ["backend-error"],
      (row) =>
        `${row.uri}: ${row.serverRouted} answered ${row.serverStatus}, the client got ${row.httpStatus}`,
    ),
  };
}

function sayProbes(entries: readonly [HealthEntry, ...HealthEntry[]]): Statement {
  const [first] = entries;
  const { pool } = first.server.pair;
  const statuses = [...new Set(entries.map(({ message }) => String(message.received)))];
  return {
    summary: `${serverNames(entries.map(({ server }) => server))} of pool ${pool.name} ${entries.length === 1 ? "answers its probe" : "answer their probes"} with ${listed(statuses)}: the application there fails`,
    subjects: [poolSubject(pool)],
    evidence: [seenEvidence(first)],
  };
}
