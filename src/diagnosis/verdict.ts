import type { Pair, Route, Server } from "../routing/routes.ts";
import type { Facets, Health, Traffic } from "./facets.ts";
import type { Finding } from "./finding.ts";
import type { ReplayedRequest } from "./live-evidence.ts";

/** What a verdict needs of a finding. */
export type Cited = Pick<Finding, "id" | "effect" | "status" | "affects">;

export type Outcome = "ok" | "degraded" | "fails" | "unknown";

export interface ServerVerdict {
  readonly server: Server;
  readonly outcome: Outcome;
  readonly causedBy: readonly Cited[];
}

export interface RouteVerdict {
  readonly route: Route;
  readonly outcome: Outcome;
  /** What clients get while it fails; null when it does not, or nobody can say. */
  readonly status: number | null;
  /** The root findings that explain the outcome; empty when it is ok or unexplained. */
  readonly causedBy: readonly Cited[];
  /** Shared between the routes of one pair. */
  readonly servers: readonly ServerVerdict[];
}

/** What a finding does to one thing it affects, once denied parts are taken away. */
interface Impact {
  readonly servers: ReadonlyMap<Server, readonly Cited[]>;
  readonly pairs: ReadonlyMap<Pair, readonly Cited[]>;
  readonly routes: ReadonlyMap<Route, readonly Cited[]>;
  readonly gateway: readonly Cited[];
}

/**
 * The outcome of every route, from the root findings and from what was seen. A route that was seen to fail fails even
 * when nothing explains it, and one that nobody looked at is unknown, not ok.
 */
export function verdictOf({ wiring, health, traffic, live }: Seen, roots: readonly Cited[]): RouteVerdict[] {
  const impact = impactOf(roots);
  const byPair = new Map<Pair, readonly ServerVerdict[]>();
  for (const pair of wiring.pairs) {
    byPair.set(pair, serverVerdicts(pair, health, impact));
  }
  return wiring.routes.map((route) => {
    const servers = route.pair === undefined ? [] : (byPair.get(route.pair) ?? []);
    return { route, servers, ...routeOutcome(route, servers, impact, { traffic, live }) };
  });
}

function impactOf(roots: readonly Cited[]): Impact {
  const servers = new Map<Server, Cited[]>();
  const pairs = new Map<Pair, Cited[]>();
  const routes = new Map<Route, Cited[]>();
  const gateway: Cited[] = [];
  for (const finding of roots) {
    if (finding.affects.gateway) gateway.push(finding);
    for (const server of finding.affects.servers ?? []) push(servers, server, finding);
    for (const pair of finding.affects.pairs ?? []) push(pairs, pair, finding);
    for (const route of finding.affects.routes ?? []) push(routes, route, finding);
  }
  return { servers, pairs, routes, gateway };
}

function push<K>(map: Map<K, Cited[]>, key: K, finding: Cited): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [finding]);
  else list.push(finding);
}

/** What was seen. */
type Seen = Pick<Facets, "wiring" | "health" | "traffic" | "live">;

const stopping = new Set(["stops", "stops-probes", "stops-requests"]);

/** The findings that stand on a server, by what they do to it. */
interface Standing {
  readonly stops: readonly Cited[];
  readonly impairs: readonly Cited[];
  readonly hides: readonly Cited[];
}

function standingOf(findings: readonly Cited[]): Standing {
  return {
    stops: findings.filter(({ effect }) => stopping.has(effect)),
    impairs: findings.filter(({ effect }) => effect === "impairs"),
    hides: findings.filter(({ effect }) => effect === "hides-health"),
  };
}

/** Servers without a finding of their own share what stands on their pair: there may be 120,000 of them. */
function serverVerdicts(pair: Pair, health: Health, impact: Impact): ServerVerdict[] {
  const onPair = [...impact.gateway, ...(impact.pairs.get(pair) ?? [])];
  const shared = standingOf(onPair);
  return pair.servers.map((server) => {
    const own = impact.servers.get(server);
    return serverVerdict(server, health, own === undefined ? shared : standingOf([...onPair, ...own]));
  });
}

function serverVerdict(server: Server, health: Health, { stops, impairs, hides }: Standing): ServerVerdict {
  const seen = health.of(server)?.observation.health;
  if (stops.length > 0) return { server, outcome: "fails", causedBy: stops };
  if (seen === "unhealthy") return { server, outcome: "fails", causedBy: hides };
  if (impairs.length > 0 || seen === "partial") return { server, outcome: "degraded", causedBy: impairs };
  if (seen === "healthy") return { server, outcome: "ok", causedBy: [] };
  return { server, outcome: "unknown", causedBy: hides };
}

type RouteResult = Pick<RouteVerdict, "outcome" | "status" | "causedBy">;

function routeOutcome(
  route: Route,
  servers: readonly ServerVerdict[],
  impact: Impact,
  { traffic, live }: Pick<Seen, "traffic" | "live">,
): RouteResult {
  const own = [
    ...impact.gateway,
    ...(impact.routes.get(route) ?? []),
    ...(route.pair === undefined ? [] : (impact.pairs.get(route.pair) ?? [])),
  ];
  const ownStops = own.filter(({ effect }) => stopping.has(effect));
  const causedBy = unique([...own, ...servers.flatMap((verdict) => verdict.causedBy)]);
  const fails = servers.filter(({ outcome }) => outcome === "fails").length;
  if (ownStops.length > 0 || (servers.length > 0 && fails === servers.length)) {
    return { outcome: "fails", status: statusOf(causedBy), causedBy };
  }
  const impaired = own.some(({ effect }) => effect === "impairs");
  const anyDegraded = servers.some(({ outcome }) => outcome === "degraded");
  if (fails > 0 || impaired || anyDegraded) {
    return { outcome: "degraded", status: statusOf(causedBy), causedBy };
  }
  if (route.leadsTo.redirect?.target !== undefined) return { outcome: "ok", status: null, causedBy: [] };
  const replayed = replayOutcome(live.requestsOf(route));
  if (replayed !== undefined && replayed.outcome !== "ok") return { ...replayed, causedBy };
  const rows = replayed === undefined ? trafficOutcome(route, traffic) : "served";
  if (rows === "all-failing" || rows === "failing") {
    const outcome = rows === "failing" ? "degraded" : "fails";
    return { outcome, status: seenStatus(route, traffic), causedBy };
  }
  const allOk = servers.length > 0 && servers.every(({ outcome }) => outcome === "ok");
  // What is left as a cause here only hides the health: requests that were served outrank it.
  if (allOk || rows === "served") return { outcome: "ok", status: null, causedBy: [] };
  return { outcome: "unknown", status: null, causedBy };
}

/** What clients get: the status of the finding that comes first in rank. */
function statusOf(causedBy: readonly Cited[]): number {
  return causedBy.find(({ effect }) => effect !== "hides-health")?.status ?? 502;
}

/** Whether requests that were sent as the gateway would send them failed; undefined = none was. */
function replayOutcome(
  requests: readonly ReplayedRequest[],
): Pick<RouteVerdict, "outcome" | "status"> | undefined {
  const failing = requests.filter(({ outcome }) => outcome === "failing");
  const told = requests.filter(({ outcome }) => outcome !== "undecided");
  if (told.length === 0) return undefined;
  const partial = told.flatMap(({ outcome, byAddress }) => (outcome === "partial" ? byAddress : []));
  if (failing.length === 0 && partial.length === 0) return { outcome: "ok", status: null };
  const outcome = failing.length === told.length ? "fails" : "degraded";
  const bad = [...failing, ...partial].find((one) => one.outcome === "failing");
  return { outcome, status: bad?.clientStatus ?? 502 };
}

/**
 * Whether the log by itself shows a route in trouble. A few failures in many rows are what any service has; more than
 * that, unexplained, is worth saying.
 */
function trafficOutcome(route: Route, traffic: Traffic): "served" | "failing" | "all-failing" | "unseen" {
  let rows = 0;
  let failed = 0;
  for (const seen of traffic.ofRoute(route)) {
    rows += seen.rows;
    failed += seen.failed;
  }
  if (failed >= 3 && failed === rows) return "all-failing";
  if (failed >= 3 && failed / rows >= 0.001) return "failing";
  return rows > failed ? "served" : "unseen";
}

/** The status most of a route's failing requests were seen to get. */
function seenStatus(route: Route, traffic: Traffic): number {
  const counts = new Map<number, number>();
  for (const { statuses } of traffic.ofRoute(route)) {
    for (const [status, rows] of statuses) {
      if (status >= 500) counts.set(status, (counts.get(status) ?? 0) + rows);
    }
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? 502;
}

function unique(findings: readonly Cited[]): Cited[] {
  return [...new Set(findings)];
}
