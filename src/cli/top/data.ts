import type {
  ActivityReport,
  FailureActivity,
  RouteActivity,
  ServerActivity,
} from "../../gateway/admin/activity-report.ts";
import type { StatusGroup } from "../../gateway/metrics/activity.ts";
import type { LatencyCell } from "../../gateway/metrics/latencies.ts";

/** How busy something is. Null: one look is not enough for a rate, or nothing came that could be measured. */
export interface Traffic {
  readonly requestsPerS: number | null;
  readonly serverErrorsPerS: number | null;
  readonly badGatewaysPerS: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface TopRoute extends Traffic {
  readonly route: string | null;
  readonly pool: string | null;
  readonly setting: string | null;
  readonly leadsTo: RouteActivity["leadsTo"];
  /** Of the requests that the rates are of, by the first digit of their status. */
  readonly statuses: Readonly<Record<StatusGroup, number>>;
  /** What most failures of the last minutes came from. */
  readonly mainCause: MainCause | null;
}

/** A null `cause`: nothing tells, but perhaps why there was no server. */
export interface MainCause extends Pick<FailureActivity, "cause" | "noServer"> {
  readonly count: number;
}

export interface TopServer {
  readonly pair: string;
  readonly address: string | null;
  /** `kept`: down by its probes and in service all the same, for `minServers`. `aside`: it failed too often just now. */
  readonly state: "up" | "down" | "kept" | "aside" | "draining" | "disabled" | "leaving";
  readonly cause: string | null;
  readonly says: string;
  readonly busy: number;
  readonly attemptsPerS: number | null;
  readonly failedPerS: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What `causeway top` shows. */
export interface TopData {
  readonly format: "causeway/top/v1";
  readonly at: string;
  readonly since: string;
  readonly gateway: ActivityReport["gateway"];
  readonly connections: number;
  /** What the rates are over; null: there are none yet. */
  readonly overS: number | null;
  readonly total: Traffic;
  readonly routes: readonly TopRoute[];
  readonly servers: readonly TopServer[];
  readonly recentMinutes: number;
  readonly failures: readonly FailureActivity[];
}

/** What came between two answers of the same run of a gateway; without `before`, what stands. */
export function topDataOf(before: ActivityReport | undefined, now: ActivityReport): TopData {
  const { at, since, gateway, connections, recentMinutes, failures } = now;
  const tookS = before === undefined ? 0 : (Date.parse(at) - Date.parse(before.at)) / 1000;
  const overS = tookS > 0 ? tookS : null;
  const routes = now.routes.map((route) => {
    const old = before?.routes.find((one) => one.route === route.route);
    return { route, since: sinceThen(old, route) };
  });
  return {
    format: "causeway/top/v1",
    at,
    since,
    gateway,
    connections,
    overS,
    total: trafficOf(
      routes.map((one) => one.since),
      overS,
    ),
    routes: routes
      .filter((one) => one.route.served || one.since.requests > 0)
      .map((one) => topRoute(one.route, one.since, overS, failures)),
    servers: now.servers.map((server) => {
      const old = before?.servers.find((one) => one.pair === server.pair && one.address === server.address);
      return topServer(old, server, overS);
    }),
    recentMinutes,
    failures,
  };
}

type Counts = Pick<RouteActivity, "requests" | "statuses" | "badGateways" | "latency">;

/** What has been counted since `old`. */
function sinceThen(old: Counts | undefined, now: Counts): Counts {
  if (old === undefined) return now;
  const { statuses } = now;
  const left = (group: StatusGroup): number => more(old.statuses[group], statuses[group]);
  return {
    requests: more(old.requests, now.requests),
    statuses: {
      "1xx": left("1xx"),
      "2xx": left("2xx"),
      "3xx": left("3xx"),
      "4xx": left("4xx"),
      "5xx": left("5xx"),
      other: left("other"),
    },
    badGateways: more(old.badGateways, now.badGateways),
    latency: cellsSince(old.latency, now.latency),
  };
}

const more = (old: number, now: number): number => Math.max(0, now - old);

function cellsSince(old: readonly LatencyCell[], now: readonly LatencyCell[]): readonly LatencyCell[] {
  const before = new Map(old);
  return now.map(([upToMs, count]) => [upToMs, more(before.get(upToMs) ?? 0, count)]);
}

function trafficOf(all: readonly Counts[], overS: number | null): Traffic {
  const perS = (count: (counts: Counts) => number): number | null =>
    overS === null ? null : all.reduce((sum, counts) => sum + count(counts), 0) / overS;
  const cells = all.flatMap(({ latency }) => latency);
  return {
    requestsPerS: perS(({ requests }) => requests),
    serverErrorsPerS: perS(({ statuses }) => statuses["5xx"]),
    badGatewaysPerS: perS(({ badGateways }) => badGateways),
    ...percentiles(overS === null ? [] : cells),
  };
}

function percentiles(cells: readonly LatencyCell[]): Pick<Traffic, "p50Ms" | "p99Ms"> {
  const sorted = [...cells].sort(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  const quantile = (part: number): number | null => {
    let below = 0;
    for (const [upToMs, count] of sorted) {
      below += count;
      if (count > 0 && below >= all * part) return upToMs;
    }
    return null;
  };
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

function topRoute(
  { route, pool, setting, leadsTo }: RouteActivity,
  counts: Counts,
  overS: number | null,
  failures: readonly FailureActivity[],
): TopRoute {
  const byCause = new Map<string, MainCause>();
  for (const failure of failures) {
    if (failure.route !== route) continue;
    const { cause, recent } = failure;
    const noServer = cause === null ? failure.noServer : null;
    const key = cause ?? ` ${noServer}`;
    byCause.set(key, { cause, noServer, count: (byCause.get(key)?.count ?? 0) + recent });
  }
  const [main] = [...byCause.values()].sort((a, b) => b.count - a.count);
  return {
    route,
    pool,
    setting,
    leadsTo,
    ...trafficOf([counts], overS),
    statuses: counts.statuses,
    mainCause: main ?? null,
  };
}

function topServer(old: ServerActivity | undefined, now: ServerActivity, overS: number | null): TopServer {
  const { pair, address, cause, says, busy } = now;
  const perS = (before: number | undefined, count: number): number | null =>
    overS === null ? null : more(before ?? 0, count) / overS;
  return {
    pair,
    address,
    state: stateOf(now),
    cause,
    says,
    busy,
    attemptsPerS: perS(old?.attempts, now.attempts),
    failedPerS: perS(old?.failed, now.failed),
    ...percentiles(overS === null ? [] : cellsSince(old?.latency ?? [], now.latency)),
  };
}

function stateOf({ up, inService, admin, removed, aside }: ServerActivity): TopServer["state"] {
  if (removed) return "leaving";
  if (admin !== "enabled") return admin;
  if (!up) return inService ? "kept" : "down";
  return aside ? "aside" : "up";
}

/** Whether anything is seen failing: a server that gets no requests though it should, or a failure of the last minutes. */
export function seenFailing({ servers, failures }: TopData): boolean {
  return failures.length > 0 || servers.some(({ state }) => ["down", "kept", "aside"].includes(state));
}
