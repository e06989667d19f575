import type { Attempt } from "../../model/attempt.ts";
import type { Generation } from "../../model/gateway.ts";
import type { Pair } from "../../routing/routes.ts";
import type { MemberView } from "../balance/balancer.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { causeOfFailure } from "../explain/cause-of-failure.ts";
import { Counter, type CounterFigures, labelText } from "./counters.ts";
import { type DurationFigures, Durations } from "./durations.ts";
import { type VendorMetric, vendorMetrics } from "./vendor-metrics.ts";

/** What was counted, by the order of the metrics. */
export interface MetricsFigures {
  readonly counters: readonly CounterFigures[];
  readonly durations: readonly DurationFigures[];
}

/**
 * What one worker counts, under the vendor's names (`vendor-metrics.ts`), and of our own: endings and causes. `text` gives it in the Prometheus format.
 */
export class Metrics {
  readonly #total = counterOf(vendorMetrics.total);
  readonly #failed = counterOf(vendorMetrics.failed);
  readonly #statuses = counterOf(vendorMetrics.statuses);
  readonly #serverStatuses = counterOf(vendorMetrics.serverStatuses);
  readonly #received = counterOf(vendorMetrics.received);
  readonly #sent = counterOf(vendorMetrics.sent);
  readonly #tls = counterOf(vendorMetrics.tls);
  readonly #totalTime = durationsOf(vendorMetrics.totalTime);
  readonly #connect = durationsOf(vendorMetrics.connect);
  readonly #firstByte = durationsOf(vendorMetrics.firstByte);
  readonly #lastByte = durationsOf(vendorMetrics.lastByte);
  readonly #lifetime = durationsOf(vendorMetrics.lifetime);
  readonly #session = durationsOf(vendorMetrics.session);
  readonly #endings = new Counter("causeway_exchanges", "Exchanges by the two letters of their ending", [
    "ending",
  ]);
  readonly #causes = new Counter("causeway_failures", "Failed exchanges by cause", ["cause", "route"]);
  readonly #attempts = new Counter("causeway_attempts", "Attempts at servers by how they failed", [
    "server",
    "connection",
    "failure",
  ]);
  readonly #repeats = new Counter(
    "causeway_repeats",
    "Failed attempts after which the request was tried again, and whether a server then answered",
    ["server", "failure", "cause", "answered"],
  );

  /** `generation`: of the configuration it was served with. */
  record(record: ExchangeRecord, generation: Generation): void {
    const { route, status, attempts, tls, ending, cause } = record;
    const pair = route?.pair;
    const listener = record.listener?.name ?? route?.listener?.name ?? "";
    if (record.layer4 === undefined) this.#request(record, listener, generation);
    else this.#carried(record, listener);
    this.#received.add([listener], record.receivedBytes);
    this.#sent.add([listener], record.sentBytes);
    if (tls !== undefined) this.#tls.add([listener, tls.protocol]);
    this.#endings.add([ending]);
    if (cause !== undefined || status >= 500)
      this.#causes.add([
        cause ?? (record.limit === undefined ? "unknown" : `limit-${record.limit}`),
        route?.id ?? "",
      ]);
    if (pair !== undefined)
      for (const attempt of attempts) this.#attempt(attempt, listener, pair, record.layer4 === undefined);
    if (attempts.length > 1) this.#repeated(record, generation);
  }

  #request(record: ExchangeRecord, listener: string, generation: Generation): void {
    const { status } = record;
    const pair = record.route?.pair;
    if (pair !== undefined) this.#total.add([pair.id]);
    if (pair !== undefined && isFailed(record, generation)) this.#failed.add([pair.id]);
    if (status > 0) this.#statuses.add([groupOf(status)]);
    this.#totalTime.add([listener], record.tookMs);
  }

  /** A connection of layer 4: it counts as no request. */
  #carried({ route, attempts, tookMs }: ExchangeRecord, listener: string): void {
    this.#lifetime.add([listener], tookMs);
    const last = attempts[attempts.length - 1];
    const pair = route?.pair;
    if (pair === undefined || last === undefined || !isCarried(last)) return;
    const labels = [listener, last.server, pair.pool.name, pair.setting.name];
    this.#session.add(labels, last.endedMs - last.startedMs);
  }

  /** What was counted, and how the servers stand now. */
  text(members: readonly MemberView[]): string {
    const all = [...this.#vendorCounters(), ...this.#durations(), ...this.#ownCounters()];
    return all.map((one) => one.text()).join("") + hostCounts(members);
  }

  /** Everything that was counted, as plain data. */
  figures(): MetricsFigures {
    return {
      counters: this.#counters().map((one) => one.figures()),
      durations: this.#durations().map((one) => one.figures()),
    };
  }

  /** Counts what another one counted as well. */
  absorb({ counters, durations }: MetricsFigures): void {
    for (const [at, one] of this.#counters().entries()) one.absorb(counters[at] ?? []);
    for (const [at, one] of this.#durations().entries()) one.absorb(durations[at] ?? []);
  }

  #counters(): readonly Counter[] {
    return [...this.#vendorCounters(), ...this.#ownCounters()];
  }

  #vendorCounters(): readonly Counter[] {
    return [
      this.#total,
      this.#failed,
      this.#statuses,
      this.#serverStatuses,
      this.#received,
      this.#sent,
      this.#tls,
    ];
  }

  #durations(): readonly Durations[] {
    return [this.#totalTime, this.#connect, this.#firstByte, this.#lastByte, this.#lifetime, this.#session];
  }

  #ownCounters(): readonly Counter[] {
    return [this.#endings, this.#causes, this.#attempts, this.#repeats];
  }

  /** Clients see nothing of them where a server answered in the end. */
  #repeated({ attempts, layer4 }: ExchangeRecord, generation: Generation): void {
    const last = attempts[attempts.length - 1];
    const reached = layer4 === undefined ? last?.status !== undefined : last !== undefined && isCarried(last);
    const answered = reached ? "yes" : "no";
    for (const { server, failure } of attempts.slice(0, -1)) {
      if (failure === undefined) continue;
      const cause = causeOfFailure(failure, generation, layer4 !== undefined) ?? "unknown";
      this.#repeats.add([server, failure.kind, cause, answered]);
    }
  }

  /** `asked`: it was one for a request, whose response has a last byte. */
  #attempt(attempt: Attempt, listener: string, { pool, setting }: Pair, asked: boolean): void {
    const { server, status, startedMs, connectedMs, tlsMs, firstByteMs, endedMs, failure } = attempt;
    const labels = [listener, server, pool.name, setting.name];
    if (status !== undefined) this.#serverStatuses.add([server, pool.name, setting.name, groupOf(status)]);
    const ready = tlsMs ?? connectedMs;
    if (attempt.connection === "fresh" && ready !== undefined) this.#connect.add(labels, ready - startedMs);
    if (firstByteMs !== undefined) {
      this.#firstByte.add(labels, firstByteMs - startedMs);
      if (asked) this.#lastByte.add(labels, endedMs - startedMs);
    }
    this.#attempts.add([server, attempt.connection, failure?.kind ?? ""]);
  }
}

/** v2 counts every 5xx; v1 connections and time-outs only (logs-and-metrics.md §8). */
function isFailed({ status, attempts, backendError }: ExchangeRecord, generation: Generation): boolean {
  if (generation === "v2") return status >= 500;
  return status >= 500 && !backendError && attempts.length > 0;
}

/** The connection was there and the server took it, whatever became of it. */
function isCarried({ connectedMs, failure }: Attempt): boolean {
  return connectedMs !== undefined && (failure === undefined || !/^(dns|connect-|tls-)/.test(failure.kind));
}

const groups = ["", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

function groupOf(status: number): string {
  return groups[Math.floor(status / 100)] ?? "";
}

function counterOf({ name, vendor, about, labels }: VendorMetric): Counter {
  return new Counter(name, `${vendor}: ${about}`, labels);
}

function durationsOf({ name, vendor, about, labels }: VendorMetric): Durations {
  return new Durations(name, `${vendor}: ${about}`, labels);
}

function hostCounts(members: readonly MemberView[]): string {
  const byPair = Map.groupBy(members, ({ pair }) => pair);
  const lines = (metric: VendorMetric, count: (views: readonly MemberView[]) => number): string => {
    const { name, vendor, about, labels } = metric;
    const series = [...byPair].map(
      ([pair, views]) => `${name}${labelText(labels, [pair.id])} ${count(views)}\n`,
    );
    return `# HELP ${name} ${vendor}: ${about}\n# TYPE ${name} gauge\n${series.join("")}`;
  };
  const serving = (views: readonly MemberView[]): number => views.filter(({ inService }) => inService).length;
  return (
    lines(vendorMetrics.healthy, serving) +
    lines(vendorMetrics.unhealthy, (views) => views.length - serving(views))
  );
}
