/** The way to another process, as node:child_process and node:cluster offer it on both sides. */
export interface Wire {
  /** False or an error: the other side is gone. */
  send(frame: unknown): void;
  onFrame(take: (frame: unknown) => void): void;
}

/** What is told needs no answer, what is asked gets one. */
type Frame =
  | { readonly tell: unknown }
  | { readonly ask: unknown; readonly id: number }
  | { readonly answer: unknown; readonly id: number }
  | { readonly refused: string; readonly id: number };

export interface ChannelHandlers<In> {
  /** The message, or undefined when it has not the shape of one. */
  read(value: unknown): In | undefined;
  told(message: In): void;
  /** What it rejects with is told to the other side as a text. */
  asked(message: In): Promise<unknown>;
}

/** The other side did not answer in time, is gone, or refused. */
export class NotAnswered extends Error {
  /** True: it gave its reason itself. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean) {
    super(message);
    this.refused = refused;
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: NotAnswered) => void;
  readonly timer: NodeJS.Timeout;
}

/** Messages between two processes, in order. Whatever is not of the agreed shape is dropped. */
export class Channel<In, Out> {
  readonly #wire: Wire;
  readonly #handlers: ChannelHandlers<In>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #closed = false;

  constructor(wire: Wire, handlers: ChannelHandlers<In>) {
    this.#wire = wire;
    this.#handlers = handlers;
    wire.onFrame((frame) => this.#take(frame));
  }

  tell(message: Out): void {
    this.#send({ tell: message });
  }

  /** Rejects with `NotAnswered`. */
  ask(message: Out, withinMs: number): Promise<unknown> {
    if (this.#closed) return Promise.reject(new NotAnswered("it is gone", false));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new NotAnswered(`it did not answer within ${withinMs} ms`, false));
      }, withinMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#send({ ask: message, id });
    });
  }

  /** The other side is gone: nobody waits any more. */
  close(): void {
    this.#closed = true;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new NotAnswered("it is gone", false));
    }
    this.#waiting.clear();
  }

  #send(frame: Frame): void {
    if (!this.#closed) this.#wire.send(frame);
  }

  #take(frame: unknown): void {
    if (typeof frame !== "object" || frame === null) return;
    if ("tell" in frame) {
      const message = this.#handlers.read(frame.tell);
      if (message !== undefined) this.#handlers.told(message);
      return;
    }
    if (!("id" in frame) || typeof frame.id !== "number") return;
    if ("ask" in frame) void this.#answer(frame.id, frame.ask);
    else this.#settle(frame.id, frame);
  }

  async #answer(id: number, asked: unknown): Promise<void> {
    const message = this.#handlers.read(asked);
    try {
      if (message === undefined) throw new Error("that is no message");
      this.#send({ answer: await this.#handlers.asked(message), id });
    } catch (error) {
      this.#send({ refused: error instanceof Error ? error.message : String(error), id });
    }
  }

  #settle(id: number, frame: object): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if ("answer" in frame) waiting.resolve(frame.answer);
    else waiting.reject(new NotAnswered("refused" in frame ? String(frame.refused) : "refused", true));
  }
}
