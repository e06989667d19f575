import { CellFields } from "./cell-fields.ts";
import { LONGEST_CELL } from "./decimal.ts";
import { fieldOfBytes, PROPERTIES } from "./fields.ts";
import { JSON_ESCAPED, NUMBER, PLAIN } from "./text-cache.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** What a byte means inside a JSON string: 0 text, 1 the closing quote, 2 a backslash, 3 not allowed. */
const STRING_BYTE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE ? 1 : byte === BACKSLASH ? 2 : byte < 0x20 ? 3 : 0,
);

/** After a backslash: 1 is a whole escape, 2 is `u` and four hex digits follow, 0 is no escape. */
const ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPE[letter.charCodeAt(0)] = 1;
ESCAPE["u".charCodeAt(0)] = 2;

const HEX = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") HEX[digit.charCodeAt(0)] = 1;

const UNUSUAL = -1;

/**
 * Finds the fields of a row in the bytes of its JSON object without building it: most of a row is skipped at about a
 * nanosecond a byte. It checks as strictly as `JSON.parse`, and gives up on whatever is unusual (a field twice, an escaped
 * name, a nested value that is not `properties`), which is then left to `JSON.parse`: the two never differ
 * (test/logs/json-row.test.ts).
 */
export class JsonRowScanner {
  readonly cells = new CellFields();
  private bytes: Buffer = this.cells.bytes;
  private propertiesSeen = false;
  private escaped = false;

  /** Fills `cells` from the object that begins at `start`. Its end, or -1 when this row is not for the scanner. */
  scan(bytes: Buffer, start: number, end: number): number {
    this.bytes = bytes;
    this.propertiesSeen = false;
    this.cells.clear(bytes);
    const after = bytes[start] === OPEN ? this.object(start, false) : UNUSUAL;
    return after > end ? UNUSUAL : after; // bytes beyond `end` are no part of the row
  }

  private object(start: number, nested: boolean): number {
    const bytes = this.bytes;
    let at = skipSpace(bytes, start + 1);
    if (bytes[at] === CLOSE) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return UNUSUAL;
      const name = at + 1;
      at = textEnd(bytes, name);
      if (bytes[at] !== QUOTE) return UNUSUAL;
      const field = fieldOfBytes(bytes, name, at);
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== COLON) return UNUSUAL;
      at = this.value(skipSpace(bytes, at + 1), field, nested);
      if (at < 0) return UNUSUAL;
      at = skipSpace(bytes, at);
      if (bytes[at] === CLOSE) return at + 1;
      if (bytes[at] !== COMMA) return UNUSUAL;
      at = skipSpace(bytes, at + 1);
    }
  }

  private value(start: number, field: number, nested: boolean): number {
    const bytes = this.bytes;
    const first = bytes[start];
    if (first === OPEN) return field === PROPERTIES && !nested ? this.properties(start) : UNUSUAL;
    if (field === PROPERTIES) return UNUSUAL;
    if (first === QUOTE) {
      const close = this.stringEnd(start + 1);
      if (close < 0) return UNUSUAL;
      return this.keep(field, start + 1, close, this.escaped ? JSON_ESCAPED : PLAIN) ? close + 1 : UNUSUAL;
    }
    if (first === 0x6e) return this.keep(field, 0, 0, PLAIN) ? literalEnd(bytes, start, "null") : UNUSUAL;
    if (first === 0x74 || first === 0x66) {
      return field >= 0 ? UNUSUAL : literalEnd(bytes, start, first === 0x74 ? "true" : "false");
    }
    const end = numberEnd(bytes, start);
    if (end < 0 || end - start > LONGEST_CELL) return UNUSUAL;
    return this.keep(field, start, end, NUMBER) ? end : UNUSUAL;
  }

  private properties(start: number): number {
    if (this.propertiesSeen) return UNUSUAL;
    this.propertiesSeen = true;
    return this.object(start, true);
  }

  /** False when the field was there before, set or not: which one counts is for `ParsedFields` to say. */
  private keep(field: number, start: number, end: number, notation: number): boolean {
    return field < 0 || this.cells.setOnce(field, start, end, notation);
  }

  /** Where the closing quote of the string stands whose text begins at `start`; notes whether it has escapes. */
  private stringEnd(start: number): number {
    const bytes = this.bytes;
    let at = start;
    this.escaped = false;
    for (;;) {
      at = textEnd(bytes, at);
      if (bytes[at] === QUOTE) return at;
      if (bytes[at] !== BACKSLASH) return UNUSUAL;
      this.escaped = true;
      const kind = ESCAPE[bytes[at + 1] as number];
      if (kind === 1) at += 2;
      else if (kind === 2 && hasFourHex(bytes, at + 2)) at += 6;
      else return UNUSUAL;
    }
  }
}

/** The first byte from `start` on that is not plain text. Most bytes of a row pass here; four a turn save about a tenth. */
function textEnd(bytes: Buffer, start: number): number {
  for (let at = start; ; at += 4) {
    if (STRING_BYTE[bytes[at] as number] !== 0) return at;
    if (STRING_BYTE[bytes[at + 1] as number] !== 0) return at + 1;
    if (STRING_BYTE[bytes[at + 2] as number] !== 0) return at + 2;
    if (STRING_BYTE[bytes[at + 3] as number] !== 0) return at + 3;
  }
}

function hasFourHex(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + 4; i++) if (HEX[bytes[i] as number] !== 1) return false;
  return true;
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

function literalEnd(bytes: Buffer, start: number, literal: string): number {
  for (let i = 0; i < literal.length; i++) if (bytes[start + i] !== literal.charCodeAt(i)) return UNUSUAL;
  return start + literal.length;
}

/** End of the JSON number that begins at `start` (RFC 8259 §6), or -1. */
function numberEnd(bytes: Buffer, start: number): number {
  let at = bytes[start] === 0x2d ? start + 1 : start;
  at = bytes[at] === 0x30 ? at + 1 : digitsEnd(bytes, at);
  if (at >= 0 && bytes[at] === 0x2e) at = digitsEnd(bytes, at + 1);
  if (at < 0) return UNUSUAL;
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? 1 : 0;
    return digitsEnd(bytes, at + 1 + sign);
  }
  return at;
}

/** End of one or more digits, or -1. */
function digitsEnd(bytes: Buffer, start: number): number {
  let at = start;
  while ((bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at === start ? UNUSUAL : at;
}
