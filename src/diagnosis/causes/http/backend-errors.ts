import { makerFactsOf, productWords, proxyBefore } from "../../../health/answer-maker.ts";
import type { LatencySummary } from "../../../model/observations.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import { constantTime, fewestRows, isNear, leastShare, pathsOf, rowsOf } from "../log-evidence.ts";

/**
 * Answers of 5xx that a server itself sent, by pair and status, and whose they are (causes-of-502.md §L.12): of a proxy
 * behind the gateway, of a time-out in there, or of the application.
 */
export interface BackendErrors {
  readonly seen: PairTraffic;
  readonly status: number;
  readonly count: number;
  readonly rows: number;
  readonly paths: readonly string[];
  /** Every one took the same time, below the gateway's own limit: a time-out inside. */
  readonly innerLimitS: number | undefined;
  /** The product that answers so when it gets no good answer in its turn. */
  readonly proxy: LoggedProxy | undefined;
}

export interface LoggedProxy {
  readonly words: string;
  /** By what stands behind the pair, by its own error page, or only by a field that may be passed on. */
  readonly by: "configuration" | "page" | "field";
}

/** A pair's own paths fail this often before a small share of all rows counts. */
const leastShareOfPath = 0.5;
/** Nearly all: other errors of the same status are seldom just as slow. */
const leastConstant = 0.9;
/** Quicker answers are errors, not time-outs. */
const shortestLimitS = 1;

export function backendErrorsOf(
  seen: PairTraffic,
  facets: Pick<Facets, "gateway" | "services" | "hosts">,
): BackendErrors[] {
  const rows = rowsOf(seen);
  const counts = countsByStatus(seen);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const paths = pathsOf(seen, ["backend-error"]);
  const onePath = paths.some(
    ({ failed, summary }) => failed >= fewestRows && failed >= leastShareOfPath * summary.rows,
  );
  if (all < leastShare * rows && !onePath) return [];
  return [...counts]
    .filter(([, count]) => count >= fewestRows)
    .map(([status, count]) => ({
      seen,
      status,
      count,
      rows,
      paths: paths.map(({ path }) => path),
      innerLimitS: innerLimit(seen, status, counts.size === 1),
      proxy: proxyOfRows(seen, status) ?? proxyOfServers(seen, status, facets),
    }));
}

function countsByStatus({ counts }: PairTraffic): Map<number, number> {
  const sums = new Map<number, number>();
  for (const part of counts) {
    if (!part.readings.has("backend-error")) continue;
    for (const [status, count] of part.failedServerStatuses) {
      if (status >= 500) sums.set(status, (sums.get(status) ?? 0) + count);
    }
  }
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}

function innerLimit(seen: PairTraffic, status: number, onlyStatus: boolean): number | undefined {
  const constant = constantTime(latenciesBy(seen, status, onlyStatus), leastConstant);
  if (constant === undefined || constant.count < fewestRows || constant.seconds < shortestLimitS) {
    return undefined;
  }
  if (constant.seconds >= 0.95 * seen.pair.setting.requestTimeoutS) return undefined;
  const served = seen.counts.flatMap((part) => part.latency.get("served") ?? []);
  const asSlow = served.some(({ modeS, modeShare }) => modeShare >= 0.5 && isNear(modeS, constant.seconds));
  return asSlow ? undefined : constant.seconds;
}

/** Parts that are one server's rows know latencies by reading only: enough where all errors have one status. */
function latenciesBy(
  { observations, counts }: PairTraffic,
  status: number,
  onlyStatus: boolean,
): LatencySummary[] {
  const whole = new Set<unknown>(observations);
  return [
    ...observations.flatMap(({ backendErrorLatency }) => backendErrorLatency.get(status) ?? []),
    ...counts.flatMap((part) =>
      onlyStatus && !whole.has(part) ? (part.latency.get("backend-error") ?? []) : [],
    ),
  ];
}

/** Rows of our own gateway say who made an error: the few that are kept must agree. */
function proxyOfRows({ samples }: PairTraffic, status: number): LoggedProxy | undefined {
  const makers = samples
    .filter((row) => row.reading === "backend-error" && row.serverStatus === status)
    .map(({ answeredBy }) => proxyBefore({ status, ...makerFactsOf(answeredBy) }));
  const [first] = makers;
  if (first === undefined || makers.some((maker) => maker?.product !== first.product)) return undefined;
  const surely = makers.every((maker) => maker?.by === "page");
  return { words: productWords(first.product), by: surely ? "page" : "field" };
}

function proxyOfServers(
  { pair }: PairTraffic,
  status: number,
  facets: Pick<Facets, "gateway" | "services" | "hosts">,
): LoggedProxy | undefined {
  const words = status === 502 || status === 504 ? proxyAmong(pair.servers, facets) : undefined;
  return words === undefined ? undefined : { words, by: "configuration" };
}

/** What the configuration says stands behind all servers of the pair, when that is itself a proxy. */
function proxyAmong(
  servers: readonly Server[],
  facets: Pick<Facets, "gateway" | "services" | "hosts">,
): string | undefined {
  const names = servers.map((server) => proxyAt(server, facets));
  const [first] = names;
  return names.every((name) => name !== undefined) ? first : undefined;
}

function proxyAt(
  server: Server,
  { gateway, services, hosts }: Pick<Facets, "gateway" | "services" | "hosts">,
): string | undefined {
  const service = services.of(server);
  switch (service?.kind) {
    case "api-management":
      return `API Management ${service.service?.name ?? service.hostName ?? ""}`.trimEnd();
    case "container-apps":
      return `the ingress of Container Apps environment ${service.environment?.name ?? service.hostName ?? ""}`.trimEnd();
    case "front-door":
      return `Front Door ${service.hostName}`;
  }
  for (const owner of hosts.of(server)) {
    if (owner.kind === "applicationGateway" && owner.gateway !== gateway) {
      return `application gateway ${owner.gateway.name}`;
    }
  }
  return undefined;
}
