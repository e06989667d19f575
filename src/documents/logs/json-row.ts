import { JsonRowScanner } from "./json-row-scanner.ts";
import { ParsedFields } from "./parsed-fields.ts";
import type { RowIntake } from "./row-intake.ts";

/** Reads rows that are JSON objects: by the scanner, and what it gives up on by `JSON.parse`. */
export class JsonRows {
  private readonly intake: RowIntake;
  private readonly scanner = new JsonRowScanner();
  private readonly parsed = new ParsedFields();

  constructor(intake: RowIntake) {
    this.intake = intake;
  }

  /**
   * The row that begins at `start`, if the scanner can read it whole before `end`: its end, else -1 and nothing was taken.
   */
  scan(bytes: Buffer, start: number, end: number, line: number): number {
    const after = this.scanner.scan(bytes, start, end);
    if (after >= 0) this.intake.take(this.scanner.cells, line);
    return after;
  }

  /** All rows of a line: one, or several when files without a last newline were joined. */
  line(bytes: Buffer, start: number, end: number, line: number): void {
    let at = spaceEnd(bytes, start, end);
    while (at < end) {
      let after = this.scan(bytes, at, end, line);
      if (after < 0) {
        after = objectEnd(bytes, at, end);
        this.parse(bytes, at, after, line);
      }
      at = spaceEnd(bytes, after, end);
    }
  }

  /** The value `bytes[start, end)` by `JSON.parse`: a row, or a `records` object of some. */
  private parse(bytes: Buffer, start: number, end: number, line: number): void {
    const value = parsedJson(bytes, start, end);
    const records = isObject(value) && "records" in value ? value.records : value;
    for (const record of Array.isArray(records) ? (records as readonly unknown[]) : [records]) {
      if (isObject(record)) {
        // The scanner takes no row with a member such as `causeway`: those of our own gateway all come here.
        this.intake.take(this.parsed.ofObject(record), line, record);
      } else this.intake.skip(line);
    }
  }

  /** The object `bytes[start, end)`, which is whole. */
  value(bytes: Buffer, start: number, end: number, line: number): void {
    if (this.scan(bytes, start, end, line) < 0) this.parse(bytes, start, end, line);
  }

  /** A row that is an array under the columns of its table. */
  array(bytes: Buffer, start: number, end: number, fields: readonly number[], line: number): void {
    const value = parsedJson(bytes, start, end);
    if (Array.isArray(value)) this.intake.take(this.parsed.ofArray(value, fields), line);
    else this.intake.skip(line);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `undefined` when it is not JSON. */
export function parsedJson(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString("utf8", start, end));
  } catch {
    return undefined;
  }
}

/** End of the object that begins at `start`, judged by braces and strings alone; `end` when it does not end before. */
function objectEnd(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth <= 0) return at + 1;
  }
  return end;
}

function spaceEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at] as number)) at++;
  return at;
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
