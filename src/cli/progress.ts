import { plain } from "../report/plain.ts";
import type { Io } from "./io.ts";

const quietMs = 300;

/** One line on standard error that says what is being done, on a terminal only, and only when it takes a while. */
export class Progress {
  private readonly io: Io;
  private readonly startMs: number;
  private readonly on: boolean;
  private shown = false;

  constructor(io: Io, on: boolean) {
    this.io = io;
    this.on = on && io.stderr.isTerminal;
    this.startMs = io.now();
  }

  async say(what: string): Promise<void> {
    if (!this.on || this.io.now() - this.startMs < quietMs) return;
    this.shown = true;
    const room = (this.io.stderr.columns ?? 80) - 1;
    await this.io.stderr.write(`\r\u001b[K${plain(what).slice(0, room)}`);
  }

  async clear(): Promise<void> {
    if (this.shown) await this.io.stderr.write("\r\u001b[K");
    this.shown = false;
  }
}
