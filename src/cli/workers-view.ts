import type { MemberView } from "../gateway/balance/balancer.ts";
import type { AdminState } from "../gateway/balance/member.ts";
import type { KeptExchange } from "../gateway/explain/kept-exchange.ts";
import type { GateFigures } from "../gateway/limits/gate.ts";
import { gateGone, gateSum } from "../gateway/limits/gate-sum.ts";
import type { ActivityCounts } from "../gateway/metrics/activity.ts";
import { type ActivityFigures, ActivitySum, activityFigures } from "../gateway/metrics/activity-sum.ts";
import { Metrics, type MetricsFigures } from "../gateway/metrics/metrics.ts";
import type { InvalidResponse } from "../gateway/upstream/invalid-response.ts";
import type { WorkerPool } from "../gateway/workers/worker-pool.ts";
import type { Io } from "./io.ts";
import type { RunGateway } from "./run-gateway.ts";
import type { RunView } from "./run-view.ts";

/** What all workers know together; one that does not answer in time is left out, or as it was when it last did. */
export class WorkersView implements RunView {
  readonly #pool: WorkerPool;
  readonly #gateway: RunGateway;
  readonly #io: Io;
  readonly #metrics = new Map<number, MetricsFigures>();
  readonly #activity = new Map<number, ActivityFigures>();
  /** Of workers that have ended: what was counted must not become less. */
  readonly #gone = new Metrics();
  readonly #gates = new Map<number, GateFigures>();
  #gateGone = gateSum([]);
  #activityGone: ActivityFigures = { routes: [], servers: [], failures: [] };

  constructor(pool: WorkerPool, gateway: RunGateway, io: Io) {
    this.#pool = pool;
    this.#gateway = gateway;
    this.#io = io;
  }

  /** Another one takes its number. */
  ended(worker: number): void {
    const metrics = this.#metrics.get(worker);
    if (metrics !== undefined) this.#gone.absorb(metrics);
    this.#metrics.delete(worker);
    const activity = this.#activity.get(worker);
    if (activity !== undefined) {
      const sum = new ActivitySum([this.#activityGone, activity]);
      // Its last failures would never become old.
      this.#activityGone = { ...activityFigures(sum, this.#io.now()), failures: [] };
    }
    this.#activity.delete(worker);
    const gate = this.#gates.get(worker);
    if (gate !== undefined) this.#gateGone = gateGone(gateSum([this.#gateGone, gate]));
    this.#gates.delete(worker);
  }

  async members(): Promise<readonly MemberView[]> {
    const views = this.#gateway.current.balancer.view();
    const busy = new Map<string, { busy: number; aside: boolean }>();
    for (const figures of (await this.#pool.figures("members")).values()) {
      for (const one of figures) {
        const key = `${one.pairId} ${one.address} ${one.removed}`;
        const known = busy.get(key) ?? { busy: 0, aside: false };
        busy.set(key, { busy: known.busy + one.busy, aside: known.aside || one.aside });
      }
    }
    return views.map((view) => {
      const key = `${view.pair.id} ${view.server.address ?? ""} ${view.removed}`;
      return { ...view, ...busy.get(key) };
    });
  }

  async metrics(): Promise<Pick<Metrics, "text">> {
    for (const [worker, figures] of await this.#pool.figures("metrics")) this.#metrics.set(worker, figures);
    const total = new Metrics();
    total.absorb(this.#gone.figures());
    for (const figures of this.#metrics.values()) total.absorb(figures);
    return total;
  }

  async activity(): Promise<ActivityCounts> {
    for (const [worker, figures] of await this.#pool.figures("activity")) this.#activity.set(worker, figures);
    return new ActivitySum([this.#activityGone, ...this.#activity.values()]);
  }

  async connections(): Promise<number> {
    const all = await this.#pool.figures("connections");
    return [...all.values()].reduce((sum, count) => sum + count, 0);
  }

  async gate(): Promise<GateFigures> {
    for (const [worker, figures] of await this.#pool.figures("gate")) this.#gates.set(worker, figures);
    return gateSum([this.#gateGone, ...this.#gates.values()]);
  }

  recordsOf(start: string): Promise<readonly KeptExchange[]> {
    return this.#pool.records(start);
  }

  /** The last of each server, whoever saw it. */
  async invalidResponses(): Promise<readonly InvalidResponse[]> {
    const last = new Map<string, InvalidResponse>();
    for (const responses of (await this.#pool.figures("invalid")).values()) {
      for (const response of responses) {
        const known = last.get(response.server);
        if (known === undefined || known.atMs < response.atMs) last.set(response.server, response);
      }
    }
    return [...last.values()];
  }

  setAdmin(pairId: string, address: string, admin: AdminState): Promise<boolean> {
    return this.#gateway.setAdmin(pairId, address, admin);
  }
}
