import { LineBytes } from "./line-bytes.ts";

/** Where batches go: each is lent until it is written. Rejects when one could not be. */
export type BatchSink = (batch: Buffer) => Promise<void>;

export interface LineWriterOptions {
  readonly sink: BatchSink;
  /** Lines are lost from now on: the disk is too slow (`full`) or refuses (`error`). Told once until it is well again. */
  readonly onLoss: (why: "full" | "error", error: unknown) => void;
  readonly batchBytes?: number;
  readonly flushMs?: number;
  /** So much may wait for the disk. */
  readonly mostWaitingBytes?: number;
}

/**
 * Collects lines of ASCII text and writes them in batches, one at a time and in order. Never makes anybody wait: what the
 * disk cannot keep up with is dropped and counted. While one batch is written the next is filled: two buffers do for all.
 */
export class LineWriter {
  readonly #options: Required<LineWriterOptions>;
  #filling = new LineBytes();
  #spare: LineBytes | undefined;
  /** Of the batch that is being written. */
  #writingBytes = 0;
  #writing: Promise<void> | undefined;
  /** What there is has waited for long enough. */
  #due = false;
  #timer: NodeJS.Timeout | undefined;
  #linesLost = 0;
  #saidLoss = false;

  constructor(options: LineWriterOptions) {
    this.#options = { batchBytes: 64 * 1024, flushMs: 200, mostWaitingBytes: 16 * 1024 * 1024, ...options };
  }

  /** How many lines were not written. */
  get linesLost(): number {
    return this.#linesLost;
  }

  /** A line in parts, its line end with it, ASCII alone. */
  write(parts: readonly string[]): void {
    if (this.#writingBytes + this.#filling.bytes >= this.#options.mostWaitingBytes) {
      this.#linesLost += 1;
      this.#lost("full", undefined);
      return;
    }
    this.#filling.add(parts);
    if (this.#filling.bytes >= this.#options.batchBytes) this.#begin();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#due = true;
        this.#begin();
      }, this.#options.flushMs);
      this.#timer.unref();
    }
  }

  /** Resolves when all that was given is written or lost. */
  async flush(): Promise<void> {
    this.#due = true;
    this.#begin();
    await this.#writing;
  }

  #begin(): void {
    if (this.#filling.bytes === 0) return;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#filling.bytes >= (this.#due ? 1 : this.#options.batchBytes)) {
      const batch = this.#filling;
      this.#filling = this.#spare ?? new LineBytes();
      this.#spare = undefined;
      this.#due = false;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      await this.#writeOne(batch);
      if (batch.empty()) this.#spare = batch;
    }
    this.#due = false;
    this.#writing = undefined;
  }

  async #writeOne(batch: LineBytes): Promise<void> {
    this.#writingBytes = batch.bytes;
    try {
      await this.#options.sink(batch.whole);
      if (this.#filling.bytes <= this.#options.batchBytes) this.#saidLoss = false;
    } catch (error) {
      this.#linesLost += batch.lines;
      this.#lost("error", error);
    }
    this.#writingBytes = 0;
  }

  #lost(why: "full" | "error", error: unknown): void {
    if (this.#saidLoss) return;
    this.#saidLoss = true;
    this.#options.onLoss(why, error);
  }
}
