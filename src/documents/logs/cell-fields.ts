import { cleanText, isPathEnd, pathOnly } from "./clean-text.ts";
import { decimalAt, LONGEST_CELL } from "./decimal.ts";
import { FIELD_COUNT, type RowFields } from "./fields.ts";
import { logTimeMs } from "./log-time.ts";
import { decode, JSON_ESCAPED, NUMBER, PLAIN, TextCache } from "./text-cache.ts";

const UNSEEN = 0;
/** Seen, and empty or null. */
const BLANK = 255;

/**
 * The cells of one row as ranges of bytes, filled by a scanner and read at once: nothing is decoded until it is asked for.
 * One instance serves every row of a document.
 */
export class CellFields implements RowFields {
  bytes: Buffer = Buffer.alloc(0);
  private readonly starts = new Int32Array(FIELD_COUNT);
  private readonly ends = new Int32Array(FIELD_COUNT);
  private readonly notations = new Uint8Array(FIELD_COUNT);
  private readonly names = new TextCache(2048, cleanText);
  private readonly paths = new TextCache(4096, pathOnly);

  clear(bytes: Buffer): void {
    this.bytes = bytes;
    this.notations.fill(UNSEEN);
  }

  /** Notes a cell; false when the field has been noted before. */
  setOnce(field: number, start: number, end: number, notation: number): boolean {
    if (this.notations[field] !== UNSEEN) return false;
    this.set(field, start, end, notation);
    return true;
  }

  /** Of several cells of one field (`serverStatus_s` and `serverStatus_d`) the first that is not empty counts. */
  setFirst(field: number, start: number, end: number, notation: number): void {
    if (this.isBlank(field)) this.set(field, start, end, notation);
  }

  private set(field: number, start: number, end: number, notation: number): void {
    this.starts[field] = start;
    this.ends[field] = end;
    this.notations[field] = start === end ? BLANK : notation;
  }

  private isBlank(field: number): boolean {
    const notation = this.notations[field] as number;
    return notation === UNSEEN || notation === BLANK;
  }

  text(field: number): string {
    if (this.isBlank(field)) return "";
    const notation = this.notations[field] as number;
    return this.names.text(this.bytes, this.starts[field] as number, this.ends[field] as number, notation);
  }

  raw(field: number): string {
    if (this.isBlank(field)) return "";
    const notation = this.notations[field] as number;
    return decode(this.bytes, this.starts[field] as number, this.ends[field] as number, notation);
  }

  path(field: number): string {
    if (this.isBlank(field)) return "";
    const notation = this.notations[field] as number;
    const { bytes } = this;
    const start = this.starts[field] as number;
    const end = this.ends[field] as number;
    let cut = start;
    while (cut < end && !isPathEnd(bytes[cut] as number)) cut++;
    return cut === start ? "" : this.paths.text(bytes, start, cut, notation);
  }

  number(field: number): number {
    if (this.isBlank(field)) return Number.NaN;
    const notation = this.notations[field] as number;
    const start = this.starts[field] as number;
    const end = this.ends[field] as number;
    if (notation === PLAIN || notation === NUMBER) return decimalAt(this.bytes, start, end);
    return ofText(decode(this.bytes, start, end, notation), decimalAt);
  }

  timeMs(field: number): number {
    const notation = this.notations[field] as number;
    if (this.isBlank(field) || notation === NUMBER) return Number.NaN;
    const start = this.starts[field] as number;
    const end = this.ends[field] as number;
    if (notation === PLAIN) return logTimeMs(this.bytes, start, end);
    return ofText(decode(this.bytes, start, end, notation), logTimeMs);
  }

  is(field: number, text: string): boolean {
    const start = this.starts[field] as number;
    const end = this.ends[field] as number;
    if (this.notations[field] === JSON_ESCAPED) return decode(this.bytes, start, end, JSON_ESCAPED) === text;
    if (this.isBlank(field) || end - start !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }
}

/** Applies a reader of bytes to text. Texts longer than any number or time are neither. */
export function ofText(
  text: string,
  read: (bytes: Uint8Array, start: number, end: number) => number,
): number {
  if (text.length > LONGEST_CELL) return Number.NaN;
  const bytes = Buffer.from(text);
  return read(bytes, 0, bytes.length);
}
