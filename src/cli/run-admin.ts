import { activityReport } from "../gateway/admin/activity-report.ts";
import type { AdminSources } from "../gateway/admin/admin-api.ts";
import { type AdminPlace, type AdminServer, openAdmin } from "../gateway/admin/admin-server.ts";
import type { ExchangeRecord } from "../gateway/exchange/exchange-record.ts";
import type { RecordSink } from "../gateway/exchange/parts.ts";
import { evidenceOf } from "../gateway/explain/evidence.ts";
import { FailureRing } from "../gateway/explain/failure-ring.ts";
import { backendHealthOf } from "../gateway/health/backend-health.ts";
import type { BoardEntry } from "../gateway/health/health-board.ts";
import { Activity } from "../gateway/metrics/activity.ts";
import { Metrics } from "../gateway/metrics/metrics.ts";
import type { Switches } from "../health/switches.ts";
import type { Generation } from "../model/gateway.ts";
import type { DiagnosisJson } from "../report/json-types.ts";
import { UsageError } from "./exit-codes.ts";
import { explainExchange } from "./explain-exchange.ts";
import type { Io } from "./io.ts";
import type { RunGateway } from "./run-gateway.ts";
import { say } from "./write-out.ts";

/** The admin port of a run, and what it keeps of the exchanges. */
export class RunAdmin {
  readonly #place: AdminPlace;
  readonly #switches: Switches;
  readonly #metrics: Metrics;
  readonly #activity = new Activity();
  readonly #failures = new FailureRing();
  #waitingFor: string | undefined = "the first probes have not come back";
  #server: AdminServer | undefined;

  constructor(place: AdminPlace, generation: Generation, switches: Switches) {
    this.#place = place;
    this.#switches = switches;
    this.#metrics = new Metrics(generation);
  }

  /** They are to be told of every exchange. */
  get sinks(): readonly RecordSink[] {
    return [this.#metrics, this.#activity, this.#failures];
  }

  /** Throws `UsageError` when the place is taken. */
  async open(gateway: RunGateway, io: Io): Promise<void> {
    try {
      this.#server = await openAdmin(this.#place, this.#sourcesOf(gateway, io));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UsageError(`--admin: cannot listen on ${placeWords(this.#place)}: ${code ?? message}`);
    }
    const { port } = this.#server;
    await say(io, `causeway: the admin port is ${placeWords(this.#place, port)}`);
  }

  ready(): void {
    this.#waitingFor = undefined;
  }

  /** From now on it tells that no more requests should be sent here. */
  ending(): void {
    this.#waitingFor = "it is ending";
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #sourcesOf(gateway: RunGateway, io: Io): AdminSources {
    const members = () => gateway.current.balancer.view();
    const prepared = () => gateway.current.serving.prepared;
    const sinceMs = io.now();
    return {
      waitingFor: () => this.#waitingFor,
      members,
      backendHealth: () => backendHealthOf(prepared().wiring.pairs, members()),
      metrics: () => this.#metrics.text(members()),
      activity: () =>
        activityReport({
          activity: this.#activity,
          gateway: prepared().gateway,
          routes: prepared().wiring.routes,
          members: members(),
          connections: gateway.server.doors.reduce((sum, { connections }) => sum + connections, 0),
          sinceMs,
          nowMs: io.now(),
        }),
      recordOf: (transactionId) => this.#failures.get(transactionId),
      diagnosisOf: (record) => this.#diagnosisOf(record, gateway, io),
      invalidResponses: () =>
        [...gateway.current.upstreams.known()].flatMap(([, { lastInvalid }]) => lastInvalid ?? []),
      configuration: () => prepared().gateway.source.value,
      setAdmin: (pairId, address, admin) => gateway.current.balancer.setAdmin(pairId, address, admin),
    };
  }

  /** By the configuration it was served with: what was wrong then may be right by now. */
  #diagnosisOf(record: ExchangeRecord, gateway: RunGateway, io: Io): DiagnosisJson | null {
    const world = record.route && gateway.worldOf(record.route);
    if (record.route === undefined || world === undefined) return null;
    const { prepared, configuration, entryOf } = world;
    const seen = evidenceOf(record, {
      router: prepared.router,
      switches: this.#switches,
      entryOf: (server) => entryThen(entryOf(server), record),
    });
    const kase = { ...configuration.kase, nowMs: io.now() };
    const exported = configuration.exported;
    return explainExchange(kase, prepared.gateway, record.route.id, { seen, exported });
  }
}

/** The last probe tells of the moment of the exchange only while the server has neither come up nor gone down since. */
function entryThen(
  entry: BoardEntry | undefined,
  { startedAtMs, tookMs }: ExchangeRecord,
): BoardEntry | undefined {
  return entry?.state.changes.some(({ atMs }) => atMs > startedAtMs + tookMs) ? undefined : entry;
}

function placeWords(place: AdminPlace, opened?: number): string {
  if ("socket" in place) return place.socket;
  const host = place.host === "::1" ? "[::1]" : place.host;
  return `${host}:${opened ?? place.port}`;
}
