import type { Staged } from "../server.ts";
import type {
  Figures,
  FiguresKind,
  PortableConfiguration,
  ToMain,
  ToWorker,
  WorkerStart,
} from "./messages.ts";
import { Worker } from "./worker.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface WorkerPoolOptions {
  readonly count: number;
  readonly spawn: () => WorkerProcess;
  /** How a worker begins now: what is served, how servers stand, what the operator wants. */
  readonly startOf: (worker: number) => WorkerStart;
  readonly told: (message: ToMain, from: number) => void;
  readonly asked: (message: ToMain) => Promise<void>;
  /** The last that is known of the figures of a worker that has ended. */
  readonly ended: (worker: number) => void;
  readonly say: (line: string) => void;
  /** By a clock that only goes up. */
  readonly nowMs: () => number;
}

/** To make a large configuration ready. */
const stageMs = 30_000;
const commitMs = 10_000;
/** People wait for it. */
const askMs = 2_000;

/** A worker that ends at once is started again later and later; one that has served for a while at once. */
const shortestPauseMs = 100;
const longestPauseMs = 10_000;
const provenMs = 10_000;

/** The processes that serve, kept at their number: whoever ends is started again with what is served by then. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Map<number, Worker>();
  readonly #pauses = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Beginnings and reloads one after the other: nobody begins with what is just being replaced. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Rejects with the reason of the first that cannot serve, with none left. */
  async start(): Promise<void> {
    const numbers = Array.from({ length: this.#options.count }, (_, at) => at + 1);
    try {
      await Promise.all(numbers.map((number) => this.#begin(number)));
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  get workers(): readonly Worker[] {
    return [...this.#workers.values()].sort((a, b) => a.number - b.number);
  }

  tell(message: ToWorker, except?: number): void {
    for (const worker of this.#workers.values()) if (worker.number !== except) worker.tell(message);
  }

  /** Tells it, and resolves when those that serve have taken it, with all that was told before. */
  async toldAll(message: ToWorker): Promise<void> {
    const asked = this.workers.map((worker) => {
      if (worker.serving) return worker.ask(message, askMs);
      worker.tell(message);
      return undefined;
    });
    await Promise.allSettled(asked);
  }

  /** Every worker has made it ready, or none serves it: rejects with the reason of one that refuses. */
  async stage(configuration: PortableConfiguration): Promise<Staged> {
    const turn = this.#take();
    await turn.begun;
    const asked = this.#serving();
    const answers = await Promise.allSettled(
      asked.map((worker) => worker.ask({ kind: "stage", configuration }, stageMs)),
    );
    const refusals = answers.flatMap((answer, at) =>
      // One that has ended meanwhile begins with what is served by then.
      answer.status === "rejected" && asked[at]?.serving === true ? [answer.reason] : [],
    );
    const abandon = async (): Promise<void> => {
      await settled(asked.map((worker) => worker.ask({ kind: "abandon" }, commitMs)));
      turn.end();
    };
    if (refusals.length > 0) {
      await abandon();
      throw refusals[0];
    }
    return {
      commit: async () => {
        await Promise.all(asked.map((worker) => this.#commit(worker)));
        turn.end();
      },
      abandon,
    };
  }

  /** What each worker that answers in time says, by its number. */
  async figures<K extends FiguresKind>(what: K): Promise<ReadonlyMap<number, Figures[K]>> {
    const answers = await this.#askAll({ kind: "figures", what });
    return new Map([...answers].map(([number, value]) => [number, value as Figures[K]]));
  }

  /** Of every worker, those whose transaction id begins so. */
  async records(start: string): Promise<Figures["records"]> {
    const answers = await this.#askAll({ kind: "records", start });
    return [...answers.values()].flatMap((value) => value as Figures["records"]);
  }

  async reopenLogs(): Promise<void> {
    const answers = await Promise.allSettled(
      this.#serving().map((worker) => worker.ask({ kind: "reopen-log" }, commitMs)),
    );
    for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  }

  /** Resolves when no process is left. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop(drainMs)));
  }

  /** One that does not take what all others serve begins anew with it. */
  async #commit(worker: Worker): Promise<void> {
    try {
      await worker.ask({ kind: "commit" }, commitMs);
    } catch {
      worker.giveUp();
    }
  }

  #serving(): readonly Worker[] {
    return this.workers.filter(({ serving }) => serving);
  }

  async #askAll(message: ToWorker): Promise<ReadonlyMap<number, unknown>> {
    const asked = this.#serving();
    const answers = await Promise.allSettled(asked.map((worker) => worker.ask(message, askMs)));
    const values = new Map<number, unknown>();
    for (const [at, worker] of asked.entries()) {
      const answer = answers[at];
      if (answer?.status === "fulfilled") values.set(worker.number, answer.value);
    }
    return values;
  }

  async #begin(number: number): Promise<void> {
    if (this.#stopped) return;
    const { spawn, startOf, told, asked, nowMs } = this.#options;
    const worker = new Worker(number, spawn(), nowMs(), {
      told: (message) => told(message, number),
      asked,
      ended: (why) => this.#again(worker, why),
    });
    this.#workers.set(number, worker);
    await worker.start(() => startOf(number));
  }

  #again(worker: Worker, why: string): void {
    const { number, pid, startedMs } = worker;
    if (this.#workers.get(number) !== worker || this.#stopped) return;
    this.#workers.delete(number);
    const { ended, say, nowMs } = this.#options;
    ended(number);
    const proven = nowMs() - startedMs >= provenMs;
    const pauseMs = proven ? shortestPauseMs : (this.#pauses.get(number) ?? shortestPauseMs);
    this.#pauses.set(number, Math.min(pauseMs * 2, longestPauseMs));
    say(
      `worker ${number} (process ${pid ?? "?"}) has ended: ${why}; it is started again in ${pauseMs / 1000} s`,
    );
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#beginAgain(number);
    }, pauseMs);
    this.#timers.add(timer);
  }

  async #beginAgain(number: number): Promise<void> {
    const turn = this.#take();
    await turn.begun;
    try {
      await this.#begin(number);
      if (!this.#stopped) this.#options.say(`worker ${number} serves again`);
    } catch (error) {
      // Its process ends, and that begins it anew.
      const worker = this.#workers.get(number);
      this.#options.say(`worker ${number} cannot serve: ${messageOf(error)}`);
      worker?.giveUp();
    } finally {
      turn.end();
    }
  }

  #take(): { readonly begun: Promise<unknown>; readonly end: () => void } {
    const begun = this.#turn;
    let end: () => void = () => {};
    this.#turn = new Promise<void>((resolve) => (end = resolve));
    return { begun, end };
  }
}

async function settled(all: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(all);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
