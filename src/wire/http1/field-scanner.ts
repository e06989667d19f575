import { COLON, CR, faultOfByte, HTAB, LF, SP, textBytes, tokenBytes } from "./bytes.ts";
import type { FaultKind, WireFault } from "./fault.ts";
import type { HeaderFields } from "./fields.ts";
import type { Http1Limits } from "./limits.ts";

// States are small integers and the scanner never looks at anything but the byte at hand, so that the same bytes give
// the same result however they are cut. Indexes stay below `to`, which is why a byte read is never undefined.
const LINE_START = 0;
const NAME = 1;
const BEFORE_VALUE = 2;
const VALUE = 3;
const VALUE_CR = 4;
const LAST_CR = 5;

/**
 * Field lines up to and with the empty line (RFC 9112 §5): of a head and of a trailer section. Stricter than the RFC
 * lets a recipient be: no line folding, no lone CR or LF, no control characters (RFC 9112 §2.2, §5.2, RFC 9110 §5.5).
 */
export class FieldScanner {
  done = false;
  fault: WireFault | undefined;
  readonly #fields: HeaderFields;
  readonly #limits: Http1Limits;
  #state = LINE_START;
  #origin = 0;
  #lineStart = 0;
  #nameEnd = 0;
  #valueStart = 0;
  #valueEnd = 0;

  constructor(fields: HeaderFields, limits: Http1Limits) {
    this.#fields = fields;
    this.#limits = limits;
  }

  /** `origin`: the message offset from which the marks count. */
  start(origin: number): void {
    this.#fields.clear();
    this.#origin = origin;
    this.#state = LINE_START;
    this.done = false;
    this.fault = undefined;
  }

  /** `base`: the message offset of `buffer[0]`. Returns the index after the last byte looked at. */
  scan(buffer: Uint8Array, from: number, to: number, base: number): number {
    const shift = base - this.#origin;
    let at = this.#state === LINE_START ? this.#scanPlain(buffer, from, to, shift) : from;
    while (at < to && !this.done && this.fault === undefined) {
      if (this.#state === LINE_START) at = this.#readLineStart(buffer, at, shift);
      else at = this.#readLine(buffer, at, to, shift);
    }
    return at;
  }

  /**
   * The short way for what nearly all lines are: whole lines of the form `Name: value`. It stops at the start of the first
   * line that is anything else or not yet whole; judging it is left to the states below.
   */
  #scanPlain(buffer: Uint8Array, from: number, to: number, shift: number): number {
    const { lineBytes, fieldCount } = this.#limits;
    const fields = this.#fields;
    let start = from;
    for (let left = fieldCount - fields.count; left > 0; left--) {
      const stop = start + lineBytes < to ? start + lineBytes : to;
      let at = start;
      while (at < stop && tokenBytes[buffer[at] as number] === 1) at += 1;
      const colon = at;
      // Three more bytes at the least: a space and the line end.
      if (colon === start || at + 3 >= stop || buffer[at] !== COLON || buffer[at + 1] !== SP) return start;
      at += 2;
      if (isBlank(buffer[at] as number)) return start;
      while (at < stop && isVisible(buffer[at] as number)) at += 1;
      if (at + 1 >= stop || buffer[at] !== CR || buffer[at + 1] !== LF) return start;
      if (at > colon + 2 && isBlank(buffer[at - 1] as number)) return start;
      fields.addPlain(start + shift, colon + shift, at + shift);
      start = at + 2;
    }
    return start;
  }

  #readLineStart(buffer: Uint8Array, at: number, shift: number): number {
    const byte = buffer[at] as number;
    if (byte === CR) {
      this.#state = LAST_CR;
      this.#lineStart = at + shift;
      return at + 1;
    }
    if (byte === SP || byte === HTAB) return this.#fail("obs-fold", at, shift);
    if (byte === COLON) return this.#fail("invalid-field-name", at, shift);
    if (byte === LF) return this.#fail("bare-lf", at, shift);
    if (this.#fields.count >= this.#limits.fieldCount) return this.#fail("too-many-fields", at, shift);
    this.#lineStart = at + shift;
    this.#state = NAME;
    return at;
  }

  #readLine(buffer: Uint8Array, from: number, to: number, shift: number): number {
    const longest = this.#lineStart + this.#limits.lineBytes - shift;
    const stop = to < longest ? to : longest;
    let at = from;
    if (this.#state === NAME) at = this.#readName(buffer, at, stop, shift);
    if (this.#state === BEFORE_VALUE) at = this.#skipBlanks(buffer, at, stop, shift);
    if (this.#state === VALUE) at = this.#readValue(buffer, at, stop, shift);
    if (at < stop && this.fault === undefined && this.#state >= VALUE_CR)
      at = this.#readLineFeed(buffer, at, shift);
    const within = this.#state !== LINE_START && !this.done && this.fault === undefined;
    return within && at === stop && at < to ? this.#fail("field-too-long", at, shift) : at;
  }

  #readName(buffer: Uint8Array, from: number, stop: number, shift: number): number {
    let at = from;
    while (at < stop && tokenBytes[buffer[at] as number] === 1) at += 1;
    if (at === stop) return at;
    const byte = buffer[at] as number;
    if (byte !== COLON) return this.#fail(faultInName(byte), at, shift);
    this.#nameEnd = at + shift;
    this.#state = BEFORE_VALUE;
    return at + 1;
  }

  #skipBlanks(buffer: Uint8Array, from: number, stop: number, shift: number): number {
    let at = from;
    while (at < stop && (buffer[at] === SP || buffer[at] === HTAB)) at += 1;
    if (at === stop) return at;
    this.#valueStart = at + shift;
    this.#state = VALUE;
    return at;
  }

  #readValue(buffer: Uint8Array, from: number, stop: number, shift: number): number {
    let at = from;
    while (at < stop && textBytes[buffer[at] as number] === 1) at += 1;
    if (at === stop) return at;
    const byte = buffer[at] as number;
    if (byte !== CR) return this.#fail(faultOfByte(byte, "control-character"), at, shift);
    this.#valueEnd = at + shift;
    this.#state = VALUE_CR;
    return at + 1;
  }

  #readLineFeed(buffer: Uint8Array, at: number, shift: number): number {
    if (buffer[at] !== LF) return this.#fail("bare-cr", at - 1, shift);
    if (this.#state === LAST_CR) this.done = true;
    else this.#fields.add(this.#lineStart, this.#nameEnd, this.#valueStart, this.#valueEnd);
    this.#state = LINE_START;
    return at + 1;
  }

  #fail(kind: FaultKind, at: number, shift: number): number {
    this.fault = { kind, offset: at + shift + this.#origin };
    return at;
  }
}

const isBlank = (byte: number): boolean => byte === SP || byte === HTAB;

/** `textBytes` but for HTAB, as two comparisons. */
const isVisible = (byte: number): boolean => byte >= SP && byte !== 0x7f;

function faultInName(byte: number): FaultKind {
  if (byte === SP || byte === HTAB) return "space-before-colon";
  if (byte === CR) return "missing-colon";
  return faultOfByte(byte, "invalid-field-name");
}
