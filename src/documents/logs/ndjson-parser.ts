import { ByteWindow, type LogParser } from "./byte-window.ts";

const NEWLINE = 0x0a;

/** Where the lines of a document arrive, numbered from 1. */
export interface LineTaker {
  /** `bytes[start, end)` without its line end, only lent. `ended`: the line end was there. */
  line(bytes: Buffer, start: number, end: number, line: number, ended: boolean): void;
  tooLong(line: number): void;
}

/** One JSON object a line, as storage accounts hold the logs (logs-and-metrics.md §1). A broken line costs that line. */
export class NdjsonParser implements LogParser {
  private readonly taker: LineTaker;
  private readonly window = new ByteWindow();
  private line = 1;

  constructor(taker: LineTaker) {
    this.taker = taker;
  }

  push(piece: Uint8Array): void {
    const { window } = this;
    window.push(piece);
    for (;;) {
      const newline = window.bytes.indexOf(NEWLINE, window.at);
      if (newline < 0 || newline >= window.end) break;
      this.endLine(newline, true);
    }
    window.at = window.end;
    window.hold();
  }

  finish(): void {
    if (this.window.end > this.window.start || this.window.dropping) this.endLine(this.window.end, false);
  }

  private endLine(end: number, ended: boolean): void {
    const { window } = this;
    const { start } = window;
    window.at = Math.min(end + 1, window.end);
    if (window.close()) this.taker.tooLong(this.line);
    else this.taker.line(window.bytes, start, end, this.line, ended);
    this.line++;
  }
}
