import { Channel } from "./channel.ts";
import { readToMain, type ToMain, type ToWorker, type WorkerStart } from "./messages.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface WorkerEvents {
  told(message: ToMain): void;
  asked(message: ToMain): Promise<void>;
  /** Whether it was serving, and why it ended. */
  ended(why: string): void;
}

/** To load the program and to open all doors. */
const startMs = 30_000;
/** Longer than it was given to end by itself. */
const killAfterMs = 3_000;

/** One process that serves. */
export class Worker {
  readonly number: number;
  readonly startedMs: number;
  readonly #process: WorkerProcess;
  readonly #channel: Channel<ToMain, ToWorker>;
  readonly #here: Promise<void>;
  readonly #ended: Promise<void>;
  /** It has been told all up to now: what changes from here on is told as well. */
  #toldAll = false;
  #serving = false;
  #stopping = false;

  constructor(number: number, process: WorkerProcess, nowMs: number, events: WorkerEvents) {
    this.number = number;
    this.startedMs = nowMs;
    this.#process = process;
    let here: () => void = () => {};
    this.#here = new Promise((resolve) => (here = resolve));
    this.#channel = new Channel(process, {
      read: readToMain,
      told: (message) => (message.kind === "here" ? here() : events.told(message)),
      asked: (message) => events.asked(message),
    });
    this.#ended = new Promise((resolve) => {
      process.onEnd((why) => {
        this.#serving = false;
        this.#channel.close();
        resolve();
        if (!this.#stopping) events.ended(why);
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get serving(): boolean {
    return this.#serving;
  }

  /** Rejects with the reason when it cannot serve. */
  async start(startNow: () => WorkerStart): Promise<void> {
    const late = rejectingAfter(startMs);
    try {
      await Promise.race([this.#here, late.promise, this.#ended.then(() => Promise.reject(gone()))]);
      const begun = this.#channel.ask({ kind: "start", start: startNow() }, startMs);
      this.#toldAll = true;
      await begun;
    } finally {
      late.cancel();
    }
    this.#serving = true;
  }

  tell(message: ToWorker): void {
    if (this.#toldAll) this.#channel.tell(message);
  }

  ask(message: ToWorker, withinMs: number): Promise<unknown> {
    return this.#channel.ask(message, withinMs);
  }

  /** It cannot serve: ends it, which is told as any end. */
  giveUp(): void {
    this.#process.kill();
  }

  /** Lets it end what is under way; resolves when the process is gone. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    const wasServing = this.#serving;
    this.#serving = false;
    if (wasServing) this.#channel.tell({ kind: "stop", drainMs });
    else this.#process.kill();
    const timer = setTimeout(() => this.#process.kill(), drainMs + killAfterMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

const gone = (): Error => new Error("the process ended");

function rejectingAfter(ms: number): { readonly promise: Promise<never>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not begin within ${ms} ms`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
