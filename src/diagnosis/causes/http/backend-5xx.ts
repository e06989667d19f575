import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { groupedBy, listed, poolSubject, seenEvidence, serverNames } from "../../statements.ts";
import { requestCauses, wrongServerCauses } from "../families.ts";
import { isDown, pathNames, routesWith, rowEvidence, withoutLog } from "../log-evidence.ts";
import { type BackendErrors, backendErrorsOf } from "./backend-errors.ts";

type Match =
  | { readonly by: "log"; readonly errors: readonly [BackendErrors, ...BackendErrors[]] }
  | { readonly by: "health"; readonly entries: readonly [HealthEntry, ...HealthEntry[]] };

export default defineCause({
  id: "backend-5xx",
  title: "Backend itself answers 5xx",
  layer: "http",
  decidedBy: ["log", "health"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts"],
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
answers its probe so, it is marked down as well. The reason is in the log of the application.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    return [
      ...withoutLog(facets),
      ...probesAnswered(health),
      ...traffic.pairs.flatMap((seen): Decision<Match>[] => {
        if (isDown(health, seen.pair)) return [];
        const [first, ...rest] = backendErrorsOf(seen, {
          gateway,
          services: facets.services,
          hosts: facets.hosts,
        }).filter(({ innerLimitS, proxy }) => innerLimitS === undefined && proxy === undefined);
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
  say: (match): Statement => (match.by === "log" ? sayLog(match.errors) : sayProbes(match.entries)),
  fix: (match) => ({
    summary:
      match.by === "log"
        ? `Find the reason of the ${match.errors[0].status} in the log of the application behind pool ${match.errors[0].seen.pair.pool.name}.`
        : `Find out why the application on ${serverNames(match.entries.map(({ server }) => server))} answers ${match.entries[0].message.received}.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Servers that answer their probe with 5xx. 501 is a refusal of the method (`probe-method`). */
function probesAnswered(health: Facets["health"]): Decision<Match>[] {
  const answered = health.unhealthy.filter(
    ({ message }) =>
      message.phase === "http" &&
      message.received !== undefined &&
      message.received >= 500 &&
      message.received !== 501,
  );
  return groupedBy(answered, ({ server }) => server.pair.id).map(([id, entries]) => {
    const servers: Server[] = entries.map(({ server }) => server);
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
