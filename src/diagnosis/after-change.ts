import { statusMatches } from "../health/status-match.ts";
import type { Change } from "../model/change.ts";
import type {
  HealthObservation,
  HealthReport,
  KeySummary,
  LiveExchange,
  RowReading,
  ServerTraffic,
  TrafficCounts,
  TrafficLog,
  TrafficObservation,
} from "../model/observations.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { parseResourceId } from "../model/resource.ts";
import type { Route, Server } from "../routing/routes.ts";
import { healthOf } from "./facets/health.ts";
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
  const reported = healthOf(before.gateway, before.wiring, reports, []);
  const old = new Map(reported.entries.map((entry) => [keyOf(entry.server), entry]));
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

/**
 * Live exchanges belong to what was sent: a change to the gateway alone changes what is planned, and another plan finds
 * other exchanges. Where the change is to what lies around a server, its failures are out of date.
 */
export function liveAfter(
  before: Facets,
  after: Facets,
  live: readonly LiveExchange[],
  changes: readonly Change[],
): readonly LiveExchange[] {
  if (live.length === 0 || changes.every(isToGateway)) return live;
  const old = new Map(serversIn(before).map((server) => [keyOf(server), server]));
  const stale = new Set<string>();
  for (const server of serversIn(after)) {
    const known = old.get(keyOf(server));
    if (known === undefined || server.address === undefined) continue;
    if (serverSituation(before, known) !== serverSituation(after, server))
      stale.add(server.address.toLowerCase());
  }
  return live.filter(
    ({ observation }) => !stale.has(observation.sent.target.toLowerCase()) || isSuccess(observation),
  );
}

function serversIn({ wiring }: Facets): readonly Server[] {
  return wiring.pairs.flatMap((pair) => pair.servers);
}

/** A change to a gateway or a part of it. */
export function isToGateway({ resourceId }: Change): boolean {
  return parseResourceId(resourceId).type.toLowerCase().startsWith("microsoft.network/applicationgateways");
}

function isSuccess({ tcp, tls, http }: ProbeObservation): boolean {
  if (tcp?.outcome !== "connected") return false;
  if (tls !== undefined && tls.outcome !== "established") return false;
  return http === undefined || (http.outcome === "answered" && (http.status ?? 500) < 400);
}

/** Servers compare by pair and address: the objects differ between two models. */
export function keyOf(server: Server): string {
  const { pair, member, address } = server;
  return `${pair.id} ${member.ipConfiguration?.id ?? address ?? ""}`.toLowerCase();
}

/** Rows of routes whose situation changed keep only what was served. */
export function trafficAfter(
  before: Facets,
  after: Facets,
  log: TrafficLog | undefined,
): TrafficLog | undefined {
  if (log === undefined) return undefined;
  const now = new Map(after.wiring.routes.map((route) => [route.id, route]));
  const changed = before.wiring.routes.filter((route) => {
    if (!failedOn(route, before)) return false;
    const same = now.get(route.id);
    return same === undefined || routeSituation(before, route) !== routeSituation(after, same);
  });
  const pairs = new Set(changed.flatMap(({ pair }) => pair ?? []));
  const stale = new Set<TrafficCounts>([
    ...changed.flatMap((route) => before.traffic.ofRoute(route)),
    ...before.traffic.pairs.flatMap(({ pair, counts }) => (pairs.has(pair) ? counts : [])),
  ]);
  return {
    ...log,
    observations: log.observations.map((seen) => {
      if (stale.has(seen)) return withoutFailures(seen);
      if (!seen.servers.some((server) => stale.has(server))) return seen;
      const servers = seen.servers.map((server) => (stale.has(server) ? servedBy(server) : server));
      return { ...seen, servers };
    }),
  };
}

/** Only failures can be out of date: what was served stays as it was seen. */
function failedOn(route: Route, { traffic }: Facets): boolean {
  const counts = route.pair === undefined ? [] : traffic.ofPair(route.pair);
  return [...traffic.ofRoute(route), ...counts].some(({ failed }) => failed > 0);
}

const kept: ReadonlySet<RowReading> = new Set(["served", "client-closed", "no-listener"]);

function withoutFailures(seen: TrafficObservation): TrafficObservation {
  return {
    ...seen,
    ...keptCounts(seen),
    servers: seen.servers.map(servedBy),
    backendErrorLatency: new Map(),
    instances: mapped(seen.instances, ({ rows, failed }) => ({ rows: rows - failed, failed: 0 })),
    hosts: mapped(seen.hosts, keptOfKey),
    uris: mapped(seen.uris, keptOfKey),
    minutes: seen.minutes.map((minute) => ({ ...minute, rows: minute.rows - minute.failed, failed: 0 })),
    bursts: [],
    samples: seen.samples.filter(({ reading }) => kept.has(reading)),
  };
}

function servedBy(server: ServerTraffic): ServerTraffic {
  return { ...server, ...keptCounts(server), earlierAttempts: 0, idleBeforeFailureS: [] };
}

function keptCounts({ readings, latency, timeTaken, rows, failed }: TrafficCounts) {
  return {
    rows: rows - failed,
    failed: 0,
    readings: keptOf(readings),
    latency: keptOf(latency),
    timeTaken: keptOf(timeTaken),
    failedServerStatuses: new Map<number, number>(),
    errorInfos: new Map<string, number>(),
    firstFailureMs: undefined,
    lastFailureMs: undefined,
  };
}

function keptOfKey(key: KeySummary): KeySummary {
  const { rows, failed, readings } = key;
  return { ...key, rows: rows - failed, failed: 0, readings: keptOf(readings), failedLatency: undefined };
}

function keptOf<T>(byReading: ReadonlyMap<RowReading, T>): Map<RowReading, T> {
  return new Map([...byReading].filter(([reading]) => kept.has(reading)));
}

function mapped<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): Map<K, V> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
