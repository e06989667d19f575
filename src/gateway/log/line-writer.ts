/** Where batches go. Rejects when one could not be written. */
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
 * disk cannot keep up with is dropped and counted.
 */
export class LineWriter {
  readonly #options: Required<LineWriterOptions>;
  #lines = "";
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
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

  /** A line with its line end, ASCII alone. */
  write(line: string): void {
    if (this.#waitingBytes + this.#lines.length + line.length > this.#options.mostWaitingBytes) {
      this.#linesLost += 1;
      this.#lost("full", undefined);
      return;
    }
    this.#lines += line;
    if (this.#lines.length >= this.#options.batchBytes) this.#hand();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#hand(), this.#options.flushMs);
      this.#timer.unref();
    }
  }

  /** Resolves when all that was given is written or lost. */
  async flush(): Promise<void> {
    this.#hand();
    await this.#writing;
  }

  #hand(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    const batch = Buffer.from(this.#lines, "latin1");
    this.#lines = "";
    this.#waiting.push(batch);
    this.#waitingBytes += batch.length;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All that came while the last was written: under load one write a turn of the loop has to be enough.
      const batch = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
      this.#waiting = [];
      if (batch === undefined) break;
      try {
        await this.#options.sink(batch);
        if (this.#waitingBytes - batch.length <= this.#options.batchBytes) this.#saidLoss = false;
      } catch (error) {
        this.#linesLost += linesIn(batch);
        this.#lost("error", error);
      }
      this.#waitingBytes -= batch.length;
    }
    this.#writing = undefined;
  }

  #lost(why: "full" | "error", error: unknown): void {
    if (this.#saidLoss) return;
    this.#saidLoss = true;
    this.#options.onLoss(why, error);
  }
}

function linesIn(batch: Buffer): number {
  let count = 0;
  for (const byte of batch) if (byte === 0x0a) count += 1;
  return count;
}
