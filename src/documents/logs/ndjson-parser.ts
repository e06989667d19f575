import { ByteWindow, type LogParser } from "./byte-window.ts";
import { JsonRows } from "./json-row.ts";
import type { RowIntake } from "./row-intake.ts";

const NEWLINE = 0x0a;

/** One JSON object a line, as storage accounts hold the logs (logs-and-metrics.md §1). A broken line costs that line. */
export class NdjsonParser implements LogParser {
  private readonly intake: RowIntake;
  private readonly rows: JsonRows;
  private readonly window = new ByteWindow();
  private line = 1;

  constructor(intake: RowIntake) {
    this.intake = intake;
    this.rows = new JsonRows(intake);
  }

  push(piece: Uint8Array): void {
    const { window } = this;
    window.push(piece);
    for (;;) {
      const newline = window.bytes.indexOf(NEWLINE, window.at);
      if (newline < 0 || newline >= window.end) break;
      this.endLine(newline);
    }
    window.at = window.end;
    window.hold();
  }

  finish(): void {
    if (this.window.end > this.window.start || this.window.dropping) this.endLine(this.window.end);
  }

  private endLine(end: number): void {
    const { window } = this;
    const { start } = window;
    window.at = Math.min(end + 1, window.end);
    if (window.close()) this.intake.skip(this.line);
    else this.rows.line(window.bytes, start, end, this.line);
    this.line++;
  }
}
