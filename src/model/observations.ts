import type { AnsweredBy, LoggedExchange } from "./attempt.ts";
import type { ProbeObservation } from "./probe-observation.ts";
import type { Source } from "./source.ts";

/** One entry of `show-backend-health`: what the gateway's probes last found for one server of one pair. */
export interface HealthObservation {
  readonly source: Source;
  readonly poolId: string;
  readonly settingId: string;
  readonly address: string;
  /** `Up`/`Healthy` and `Down`/`Unhealthy` are the same (health-probes.md §7). */
  readonly health: "healthy" | "unhealthy" | "unknown" | "partial" | "draining";
  /** `healthProbeLog` as written; empty when absent. */
  readonly log: string;
  readonly ipConfigurationId: string | undefined;
}

/** A whole health report; an empty pair (`servers: []`) is kept as a pair without entries. */
export interface HealthReport {
  readonly source: Source;
  /** Gateway id, from the ids inside; undefined when the report is empty. */
  readonly gatewayId: string | undefined;
  readonly pairs: readonly {
    readonly poolId: string;
    readonly settingId: string;
    readonly source: Source;
    readonly servers: readonly HealthObservation[];
  }[];
}

/**
 * What a failing or notable access-log row said; a few are kept as evidence. Times in epoch milliseconds. Text comes
 * from strangers: control characters are replaced, query strings, path parameters and headers are never kept.
 */
export interface LogSample {
  readonly document: string;
  /** 1-based line (NDJSON, CSV) or record number (arrays) in the document. */
  readonly line: number;
  readonly reading: RowReading;
  readonly timeMs: number | undefined;
  readonly method: string;
  readonly httpStatus: number;
  /** Of the last attempt; undefined when the server sent none. */
  readonly serverStatus: number | undefined;
  /** Upper case, without the `ERRORINFO_` prefix; empty in v1 logs and old v2 logs. */
  readonly errorInfo: string;
  /** Path after rewrite, without its query. */
  readonly uri: string;
  /** Host as the client sent it, where the row tells; else as rewritten. */
  readonly host: string;
  readonly timeTakenS: number | undefined;
  readonly serverLatencyS: number | undefined;
  /** Of the last attempt; empty when nothing was routed. */
  readonly serverRouted: string;
  /** Servers tried; 0 when nothing was routed. */
  readonly attempts: number;
  readonly instanceId: string;
  /** Who made a 5xx that the server answered, where `causeway run` wrote the row and it was another product. */
  readonly answeredBy: AnsweredBy | undefined;
}

/** Reading of one row by logs-and-metrics.md §6. The request time-out is not known here: causes compare with it. */
export type RowReading =
  | "served" // below 500, answered by a server or by the gateway on purpose
  | "no-live-server" // L0
  | "upstream-closed" // Lc
  | "timeout-v1" // Lt1 candidate: v1 502 without a server status after 1 s or more
  | "timeout-v2" // Lt2: v2 504 without a server status
  | "backend-error" // Lb: 5xx that the server itself sent
  | "gateway-error" // any other 5xx made by the gateway
  | "unreached" // rows of `causeway run` alone: no connection to a server came about, TLS included
  | "drained" // rows of `causeway run` alone: it ended the request itself, since the server had left and its drain time was over
  | "client-closed" // 499, v1 0
  | "no-listener"; // 404 INVALID_HOST

/** Counts and latencies of some rows; the part that a route and each of its servers have in common. */
export interface TrafficCounts {
  readonly rows: number;
  /** Rows with a failing reading: all but `served`, `client-closed` and `no-listener`. */
  readonly failed: number;
  /** Rows that name more than one attempt. */
  readonly retried: number;
  readonly readings: ReadonlyMap<RowReading, number>;
  /** `httpStatus` → rows */
  readonly statuses: ReadonlyMap<number, number>;
  /** Status the server sent → failing rows; failing rows without one are not in it. */
  readonly failedServerStatuses: ReadonlyMap<number, number>;
  /** `error_info` → rows, without the `ERRORINFO_` prefix, upper case */
  readonly errorInfos: ReadonlyMap<string, number>;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  readonly firstFailureMs: number | undefined;
  readonly lastFailureMs: number | undefined;
  /** `serverResponseLatency` of rows by reading; in v1 logs and where a row has none, `timeTaken`. */
  readonly latency: ReadonlyMap<RowReading, LatencySummary>;
  /** `timeTaken` of rows by reading. High with a latency near 0: the network, not the server (`timeout-network`). */
  readonly timeTaken: ReadonlyMap<RowReading, LatencySummary>;
}

/** Rows of one server (`ip:port` or `ip` as the row writes it) within one route. */
export interface ServerTraffic extends TrafficCounts {
  /** Empty: nothing was routed. */
  readonly server: string;
  /** Attempts on this server that failed so that another server was tried; the row counts at the last one. */
  readonly earlierAttempts: number;
  /**
   * Seconds the server had been idle for the same gateway instance before rows it left unanswered
   * (`upstream-closed`, `gateway-error`), and before rows it served. At most 256 each, evenly thinned, as read. Rows
   * have whole seconds, so 1 s is noise.
   */
  readonly idleBeforeFailureS: readonly number[];
  readonly idleBeforeServedS: readonly number[];
}

/** All rows of one route, folded. Bounded size, whatever the log's length. */
export interface TrafficObservation extends TrafficCounts {
  /** Resource id as the log writes it (upper case in most), undefined when rows do not name it. */
  readonly gatewayId: string | undefined;
  /** Field set of the rows; v1 rows do not name listener, rule, pool and setting. */
  readonly version: "v1" | "v2";
  readonly listenerName: string | undefined;
  readonly ruleName: string | undefined;
  readonly poolName: string | undefined;
  readonly settingName: string | undefined;
  /** Most rows first. Rows of servers beyond the bound are in the route's counts only. */
  readonly servers: readonly ServerTraffic[];
  /** Latency of `backend-error` rows by the server's status: a constant one is an inner time-out (`timeout-inner`). */
  readonly backendErrorLatency: ReadonlyMap<number, LatencySummary>;
  readonly instances: ReadonlyMap<string, { readonly rows: number; readonly failed: number }>;
  /** At most 16, most failures first, then most rows. */
  readonly hosts: ReadonlyMap<string, KeySummary>;
  /** At most 64 paths: most failures first, then the slowest answers. */
  readonly uris: ReadonlyMap<string, KeySummary>;
  /**
   * In order of time; at most 1,440 kept (fewer where hundreds of routes were busy for hours): those with most failures,
   * then most rows.
   */
  readonly minutes: readonly MinuteCount[];
  /** In order of time; at most 32 kept: those with most failures. */
  readonly bursts: readonly FailureBurst[];
  /** Served rows in minutes before the first, and after the last minute with a failure. */
  readonly servedBeforeFailures: number;
  readonly servedAfterFailures: number;
  /** At most five per reading: the first three and the last two. */
  readonly samples: readonly LogSample[];
}

/** Quantiles are within 2 %; `minS` and `maxS` are exact. */
export interface LatencySummary {
  readonly count: number;
  readonly minS: number;
  readonly medianS: number;
  readonly p95S: number;
  readonly maxS: number;
  /** The commonest latency, and the share (0–1) of rows within about 4 % of it: near 1 means a constant latency. */
  readonly modeS: number;
  readonly modeShare: number;
}

/** One path or host. Counts begin when it was first kept: exact unless there were more than the bound. */
export interface KeySummary {
  readonly rows: number;
  readonly failed: number;
  readonly readings: ReadonlyMap<RowReading, number>;
  readonly servedLatency: LatencyRange | undefined;
  readonly failedLatency: LatencyRange | undefined;
}

export interface LatencyRange {
  readonly count: number;
  readonly minS: number;
  readonly meanS: number;
  readonly maxS: number;
}

export interface MinuteCount {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly rows: number;
  readonly served: number;
  readonly failed: number;
}

/** Failures with at most one whole minute without any between them. */
export interface FailureBurst {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly failed: number;
  readonly readings: ReadonlyMap<RowReading, number>;
  /** Served rows in the minutes of the burst, and in the ten minutes before and after it. */
  readonly served: number;
  readonly servedBefore: number;
  readonly servedAfter: number;
}

export interface TrafficLog {
  readonly documents: readonly string[];
  readonly gatewayIds: readonly string[];
  readonly versions: readonly ("v1" | "v2")[];
  /** Access rows that were folded. */
  readonly rows: number;
  /** Records that are not JSON or CSV rows of a known shape, or longer than 1 MiB. */
  readonly skipped: number;
  readonly firstSkipped: { readonly document: string; readonly line: number } | undefined;
  /** Rows of other log categories (firewall, performance, layer 4), by category. */
  readonly otherCategories: ReadonlyMap<string, number>;
  /** Rows of the gateway's own requests (client 127.0.0.1), ignored. */
  readonly internalRows: number;
  /** Rows of routes beyond the bound of 1,024: counted in `rows`, in no observation. */
  readonly unkeptRows: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** Most failures first, then most rows. */
  readonly observations: readonly TrafficObservation[];
  /**
   * What `causeway run` saw of its newest failures, where it wrote the log: a few of each route, server and failure, recent
   * ones alone, and none that the log shows to be over.
   */
  readonly own: readonly LoggedExchange[];
}

/** Everything that was seen at a time, beside the configuration. */
export interface Observations {
  readonly healthReports: readonly HealthReport[];
  readonly traffic: TrafficLog | undefined;
  /** Control-plane operations (activity log). */
  readonly activities: readonly ActivityObservation[];
  /** What was sent to servers from a machine in the network and what came back, in the order in which it was sent. */
  readonly live: readonly LiveExchange[];
  /** Undefined = nobody told, as with every gateway but our own. */
  readonly drainCuts?: readonly DrainCutObservation[];
}

/** One exchange with a server, sent by this call or read from a recording. */
export interface LiveExchange {
  /** The line of the recording. */
  readonly source: Source;
  readonly observation: ProbeObservation;
}

/** What this program, as the gateway, ended itself because the server had left its pool and its drain time was over. */
export interface DrainCutObservation {
  readonly source: Source;
  readonly poolId: string;
  readonly settingId: string;
  readonly address: string;
  /** How long it had been running at the server. */
  readonly ranS: number;
}

/** One row of the activity log. */
export interface ActivityObservation {
  readonly source: Source;
  readonly timeMs: number;
  /** e.g. `Microsoft.Network/virtualNetworks/write`, lower case */
  readonly operation: string;
  readonly resourceId: string;
  /** `Succeeded`, `Failed`, `Started` … */
  readonly status: string;
}
