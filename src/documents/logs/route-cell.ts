import type { LatencySummary, LogSample, TrafficObservation } from "../../model/observations.ts";
import { KeyTable } from "./key-table.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type MinuteBudget, MinuteTable, servedAround } from "./minute-table.ts";
import { type AccessRow, isFailing, R, READINGS } from "./row.ts";
import { finite, latencyOf, RowCounts } from "./row-counts.ts";
import { ServerCell } from "./server-cell.ts";

const URIS_TRACKED = 128;
const URIS_TOLD = 64;
const HOSTS_TRACKED = 48;
const HOSTS_TOLD = 16;
const MOST_INSTANCES = 128;
const MOST_STATUSES = 16;
const FIRST_SAMPLES = 3;
const LAST_SAMPLES = 2;

/** Places for servers and minutes, of which all routes together have a bounded number. */
export interface Budgets {
  servers: number;
  readonly minutes: MinuteBudget;
}

/** Rows of one route. Bounded, whatever comes. */
export class RouteCell {
  /** The row that began it; names, version and gateway are the same in all. */
  private readonly names: RouteNames;
  private readonly budgets: Budgets;
  private readonly servers = new Map<string, ServerCell>();
  /** Rows of servers for which there was no place. */
  private readonly unkept = new RowCounts();
  private readonly minutes: MinuteTable;
  private readonly uris = new KeyTable(URIS_TRACKED);
  private readonly hosts = new KeyTable(HOSTS_TRACKED);
  private readonly instances = new Map<string, { rows: number; failed: number }>();
  private readonly backendErrors = new Map<number, LatencyHistogram>();
  private readonly firstSamples: LogSample[][] = READINGS.map(() => []);
  private readonly lastSamples: LogSample[][] = READINGS.map(() => []);

  constructor(row: AccessRow, budgets: Budgets) {
    const { version, gatewayId, listenerName, ruleName, poolName, settingName } = row;
    this.names = { version, gatewayId, listenerName, ruleName, poolName, settingName };
    this.budgets = budgets;
    this.minutes = new MinuteTable(budgets.minutes);
  }

  /** Whether a row belongs here; its rule and pool are known to. */
  holds(row: AccessRow): boolean {
    const { names } = this;
    return (
      names.settingName === row.settingName &&
      names.listenerName === row.listenerName &&
      names.gatewayId === row.gatewayId &&
      names.version === row.version
    );
  }

  add(row: AccessRow, reading: number, place: RowPlace): void {
    const server = this.server(row.serverRouted);
    if (server === undefined) this.unkept.add(row, reading);
    else server.add(row, reading);
    for (const earlier of row.earlierServers) {
      const cell = this.server(earlier);
      if (cell !== undefined) cell.earlierAttempts++;
    }
    const latencyS = latencyOf(row);
    if (row.timeMs >= 0) this.minutes.add(row.timeMs, reading);
    this.uris.add(row.uri, reading, latencyS);
    if (row.host !== "") this.hosts.add(row.host, reading, latencyS);
    this.addInstance(row.instanceId, isFailing(reading));
    if (reading === R.backendError) this.addBackendError(row.serverStatus, latencyS);
    if (reading !== R.served) this.addSample(row, reading, place);
  }

  result(): TrafficObservation {
    const counts = new RowCounts();
    counts.merge(this.unkept);
    for (const server of this.servers.values()) counts.merge(server.counts);
    const minutes = this.minutes.minutes();
    const around = servedAround(minutes);
    const servers = [...this.servers.values()].map((server) => server.result());
    const { version, gatewayId, listenerName, ruleName, poolName, settingName } = this.names;
    return {
      gatewayId: gatewayId || undefined,
      version,
      listenerName: listenerName || undefined,
      ruleName: ruleName || undefined,
      poolName: poolName || undefined,
      settingName: settingName || undefined,
      ...counts.result(),
      servers: servers.sort((a, b) => b.rows - a.rows || (a.server < b.server ? -1 : 1)),
      backendErrorLatency: this.backendErrorLatency(),
      instances: this.instances,
      hosts: this.hosts.top(HOSTS_TOLD, "most rows"),
      uris: this.uris.top(URIS_TOLD, "slowest"),
      minutes,
      bursts: this.minutes.bursts(minutes),
      servedBeforeFailures: around.before,
      servedAfterFailures: around.after,
      samples: this.samples(),
    };
  }

  private server(name: string): ServerCell | undefined {
    const known = this.servers.get(name);
    if (known !== undefined || this.budgets.servers === 0) return known;
    this.budgets.servers--;
    const cell = new ServerCell(name);
    this.servers.set(name, cell);
    return cell;
  }

  private addInstance(instanceId: string, failed: boolean): void {
    if (instanceId === "") return;
    let instance = this.instances.get(instanceId);
    if (instance === undefined) {
      if (this.instances.size >= MOST_INSTANCES) return;
      instance = { rows: 0, failed: 0 };
      this.instances.set(instanceId, instance);
    }
    instance.rows++;
    if (failed) instance.failed++;
  }

  private addBackendError(status: number, latencyS: number): void {
    let histogram = this.backendErrors.get(status);
    if (histogram === undefined) {
      if (this.backendErrors.size >= MOST_STATUSES) return;
      histogram = new LatencyHistogram();
      this.backendErrors.set(status, histogram);
    }
    histogram.add(latencyS);
  }

  private addSample(row: AccessRow, reading: number, place: RowPlace): void {
    const first = this.firstSamples[reading] as LogSample[];
    const last = this.lastSamples[reading] as LogSample[];
    const sample = sampleOf(row, reading, place);
    if (first.length < FIRST_SAMPLES) first.push(sample);
    else if (last.push(sample) > LAST_SAMPLES) last.shift();
  }

  private samples(): LogSample[] {
    return READINGS.flatMap((_, reading) => [
      ...(this.firstSamples[reading] as LogSample[]),
      ...(this.lastSamples[reading] as LogSample[]),
    ]);
  }

  private backendErrorLatency(): Map<number, LatencySummary> {
    const latencies = new Map<number, LatencySummary>();
    for (const [status, histogram] of this.backendErrors) {
      const summary = histogram.summary();
      if (summary !== undefined) latencies.set(status, summary);
    }
    return latencies;
  }
}

/** What a sample has beside the fields of its row. */
export type RowPlace = Pick<LogSample, "document" | "line" | "answeredBy">;

type RouteNames = Pick<
  AccessRow,
  "version" | "gatewayId" | "listenerName" | "ruleName" | "poolName" | "settingName"
>;

function sampleOf(row: AccessRow, reading: number, place: RowPlace): LogSample {
  return {
    ...place,
    reading: READINGS[reading] as LogSample["reading"],
    timeMs: finite(row.timeMs),
    method: row.method,
    httpStatus: row.httpStatus,
    serverStatus: finite(row.serverStatus),
    errorInfo: row.errorInfo,
    uri: row.uri,
    host: row.host,
    timeTakenS: finite(row.timeTakenS),
    serverLatencyS: finite(row.serverLatencyS),
    serverRouted: row.serverRouted,
    attempts: row.attempts,
    instanceId: row.instanceId,
  };
}
