import {
  type Activity,
  type ActivityCounts,
  type FailureCounts,
  failureKey,
  type RouteCounts,
  type ServerCounts,
} from "./activity.ts";
import type { LatencyCell } from "./latencies.ts";

/** What one process counted, as plain data. */
export interface ActivityFigures {
  readonly routes: readonly (readonly [route: string, counts: RouteCounts])[];
  readonly servers: readonly (readonly [pair: string, member: string, counts: ServerCounts])[];
  /** Those of the last minutes. */
  readonly failures: readonly FailureCounts[];
}

export function activityFigures(
  activity: Pick<Activity, "route" | "routeIds" | "servers" | "failures">,
  nowMs: number,
): ActivityFigures {
  return {
    routes: activity.routeIds().flatMap((id) => {
      const counts = activity.route(id);
      return counts === undefined ? [] : [[id, counts] as const];
    }),
    servers: activity.servers(),
    failures: activity.failures(nowMs),
  };
}

/** What several processes counted, together. */
export class ActivitySum implements ActivityCounts {
  readonly #routes = new Map<string, RouteCounts>();
  readonly #servers = new Map<string, ServerCounts>();
  readonly #failures = new Map<string, FailureCounts>();

  constructor(all: readonly ActivityFigures[]) {
    for (const { routes, servers, failures } of all) {
      for (const [id, counts] of routes) merge(this.#routes, id, counts, routesSum);
      for (const [pair, member, counts] of servers)
        merge(this.#servers, serverKey(pair, member), counts, serversSum);
      for (const counts of failures) merge(this.#failures, failureKey(counts), counts, failuresSum);
    }
  }

  route(route: string): RouteCounts | undefined {
    return this.#routes.get(route);
  }

  routeIds(): readonly string[] {
    return [...this.#routes.keys()];
  }

  server(pair: string, member: string): ServerCounts | undefined {
    return this.#servers.get(serverKey(pair, member));
  }

  servers(): ActivityFigures["servers"] {
    return [...this.#servers].map(([key, counts]) => {
      const [pair = "", member = ""] = key.split("\u0000");
      return [pair, member, counts];
    });
  }

  failures(): readonly FailureCounts[] {
    return [...this.#failures.values()];
  }
}

function merge<T>(into: Map<string, T>, key: string, one: T, sum: (a: T, b: T) => T): void {
  const known = into.get(key);
  into.set(key, known === undefined ? one : sum(known, one));
}

const serverKey = (pair: string, member: string): string => `${pair}\u0000${member}`;

function routesSum(a: RouteCounts, b: RouteCounts): RouteCounts {
  const statuses = { ...a.statuses };
  for (const group of ["1xx", "2xx", "3xx", "4xx", "5xx", "other"] as const)
    statuses[group] += b.statuses[group];
  return {
    requests: a.requests + b.requests,
    statuses,
    badGateways: a.badGateways + b.badGateways,
    latency: latencySum(a.latency, b.latency),
  };
}

function serversSum(a: ServerCounts, b: ServerCounts): ServerCounts {
  return {
    attempts: a.attempts + b.attempts,
    failed: a.failed + b.failed,
    latency: latencySum(a.latency, b.latency),
  };
}

/** With what the last one of all was. */
function failuresSum(a: FailureCounts, b: FailureCounts): FailureCounts {
  const last = a.atMs >= b.atMs ? a : b;
  return { ...last, recent: a.recent + b.recent, total: a.total + b.total };
}

function latencySum(a: readonly LatencyCell[], b: readonly LatencyCell[]): readonly LatencyCell[] {
  const counts = new Map<number, number>(a);
  for (const [upToMs, count] of b) counts.set(upToMs, (counts.get(upToMs) ?? 0) + count);
  return [...counts].sort(([one], [other]) => one - other);
}
