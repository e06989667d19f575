import type {
  ActivityReport,
  FailureActivity,
  RouteActivity,
  ServerActivity,
} from "../../../src/gateway/admin/activity-report.ts";

export const startMs = Date.UTC(2026, 5, 1, 10);

const noStatuses = { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, other: 0 };

/** What `/activity` answers so many seconds after the start; nothing has happened unless the test says so. */
export function reportAt(seconds: number, more: Partial<ActivityReport> = {}): ActivityReport {
  return {
    format: "causeway/activity/v1",
    at: new Date(startMs + seconds * 1000).toISOString(),
    since: new Date(startMs).toISOString(),
    gateway: { name: "contoso-shop", generation: "v2" },
    connections: 12,
    recentMinutes: 10,
    routes: [],
    servers: [],
    failures: [],
    ...more,
  };
}

export function routeOf(route: string | null, more: Partial<RouteActivity> = {}): RouteActivity {
  return {
    route,
    pool: "app",
    setting: "app",
    leadsTo: "pool",
    served: true,
    requests: 0,
    statuses: noStatuses,
    badGateways: 0,
    latency: [],
    ...more,
  };
}

/** So many requests by the route, of which so many ended with 502. */
export function busyRoute(route: string, requests: number, badGateways = 0): RouteActivity {
  return routeOf(route, {
    requests,
    statuses: { ...noStatuses, "2xx": requests - badGateways, "5xx": badGateways },
    badGateways,
    latency: [
      [2, requests - 1],
      [45.25, 1],
    ],
  });
}

export function serverOf(address: string, more: Partial<ServerActivity> = {}): ServerActivity {
  return {
    pair: "app~app",
    address,
    up: true,
    inService: true,
    admin: "enabled",
    removed: false,
    aside: false,
    busy: 0,
    says: "it answers 200",
    cause: null,
    attempts: 0,
    failed: 0,
    latency: [],
    ...more,
  };
}

export function failureOf(cause: string | null, route: string | null, recent: number): FailureActivity {
  return {
    cause,
    route,
    recent,
    total: recent,
    status: 502,
    ending: "SC",
    noServer: null,
    transactionId: "0123456789abcdef0123456789abcdef",
    at: new Date(startMs + 16_000).toISOString(),
  };
}
