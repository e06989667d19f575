import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { NoServer } from "../../model/own-member.ts";
import type { Ending, ExchangeRecord } from "../exchange/exchange-record.ts";
import { Latencies, type LatencyCell } from "./latencies.ts";

/** Responses by the first digit of their status; `other`: none was sent. */
export type StatusGroup = "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "other";

/** What clients got by one route since the start. */
export interface RouteCounts {
  readonly requests: number;
  readonly statuses: Readonly<Record<StatusGroup, number>>;
  /** Those that ended with 502. */
  readonly badGateways: number;
  readonly latency: readonly LatencyCell[];
}

/** Attempts at one server of one pair since the start. */
export interface ServerCounts {
  readonly attempts: number;
  readonly failed: number;
  /** From the request having been sent to the first byte of the response. */
  readonly latency: readonly LatencyCell[];
}

/** Requests that failed by one route for one cause. */
export interface FailureCounts {
  /** Undefined: nothing tells. */
  readonly cause: CauseId | undefined;
  /** Undefined: it took no route. */
  readonly route: string | undefined;
  /** Within the last `recentMinutes`, the one under way included. */
  readonly recent: number;
  readonly total: number;
  /** Of the last one. */
  readonly status: number;
  readonly ending: Ending;
  /** Why no server could be chosen for the last one. */
  readonly noServer: NoServer | undefined;
  readonly transactionId: string;
  readonly atMs: number;
}

/** The minutes that `FailureCounts.recent` is about. */
export const recentMinutes = 10;

/** So many routes, servers and failures are told apart; what comes beyond is not counted here. */
const mostSeries = 10_000;

/** What was counted, by whomever. */
export type ActivityCounts = Pick<Activity, "route" | "routeIds" | "server" | "failures">;

/** What one worker did, route by route, server by server and cause by cause, for whoever looks at it while it runs. */
export class Activity {
  readonly #routes = new Map<string, RouteTally>();
  readonly #servers = new Map<string, Map<string, ServerTally>>();
  readonly #failures = new Map<string, FailureTally>();
  #serverCount = 0;

  record(record: ExchangeRecord): void {
    const { route, attempts } = record;
    this.#routeOf(route?.id ?? "")?.add(record);
    const pair = route?.pair?.id;
    if (pair !== undefined)
      for (const attempt of attempts) this.#serverOf(pair, attempt.member)?.add(attempt);
    if (record.cause !== undefined || record.status >= 500) this.#failureOf(record)?.add(record);
  }

  /** Undefined: no request has taken it yet. `route` is empty for requests that took none. */
  route(route: string): RouteCounts | undefined {
    return this.#routes.get(route)?.counts();
  }

  /** Every route that a request took, those that are not served any more among them. */
  routeIds(): readonly string[] {
    return [...this.#routes.keys()];
  }

  /** `member` as in the pool. */
  server(pair: string, member: string): ServerCounts | undefined {
    return this.#servers.get(pair)?.get(member)?.counts();
  }

  /** Every server that was tried. */
  servers(): readonly (readonly [pair: string, member: string, counts: ServerCounts])[] {
    return [...this.#servers].flatMap(([pair, servers]) =>
      [...servers].map(([member, tally]) => [pair, member, tally.counts()] as const),
    );
  }

  /** Those of the last minutes. */
  failures(nowMs: number): readonly FailureCounts[] {
    return [...this.#failures.values()]
      .map((tally) => tally.counts(nowMs))
      .filter(({ recent }) => recent > 0);
  }

  #routeOf(id: string): RouteTally | undefined {
    const known = this.#routes.get(id);
    if (known !== undefined || this.#routes.size >= mostSeries) return known;
    const tally = new RouteTally();
    this.#routes.set(id, tally);
    return tally;
  }

  #serverOf(pair: string, member: string): ServerTally | undefined {
    let servers = this.#servers.get(pair);
    const known = servers?.get(member);
    if (known !== undefined || this.#serverCount >= mostSeries) return known;
    if (servers === undefined) {
      servers = new Map();
      this.#servers.set(pair, servers);
    }
    const tally = new ServerTally();
    servers.set(member, tally);
    this.#serverCount += 1;
    return tally;
  }

  #failureOf(record: ExchangeRecord): FailureTally | undefined {
    const { cause, route } = record;
    const key = failureKey({ ...record, route: route?.id });
    const known = this.#failures.get(key);
    if (known !== undefined || this.#failures.size >= mostSeries) return known;
    const tally = new FailureTally(cause, route?.id);
    this.#failures.set(key, tally);
    return tally;
  }
}

/** What no cause is known of is told apart by its ending, and by why there was no server. */
export function failureKey({
  cause,
  ending,
  noServer,
  route,
}: Pick<FailureCounts, "cause" | "ending" | "route"> & Pick<ExchangeRecord, "noServer">): string {
  return [cause ?? `${ending} ${noServer ?? ""}`, route ?? ""].join("\u0000");
}

const groups: readonly StatusGroup[] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

class RouteTally {
  readonly #statuses: Record<StatusGroup, number> = {
    "1xx": 0,
    "2xx": 0,
    "3xx": 0,
    "4xx": 0,
    "5xx": 0,
    other: 0,
  };
  readonly #latency = new Latencies();
  #requests = 0;
  #badGateways = 0;

  add({ status, tookMs }: ExchangeRecord): void {
    this.#requests += 1;
    this.#statuses[groups[Math.floor(status / 100)] ?? "other"] += 1;
    if (status === 502) this.#badGateways += 1;
    this.#latency.add(tookMs);
  }

  counts(): RouteCounts {
    return {
      requests: this.#requests,
      statuses: { ...this.#statuses },
      badGateways: this.#badGateways,
      latency: this.#latency.cells(),
    };
  }
}

class ServerTally {
  readonly #latency = new Latencies();
  #attempts = 0;
  #failed = 0;

  add({ failure, firstByteMs, sentMs, startedMs }: Attempt): void {
    this.#attempts += 1;
    if (failure !== undefined) this.#failed += 1;
    if (firstByteMs !== undefined) this.#latency.add(firstByteMs - (sentMs ?? startedMs));
  }

  counts(): ServerCounts {
    return { attempts: this.#attempts, failed: this.#failed, latency: this.#latency.cells() };
  }
}

const minuteMs = 60_000;

class FailureTally {
  readonly #cause: CauseId | undefined;
  readonly #route: string | undefined;
  /** The newest last. */
  readonly #minutes: { readonly minute: number; count: number }[] = [];
  #last: Omit<FailureCounts, "cause" | "route" | "recent" | "total"> | undefined;
  #total = 0;

  constructor(cause: CauseId | undefined, route: string | undefined) {
    this.#cause = cause;
    this.#route = route;
  }

  add({ status, ending, noServer, transactionId, startedAtMs, tookMs }: ExchangeRecord): void {
    const atMs = startedAtMs + tookMs;
    const minute = Math.floor(atMs / minuteMs);
    const newest = this.#minutes.at(-1);
    // A clock that was set back must not lose what is counted now.
    if (newest !== undefined && newest.minute >= minute) newest.count += 1;
    else this.#minutes.push({ minute, count: 1 });
    if (this.#minutes.length > recentMinutes) this.#minutes.shift();
    this.#total += 1;
    this.#last = { status, ending, noServer, transactionId, atMs };
  }

  counts(nowMs: number): FailureCounts {
    const oldest = Math.floor(nowMs / minuteMs) - recentMinutes;
    const recent = this.#minutes.reduce((sum, { minute, count }) => (minute > oldest ? sum + count : sum), 0);
    const last = this.#last ?? { status: 0, ending: "--", noServer: undefined, transactionId: "", atMs: 0 };
    return { cause: this.#cause, route: this.#route, recent, total: this.#total, ...last };
  }
}
