import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Door } from "../gateway/config/prepared.ts";
import type { BoardEntry } from "../gateway/health/health-board.ts";
import type { Staged } from "../gateway/server.ts";
import type { AdminWish, ToMain, WorkerStart } from "../gateway/workers/messages.ts";
import { canSharePorts, PortPlan } from "../gateway/workers/port-plan.ts";
import { WorkerPool } from "../gateway/workers/worker-pool.ts";
import { startWorker } from "../gateway/workers/worker-process.ts";
import { systemClock } from "../probe/clock.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import { portableOf, type RunConfiguration } from "./run-configuration.ts";
import type { RunGateway } from "./run-gateway.ts";
import type { RunCall } from "./run-options.ts";
import type { LogPlace } from "./run-records.ts";
import { workerWord } from "./worker-word.ts";
import { WorkersView } from "./workers-view.ts";
import { say } from "./write-out.ts";

export interface RunWorkersOptions {
  readonly args: Arguments;
  readonly call: RunCall;
  readonly io: Io;
  /** Where rows go that workers do not write themselves. */
  readonly log: LogPlace | undefined;
}

/** The program itself, in a clone and in the package. */
const program = fileURLToPath(new URL("../../bin/causeway.js", import.meta.url));

/** The processes that serve in the place of this one, which reads, probes and tells them. */
export class RunWorkers {
  readonly #options: RunWorkersOptions;
  readonly #ports = new PortPlan();
  readonly #pool: WorkerPool;
  readonly #changed = new Map<string, BoardEntry>();
  #gateway: RunGateway | undefined;
  #view: WorkersView | undefined;
  #sharedPorts = true;
  #log: WorkerStart["log"];
  #portsServed: ReadonlyMap<string, number> = new Map();
  #stopped: Promise<void> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: RunWorkersOptions) {
    this.#options = options;
    this.#pool = new WorkerPool({
      count: options.call.workers,
      spawn: () => startWorker(program, [workerWord]),
      startOf: (worker) => this.#startOf(worker),
      told: (message, from) => this.#told(message, from),
      asked: (message) => this.#asked(message),
      ended: (worker) => this.#view?.ended(worker),
      say: (line) => void say(options.io, `causeway: ${line}`),
      nowMs: () => systemClock.nowMs(),
    });
  }

  /** Rejects when one of them cannot serve what the gateway serves; none is left then. */
  async open(gateway: RunGateway): Promise<WorkersView> {
    this.#gateway = gateway;
    this.#log = await this.#logOfWorkers();
    this.#sharedPorts = await canSharePorts();
    this.#portsServed = await this.#ports.plan(gateway.configuration.prepared.doors);
    this.#ports.opened(this.#portsServed);
    const view = new WorkersView(this.#pool, gateway, this.#options.io);
    this.#view = view;
    await this.#pool.start();
    gateway.board.onChange((entry) => this.#tellBoard(entry));
    for (const entry of gateway.board.entries()) this.#tellBoard(entry);
    return view;
  }

  portOf(door: Door): number {
    return this.#ports.portOf(door);
  }

  /** As of `GatewayServer.stage`, of all of them. */
  async stage(next: RunConfiguration): Promise<Staged> {
    const ports = await this.#ports.plan(next.prepared.doors);
    this.#flushBoard();
    const staged = await this.#pool.stage(portableOf(next, ports));
    return {
      commit: async () => {
        this.#ports.opened(ports);
        this.#portsServed = ports;
        this.#flushBoard();
        await staged.commit();
      },
      abandon: () => staged.abandon(),
    };
  }

  wish(wish: AdminWish): Promise<void> {
    return this.#pool.toldAll({ kind: "wish", wish });
  }

  /** Resolves when all of them know how the servers stand. */
  async informed(): Promise<void> {
    const entries = [...this.#changed.values()];
    this.#changed.clear();
    await this.#pool.toldAll({ kind: "board", entries });
  }

  reopenLogs(): Promise<void> {
    return this.#pool.reopenLogs();
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopped = this.#pool.stop(drainMs);
    await this.#stopped;
    await this.#writing;
  }

  /** Workers that end already give up what is under way; resolves when they have ended and all is written. */
  async hurry(): Promise<void> {
    this.#pool.tell({ kind: "stop", drainMs: 0 });
    await this.#stopped;
    await this.#writing;
  }

  #startOf(worker: number): WorkerStart {
    const { args, call } = this.#options;
    const gateway = this.#gateway;
    if (gateway === undefined) throw new Error("there is nothing to serve yet");
    return {
      worker,
      workers: call.workers,
      call: args.plain(),
      configuration: portableOf(gateway.configuration, this.#portsServed),
      board: [...gateway.board.entries()].map(withoutObservation),
      wishes: gateway.current.balancer.wishes(),
      log: this.#log,
      tally: call.admin !== undefined,
      sharedPorts: this.#sharedPorts,
    };
  }

  /** A file takes whole batches from several processes at its end; pipes and terminals do not. */
  async #logOfWorkers(): Promise<WorkerStart["log"]> {
    const { accessLog } = this.#options.call;
    if (accessLog === undefined) return undefined;
    if (accessLog === "-") return "main";
    return (await stat(accessLog)).isFile() ? { file: accessLog } : "main";
  }

  #told(message: ToMain, from: number): void {
    if (message.kind !== "passive") return;
    this.#gateway?.current.balancer.passive(message.signal);
    this.#pool.tell(message, from);
  }

  async #asked(message: ToMain): Promise<void> {
    const { log } = this.#options;
    if (message.kind !== "log" || log === undefined) throw new Error(`nobody takes ${message.kind}`);
    const { batch } = message;
    const written = this.#writing.then(() => log.write(batch));
    this.#writing = written.catch(() => {});
    return written;
  }

  /** Together, once the event loop comes round: at the start there are thousands. */
  #tellBoard(entry: BoardEntry): void {
    if (this.#changed.size === 0) setImmediate(() => this.#flushBoard());
    this.#changed.set(entry.key, withoutObservation(entry));
  }

  #flushBoard(): void {
    if (this.#changed.size === 0) return;
    this.#pool.tell({ kind: "board", entries: [...this.#changed.values()] });
    this.#changed.clear();
  }
}

/** It is needed where failures are explained, and may be large. */
function withoutObservation(entry: BoardEntry): BoardEntry {
  return { ...entry, observation: undefined, failures: [] };
}
