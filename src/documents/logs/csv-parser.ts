import { ByteWindow, type LogParser } from "./byte-window.ts";
import { CellFields } from "./cell-fields.ts";
import { F, fieldNamed, PROPERTIES } from "./fields.ts";
import type { RowIntake } from "./row-intake.ts";
import { CSV_DOUBLED, decode, PLAIN } from "./text-cache.ts";

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Of more columns only the first are read; the widest table, AzureDiagnostics, has at most 500. */
const MOST_COLUMNS = 2048;

/** Where in a cell the parser stands (RFC 4180). */
type CellState = "begin" | "bare" | "quoted" | "quote-in-quoted" | "after-quoted";

/** Log Analytics exports as CSV: a header, then a row a record; quoted cells may hold separators, quotes and newlines. */
export class CsvParser implements LogParser {
  private readonly intake: RowIntake;
  private readonly window = new ByteWindow();
  private readonly cells = new CellFields();
  /** Field of each column, once the header was read. */
  private columns: readonly number[] | undefined;
  private separator = 0;
  private state: CellState = "begin";
  /** Cells of the open record, counted from the record's first byte. */
  private readonly starts = new Int32Array(MOST_COLUMNS);
  private readonly ends = new Int32Array(MOST_COLUMNS);
  private readonly notations = new Uint8Array(MOST_COLUMNS);
  private column = 0;
  private line = 1;
  private recordLine = 1;

  constructor(intake: RowIntake) {
    this.intake = intake;
  }

  push(piece: Uint8Array): void {
    this.window.push(piece);
    if (this.separator !== 0 || this.findSeparator(false)) this.read();
    else this.window.hold();
  }

  finish(): void {
    const { window } = this;
    if (window.start === window.end && !window.dropping) return;
    if (this.separator === 0) {
      this.findSeparator(true);
      this.read();
    }
    if (window.start === window.end && !window.dropping) return;
    if (this.state === "quoted") this.dropRecord();
    else this.endRecord(window.at, window.at);
  }

  /** The first separator of the header line, which is looked at when it is whole. */
  private findSeparator(final: boolean): boolean {
    const { window } = this;
    const newline = window.bytes.indexOf(NEWLINE, window.at);
    const whole = newline >= 0 && newline < window.end;
    if (!whole && !final) {
      window.at = window.end;
      return false;
    }
    window.at = window.start;
    this.separator = 0x2c;
    for (let at = window.start; at < (whole ? newline : window.end); at++) {
      const byte = window.bytes[at] as number;
      if (byte !== 0x2c && byte !== 0x3b && byte !== 0x09) continue;
      this.separator = byte;
      break;
    }
    return true;
  }

  private read(): void {
    const { window } = this;
    while (window.at < window.end) {
      if (this.state === "quoted") this.readQuoted();
      else if (this.state === "quote-in-quoted") this.readAfterQuote();
      else if (this.state === "begin") this.beginCell();
      else this.readBare();
    }
    window.hold();
  }

  private beginCell(): void {
    const { window } = this;
    const quoted = window.bytes[window.at] === QUOTE;
    this.state = quoted ? "quoted" : "bare";
    if (quoted) window.at++;
    if (this.column >= MOST_COLUMNS) return;
    this.starts[this.column] = window.at - window.start;
    this.notations[this.column] = PLAIN;
  }

  private readQuoted(): void {
    const { window } = this;
    const { bytes, end } = window;
    let at = window.at;
    while (at < end && bytes[at] !== QUOTE) if (bytes[at++] === NEWLINE) this.line++;
    window.at = at;
    if (at === end) return;
    this.markEnd(at);
    this.state = "quote-in-quoted";
    window.at++;
  }

  /** A quote in a quoted cell is the first of a pair, or its end. */
  private readAfterQuote(): void {
    const { window } = this;
    if (window.bytes[window.at] !== QUOTE) {
      this.state = "after-quoted";
      return;
    }
    if (this.column < MOST_COLUMNS) this.notations[this.column] = CSV_DOUBLED;
    this.state = "quoted";
    window.at++;
  }

  /** Up to the separator or the line's end. What stands between a closing quote and the separator is no part of the cell. */
  private readBare(): void {
    const { window, separator } = this;
    const { bytes, end } = window;
    let at = window.at;
    while (at < end && bytes[at] !== separator && bytes[at] !== NEWLINE) at++;
    window.at = at;
    if (at === end) return;
    if (bytes[at] === NEWLINE) {
      this.endRecord(at, at + 1);
      return;
    }
    if (this.state === "bare") this.markEnd(at);
    this.column++;
    this.state = "begin";
    window.at++;
  }

  private markEnd(at: number): void {
    if (this.column < MOST_COLUMNS) this.ends[this.column] = at - this.window.start;
  }

  private endRecord(end: number, next: number): void {
    const { window } = this;
    const { start, bytes } = window;
    const lineEnd = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
    if (this.state === "bare") this.markEnd(lineEnd);
    const blank = lineEnd === start && !window.dropping;
    const width = Math.min(this.state === "begin" ? this.column : this.column + 1, MOST_COLUMNS);
    window.at = next;
    const dropped = window.close();
    if (dropped) this.intake.skip(this.recordLine);
    else if (!blank && this.columns === undefined) this.readHeader(start, width);
    else if (!blank) this.readRow(start, width);
    this.beginRecord();
  }

  private dropRecord(): void {
    this.intake.skip(this.recordLine);
    this.intake.report(`line ${this.recordLine}: a quoted cell is not closed before the end of the file`);
    this.window.close();
  }

  private beginRecord(): void {
    this.line++;
    this.recordLine = this.line;
    this.column = 0;
    this.state = "begin";
  }

  private readHeader(start: number, width: number): void {
    const { bytes } = this.window;
    const columns: number[] = [];
    for (let column = 0; column < width; column++) {
      const from = start + (this.starts[column] as number);
      const to = start + (this.ends[column] as number);
      const name = decode(bytes, from, to, this.notations[column] as number).trim();
      const field = fieldNamed(name.replace(/ \[[^\]]{1,20}\]$/, "")); // `TimeGenerated [UTC]`
      if (field === F.timeGenerated && / \[local/i.test(name)) {
        this.intake.report(`line 1: ${name} has no offset, its times are taken as UTC`);
      }
      columns.push(field);
    }
    this.columns = columns;
    if (!columns.includes(F.httpStatus)) {
      this.intake.report("line 1: expected a header with a column httpStatus, httpStatus_d or HttpStatus");
    }
  }

  private readRow(start: number, width: number): void {
    const { cells } = this;
    const columns = this.columns as readonly number[];
    cells.clear(this.window.bytes);
    for (let column = 0; column < width && column < columns.length; column++) {
      const field = columns[column] as number;
      if (field < 0 || field === PROPERTIES) continue;
      const from = start + (this.starts[column] as number);
      cells.setFirst(field, from, start + (this.ends[column] as number), this.notations[column] as number);
    }
    this.intake.take(cells, this.recordLine);
  }
}
