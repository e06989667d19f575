import { statusMatches } from "../health/status-match.ts";
import type { HealthObservation, HealthReport, RowReading, TrafficLog } from "../model/observations.ts";
import type { Server } from "../routing/routes.ts";
import type { Facets } from "./facets.ts";
import { routeSituation, serverSituation, subnetSituation } from "./situation.ts";

/**
 * What of the old observations still holds after a change. A failure seen under another situation is dropped (it is
 * then not known how the server answers); an answer that was refused only for its status is judged by the new match;
 * successes stay: they are facts about the server.
 */
export function healthAfter(before: Facets, after: Facets, reports: readonly HealthReport[]): HealthReport[] {
  const replaced = new Map<HealthObservation, HealthObservation | undefined>();
  const readableAnew = subnetSituation(before) !== subnetSituation(after);
  const old = new Map(before.health.entries.map((entry) => [keyOf(entry.server), entry]));
  for (const pair of after.wiring.pairs) {
    for (const server of pair.servers) {
      const entry = old.get(keyOf(server));
      if (entry === undefined || entry.observation.health === "healthy") continue;
      const unread = entry.observation.health === "unknown" && readableAnew;
      if (unread || serverSituation(before, entry.server) !== serverSituation(after, server)) {
        replaced.set(entry.observation, undefined);
        continue;
      }
      const { received, phase } = entry.message;
      const accepted = after.plans.probe(server).healthyStatuses.value;
      if (phase === "http" && received !== undefined && statusMatches(accepted, received)) {
        replaced.set(entry.observation, { ...entry.observation, health: "healthy", log: "" });
      }
    }
  }
  return reports.map((report) => ({
    ...report,
    pairs: report.pairs.map((pair) => ({
      ...pair,
      servers: pair.servers.flatMap((seen) => {
        if (!replaced.has(seen)) return [seen];
        const now = replaced.get(seen);
        return now === undefined ? [] : [now];
      }),
    })),
  }));
}

/** Servers compare by pair and address: the objects differ between two models. */
export function keyOf(server: Server): string {
  const { pair, member, address } = server;
  return `${pair.id} ${member.ipConfiguration?.id ?? address ?? ""}`.toLowerCase();
}

const kept: ReadonlySet<RowReading> = new Set(["served", "client-closed", "no-listener"]);

/** Rows of routes whose situation changed keep only what was served. */
export function trafficAfter(
  before: Facets,
  after: Facets,
  log: TrafficLog | undefined,
): TrafficLog | undefined {
  if (log === undefined) return undefined;
  const now = new Map(after.wiring.routes.map((route) => [route.id, route]));
  const stale = new Set(
    before.wiring.routes
      .filter((route) => {
        const same = now.get(route.id);
        return same === undefined || routeSituation(before, route) !== routeSituation(after, same);
      })
      .flatMap((route) => before.traffic.ofRoute(route)),
  );
  return {
    ...log,
    observations: log.observations.map((seen) => {
      if (!stale.has(seen)) return seen;
      const readings = new Map([...seen.readings].filter(([reading]) => kept.has(reading)));
      const rows = [...readings.values()].reduce((sum, count) => sum + count, 0);
      return {
        ...seen,
        ...noFailures(readings),
        rows,
        servers: seen.servers.map((server) => ({ ...server, ...noFailures(server.readings) })),
        bursts: [],
        samples: seen.samples.filter(({ reading }) => kept.has(reading)),
      };
    }),
  };
}

function noFailures(readings: ReadonlyMap<RowReading, number>) {
  return {
    readings: new Map([...readings].filter(([reading]) => kept.has(reading))),
    failed: 0,
    failedServerStatuses: new Map<number, number>(),
    errorInfos: new Map<string, number>(),
    firstFailureMs: undefined,
    lastFailureMs: undefined,
    backendErrorLatency: new Map(),
    idleBeforeFailureS: [],
  };
}
