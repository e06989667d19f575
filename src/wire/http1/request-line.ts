import { CR, faultOfByte, isDigit, LF, SP, targetBytes, tokenBytes } from "./bytes.ts";
import type { FaultKind, WireFault } from "./fault.ts";
import type { StartLine } from "./start-line.ts";

const BEFORE = 0;
const EMPTY_LINE_CR = 1;
const METHOD = 2;
const TARGET = 3;
const VERSION = 4;
const LINE_CR = 5;
const LINE_LF = 6;

const PROTOCOL = "HTTP/1.";

/** What stands behind a target on a plain line. */
const LINE_END = Uint8Array.from(" HTTP/1.1\r\n", (character) => character.charCodeAt(0));

function isLineEnd(buffer: Uint8Array, at: number): boolean {
  for (let index = 0; index < LINE_END.length; index++)
    if (buffer[at + index] !== LINE_END[index]) return false;
  return true;
}

/**
 * `method SP request-target SP HTTP/1.x CRLF` (RFC 9112 §3), with single spaces and CRLF only. One empty line before it
 * is passed over (RFC 9112 §2.2: clients that end a body with a line of their own).
 */
export class RequestLine implements StartLine {
  done = false;
  fault: WireFault | undefined;
  minorVersion: 0 | 1 = 1;
  /** Marks of method and target. */
  methodStart = 0;
  methodEnd = 0;
  targetEnd = 0;
  readonly #lineBytes: number;
  #state = BEFORE;
  #emptyLines = 0;
  #versionBytes = 0;
  #origin = 0;

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  get blank(): boolean {
    return this.#state <= EMPTY_LINE_CR;
  }

  /** Behind the method and its one space. */
  get targetStart(): number {
    return this.methodEnd + 1;
  }

  start(origin: number): void {
    this.done = false;
    this.fault = undefined;
    this.#origin = origin;
    this.#state = BEFORE;
    this.#emptyLines = 0;
    this.#versionBytes = 0;
  }

  scan(buffer: Uint8Array, from: number, to: number, base: number): number {
    const shift = base - this.#origin;
    const longest = this.#lineBytes - shift;
    const stop = to < longest ? to : longest;
    let at = this.#state === BEFORE ? this.#scanPlain(buffer, from, stop, shift) : from;
    while (at < stop && !this.done) {
      at = this.#passRun(buffer, at, stop);
      if (at === stop) break;
      const fault = this.#take(buffer[at] as number, at + shift);
      if (fault !== undefined) return this.#fail(fault, fault === "bare-cr" ? at - 1 : at, shift);
      at += 1;
    }
    return !this.done && at === stop && at < to ? this.#fail("line-too-long", at, shift) : at;
  }

  /**
   * The short way for a whole line as nearly all are. It takes all of the line or nothing: judging what is anything else
   * is left to the states below.
   */
  #scanPlain(buffer: Uint8Array, from: number, stop: number, shift: number): number {
    let at = from;
    while (at < stop && tokenBytes[buffer[at] as number] === 1) at += 1;
    const methodEnd = at;
    if (at === from || at >= stop || buffer[at] !== SP) return from;
    at += 1;
    while (at < stop && targetBytes[buffer[at] as number] === 1) at += 1;
    const end = at + LINE_END.length;
    if (at === methodEnd + 1 || end > stop || !isLineEnd(buffer, at)) return from;
    this.methodStart = from + shift;
    this.methodEnd = methodEnd + shift;
    this.targetEnd = at + shift;
    this.minorVersion = 1;
    this.#state = LINE_LF;
    this.done = true;
    return end;
  }

  /** Passes over the bytes of a method or target that say nothing new. */
  #passRun(buffer: Uint8Array, from: number, stop: number): number {
    const table = this.#state === METHOD ? tokenBytes : this.#state === TARGET ? targetBytes : undefined;
    let at = from;
    if (table !== undefined) while (at < stop && table[buffer[at] as number] === 1) at += 1;
    return at;
  }

  #take(byte: number, mark: number): FaultKind | undefined {
    switch (this.#state) {
      case BEFORE:
        return this.#takeFirst(byte, mark);
      case EMPTY_LINE_CR:
        this.#state = BEFORE;
        this.#emptyLines += 1;
        return byte === LF ? undefined : "bare-cr";
      case METHOD:
        this.methodEnd = mark;
        this.#state = TARGET;
        return byte === SP ? undefined : faultOfByte(byte, "invalid-request-line");
      case TARGET:
        this.targetEnd = mark;
        this.#state = VERSION;
        return this.#faultAfterTarget(byte, mark);
      case VERSION:
        return this.#takeVersion(byte);
      case LINE_CR:
        this.#state = LINE_LF;
        return byte === CR ? undefined : faultOfByte(byte, "invalid-request-line");
      default:
        this.done = true;
        return byte === LF ? undefined : "bare-cr";
    }
  }

  #takeFirst(byte: number, mark: number): FaultKind | undefined {
    if (byte === CR && this.#emptyLines === 0) {
      this.#state = EMPTY_LINE_CR;
      return undefined;
    }
    this.methodStart = mark;
    this.#state = METHOD;
    return tokenBytes[byte] === 1 ? undefined : faultOfByte(byte, "invalid-request-line");
  }

  #faultAfterTarget(byte: number, mark: number): FaultKind | undefined {
    if (byte === SP && mark > this.targetStart) return undefined;
    return faultOfByte(byte, byte === SP || byte === CR ? "invalid-request-line" : "invalid-target");
  }

  #takeVersion(byte: number): FaultKind | undefined {
    const index = this.#versionBytes++;
    if (index === PROTOCOL.length) {
      this.#state = LINE_CR;
      if (byte === 0x30 || byte === 0x31) this.minorVersion = byte === 0x30 ? 0 : 1;
      else return isDigit(byte) ? "version-unsupported" : faultOfByte(byte, "invalid-request-line");
      return undefined;
    }
    if (byte === PROTOCOL.charCodeAt(index)) return undefined;
    return index === 5 && isDigit(byte) ? "version-unsupported" : faultOfByte(byte, "invalid-request-line");
  }

  #fail(kind: FaultKind, at: number, shift: number): number {
    this.fault = { kind, offset: at + shift + this.#origin };
    return at;
  }
}
