import type { Generation } from "../../model/gateway.ts";
import type { Pair } from "../../routing/routes.ts";
import type { MemberView } from "../balance/balancer.ts";
import type { Attempt, ExchangeRecord } from "../exchange/exchange-record.ts";
import { causeOfFailure } from "../explain/cause-of-failure.ts";
import { Counter, labelText } from "./counters.ts";
import { Durations } from "./durations.ts";

const serverLabels = ["listener", "server", "pool", "setting"] as const;

/**
 * What one worker counts, under the vendor's names (logs-and-metrics.md §8) in lower case with `azure_` before them, and
 * of our own: endings and causes. `text` gives it in the Prometheus format.
 */
export class Metrics {
  readonly #total = new Counter("azure_total_requests", "TotalRequests", ["backend_settings_pool"]);
  readonly #failed = new Counter("azure_failed_requests", "FailedRequests", ["backend_settings_pool"]);
  readonly #statuses = new Counter("azure_response_status", "ResponseStatus", ["http_status_group"]);
  readonly #serverStatuses = new Counter("azure_backend_response_status", "BackendResponseStatus", [
    "server",
    "pool",
    "setting",
    "http_status_group",
  ]);
  readonly #received = new Counter("azure_bytes_received", "BytesReceived", ["listener"]);
  readonly #sent = new Counter("azure_bytes_sent", "BytesSent", ["listener"]);
  readonly #tls = new Counter("azure_tls_protocol", "TlsProtocol", ["listener", "tls_protocol"]);
  readonly #totalTime = new Durations(
    "azure_application_gateway_total_time",
    "ApplicationGatewayTotalTime, ms",
    ["listener"],
  );
  readonly #connect = new Durations(
    "azure_backend_connect_time",
    "BackendConnectTime, TLS included, ms",
    serverLabels,
  );
  readonly #firstByte = new Durations(
    "azure_backend_first_byte_response_time",
    "BackendFirstByteResponseTime, ms",
    serverLabels,
  );
  readonly #lastByte = new Durations(
    "azure_backend_last_byte_response_time",
    "BackendLastByteResponseTime, ms",
    serverLabels,
  );
  readonly #lifetime = new Durations("azure_connection_lifetime", "ConnectionLifetime, layer 4, ms", [
    "listener",
  ]);
  readonly #session = new Durations(
    "azure_backend_session_duration",
    "BackendSessionDuration, layer 4, ms",
    serverLabels,
  );
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
    if (cause !== undefined || status >= 500) this.#causes.add([cause ?? "unknown", route?.id ?? ""]);
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
    const all = [
      ...[
        this.#total,
        this.#failed,
        this.#statuses,
        this.#serverStatuses,
        this.#received,
        this.#sent,
        this.#tls,
      ],
      ...[this.#totalTime, this.#connect, this.#firstByte, this.#lastByte, this.#lifetime, this.#session],
      ...[this.#endings, this.#causes, this.#attempts, this.#repeats],
    ];
    return all.map((one) => one.text()).join("") + hostCounts(members);
  }

  /** Clients see nothing of them where a server answered in the end. */
  #repeated({ attempts, layer4 }: ExchangeRecord, generation: Generation): void {
    const last = attempts[attempts.length - 1];
    const reached = layer4 === undefined ? last?.status !== undefined : last !== undefined && isCarried(last);
    const answered = reached ? "yes" : "no";
    for (const { server, failure } of attempts.slice(0, -1)) {
      if (failure === undefined) continue;
      const cause = causeOfFailure(failure, generation) ?? "unknown";
      this.#repeats.add([server, failure.kind, cause, answered]);
    }
  }

  /** `asked`: it was one for a request, whose response has a last byte. */
  #attempt(attempt: Attempt, listener: string, { pool, setting }: Pair, asked: boolean): void {
    const { server, status, startedMs, connectedMs, tlsMs, sentMs, firstByteMs, endedMs, failure } = attempt;
    const labels = [listener, server, pool.name, setting.name];
    if (status !== undefined) this.#serverStatuses.add([server, pool.name, setting.name, groupOf(status)]);
    const ready = tlsMs ?? connectedMs;
    if (attempt.connection === "fresh" && ready !== undefined) this.#connect.add(labels, ready - startedMs);
    if (firstByteMs !== undefined) {
      this.#firstByte.add(labels, firstByteMs - (sentMs ?? startedMs));
      if (asked) this.#lastByte.add(labels, endedMs - (sentMs ?? startedMs));
    }
    this.#attempts.add([server, attempt.connection, failure?.kind ?? ""]);
  }
}

/** v2 counts every 5xx; v1 connections and time-outs only (logs-and-metrics.md §8). */
function isFailed({ status, attempts, backendError }: ExchangeRecord, generation: Generation): boolean {
  if (generation === "v2") return status >= 500;
  return status >= 500 && !backendError && attempts.length > 0;
}

/** The connection was there, whatever became of it. */
function isCarried({ connectedMs, tlsMs, failure }: Attempt): boolean {
  if (connectedMs === undefined) return false;
  return tlsMs !== undefined || failure === undefined || !failure.kind.startsWith("tls-");
}

const groups = ["", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

function groupOf(status: number): string {
  return groups[Math.floor(status / 100)] ?? "";
}

function hostCounts(members: readonly MemberView[]): string {
  const byPair = Map.groupBy(members, ({ pair }) => pair);
  const lines = (name: string, help: string, count: (views: readonly MemberView[]) => number): string => {
    const series = [...byPair].map(
      ([pair, views]) => `${name}${labelText(["backend_settings_pool"], [pair.id])} ${count(views)}\n`,
    );
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${series.join("")}`;
  };
  const serving = (views: readonly MemberView[]): number => views.filter(({ inService }) => inService).length;
  return (
    lines("azure_healthy_host_count", "HealthyHostCount", serving) +
    lines("azure_unhealthy_host_count", "UnhealthyHostCount", (views) => views.length - serving(views))
  );
}
