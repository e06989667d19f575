import { activityFigures } from "../gateway/metrics/activity-sum.ts";
import { Tally } from "../gateway/metrics/tally.ts";
import type { Staged } from "../gateway/server.ts";
import { Channel } from "../gateway/workers/channel.ts";
import {
  type Figures,
  type FiguresKind,
  readToWorker,
  type ToMain,
  type ToWorker,
  type WorkerStart,
} from "../gateway/workers/messages.ts";
import { wireToMain } from "../gateway/workers/worker-process.ts";
import { Arguments } from "./options.ts";
import { processIo } from "./process-io.ts";
import { configurationFrom } from "./run-configuration.ts";
import { RunGateway } from "./run-gateway.ts";
import { runCallFrom } from "./run-options.ts";
import { type LogPlace, openLogPlace, type RunLog, runLog } from "./run-records.ts";
import { recordsTo } from "./run-service.ts";
import { connectionsOf, invalidOf } from "./run-view.ts";

/** This process serves for another one, which tells it all and ends it. */
export function runWorker(): void {
  // Of a terminal they come to every process of the run; the main process tells what is to be done.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const worker = new RunWorker();
  worker.here();
}

/** Rows wait for the main process as for a slow disk. */
const logMs = 60_000;

class RunWorker {
  readonly #io = processIo();
  readonly #tally = new Tally();
  readonly #channel: Channel<ToWorker, ToMain>;
  /** What is told while it begins waits until it has begun. */
  #begun: Promise<unknown> = Promise.resolve();
  #gateway: RunGateway | undefined;
  #log: RunLog | undefined;
  #start: WorkerStart | undefined;
  #ending = false;
  #staged: Staged | undefined;

  constructor() {
    this.#channel = new Channel(wireToMain(), {
      read: readToWorker,
      told: (message) => void this.#begun.then(() => this.#told(message)),
      asked: (message) => {
        if (message.kind !== "start") return this.#begun.then(() => this.#asked(message));
        const begun = this.#begin(message.start);
        this.#begun = begun.catch(() => {});
        return begun;
      },
    });
  }

  here(): void {
    this.#channel.tell({ kind: "here" });
  }

  async #begin(start: WorkerStart): Promise<void> {
    const call = runCallFrom(Arguments.from(start.call));
    this.#start = start;
    this.#log = await this.#logOf(start);
    const first = await configurationFrom(start.configuration, call, start.sharedPorts);
    const gateway = await RunGateway.start(first, {
      call,
      io: this.#io,
      sinkOf: (configuration) => recordsTo(configuration, this.#log, start.tally ? this.#tally : undefined),
      workers: start.workers,
      probes: false,
      onPassive: (signal) => this.#channel.tell({ kind: "passive", signal }),
      before: (board) => {
        for (const entry of start.board) board.set(entry);
      },
    });
    for (const { pairId, address, admin, drainForMs } of start.wishes)
      gateway.current.balancer.setAdmin(pairId, address, admin, drainForMs);
    this.#gateway = gateway;
  }

  async #logOf({ log, worker }: WorkerStart): Promise<RunLog | undefined> {
    if (log === undefined) return undefined;
    const place: LogPlace =
      log === "main"
        ? {
            write: async (batch) => void (await this.#channel.ask({ kind: "log", batch }, logMs)),
            reopen: async () => {},
            close: async () => {},
          }
        : await openLogPlace(log.file, this.#io);
    return runLog(place, worker, this.#io);
  }

  #told(message: ToWorker): void {
    const gateway = this.#gateway;
    if (gateway === undefined) return;
    switch (message.kind) {
      case "board":
        for (const entry of message.entries) gateway.board.set(entry);
        return;
      case "wish": {
        const { pairId, address, admin } = message.wish;
        gateway.current.balancer.setAdmin(pairId, address, admin);
        return;
      }
      case "passive":
        gateway.current.balancer.passive(message.signal);
        return;
      case "stop":
        void this.#stop(gateway, message.drainMs);
        return;
      default:
        return;
    }
  }

  async #asked(message: ToWorker): Promise<unknown> {
    const gateway = this.#gateway;
    if (gateway === undefined || this.#start === undefined) throw new Error("it has not begun");
    switch (message.kind) {
      case "stage": {
        const call = runCallFrom(Arguments.from(this.#start.call));
        const next = await configurationFrom(message.configuration, call, this.#start.sharedPorts);
        this.#staged = await gateway.stage(next);
        return undefined;
      }
      case "commit":
        await this.#taken().commit();
        return undefined;
      case "abandon":
        await this.#staged?.abandon();
        this.#staged = undefined;
        return undefined;
      case "figures":
        return this.#figures(message.what, gateway);
      case "records":
        return this.#tally.failures.startingWith(message.start);
      case "reopen-log":
        return this.#log?.reopen();
      default:
        this.#told(message);
        return undefined;
    }
  }

  #taken(): Staged {
    const staged = this.#staged;
    this.#staged = undefined;
    if (staged === undefined) throw new Error("nothing was made ready");
    return staged;
  }

  #figures(what: FiguresKind, gateway: RunGateway): Figures[FiguresKind] {
    switch (what) {
      case "metrics":
        return this.#tally.metrics.figures();
      case "activity":
        return activityFigures(this.#tally.activity, this.#io.now());
      case "connections":
        return connectionsOf(gateway);
      case "gate":
        return gateway.gate.figures();
      case "invalid":
        return invalidOf(gateway);
      case "members":
        return gateway.current.balancer.view().map(({ pair, server, removed, busy, aside }) => ({
          pairId: pair.id,
          address: server.address ?? "",
          removed,
          busy,
          aside,
        }));
    }
  }

  async #stop(gateway: RunGateway, drainMs: number): Promise<void> {
    // Told again while it ends, it gives up what is under way.
    if (!this.#ending) {
      this.#ending = true;
      await gateway.stop(drainMs);
    }
    await this.#log?.flush();
    process.exit(0);
  }
}
