import { CR, faultOfByte, isDigit, LF, SP, textBytes } from "./bytes.ts";
import type { FaultKind, WireFault } from "./fault.ts";
import type { StartLine } from "./start-line.ts";

const START = "HTTP/1.";
const MINOR = 7;
const AFTER_VERSION = 8;
const STATUS = 9;
const AFTER_STATUS = 12;
const REASON = 13;
const LINE_FEED = 14;

/** How a plain line begins. */
const PLAIN = Uint8Array.from("HTTP/1.1 ", (character) => character.charCodeAt(0));

const isOneDigit = (value: number): boolean => value >= 0 && value <= 9;

/**
 * `HTTP/1.x SP 3DIGIT SP [reason] CRLF` (RFC 9112 §4). The space after the code may be missing, as many servers leave it
 * out when they have no reason, and nothing can be mistaken for it. Codes from 100 to 999, as others outside the five
 * classes exist (RFC 9110 §15).
 */
export class StatusLine implements StartLine {
  done = false;
  fault: WireFault | undefined;
  minorVersion: 0 | 1 = 1;
  status = 0;
  /** Marks of the reason phrase. */
  reasonStart = 0;
  reasonEnd = 0;
  readonly #lineBytes: number;
  #step = 0;
  #origin = 0;

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  get blank(): boolean {
    return this.#step === 0;
  }

  start(origin: number): void {
    this.done = false;
    this.fault = undefined;
    this.status = 0;
    this.#step = 0;
    this.#origin = origin;
  }

  scan(buffer: Uint8Array, from: number, to: number, base: number): number {
    const shift = base - this.#origin;
    const longest = this.#lineBytes - shift;
    const stop = to < longest ? to : longest;
    let at = this.#step === 0 ? this.#scanPlain(buffer, from, stop, shift) : from;
    while (at < stop && !this.done) {
      if (this.#step === REASON) {
        while (at < stop && textBytes[buffer[at] as number] === 1) at += 1;
        if (at === stop) break;
      }
      const fault = this.#take(buffer[at] as number, at + shift);
      if (fault !== undefined) return this.#fail(fault, fault === "bare-cr" ? at - 1 : at, shift);
      at += 1;
    }
    return !this.done && at === stop && at < to ? this.#fail("line-too-long", at, shift) : at;
  }

  /**
   * The short way for a whole line of HTTP/1.1 with a reason, as nearly all are. It takes all of the line or nothing:
   * judging what is anything else is left to the steps below.
   */
  #scanPlain(buffer: Uint8Array, from: number, stop: number, shift: number): number {
    const reasonStart = from + REASON;
    if (reasonStart + 2 > stop) return from;
    for (let index = 0; index < PLAIN.length; index++) if (buffer[from + index] !== PLAIN[index]) return from;
    const hundreds = (buffer[from + STATUS] as number) - 0x30;
    const tens = (buffer[from + STATUS + 1] as number) - 0x30;
    const ones = (buffer[from + STATUS + 2] as number) - 0x30;
    const status = hundreds >= 1 && isOneDigit(hundreds) && isOneDigit(tens) && isOneDigit(ones);
    if (!status || buffer[from + AFTER_STATUS] !== SP) return from;
    let at = reasonStart;
    while (at < stop && textBytes[buffer[at] as number] === 1) at += 1;
    if (at + 1 >= stop || buffer[at] !== CR || buffer[at + 1] !== LF) return from;
    this.status = hundreds * 100 + tens * 10 + ones;
    this.minorVersion = 1;
    this.reasonStart = reasonStart + shift;
    this.reasonEnd = at + shift;
    this.#step = LINE_FEED;
    this.done = true;
    return at + 2;
  }

  /** Takes one byte; `mark` is where it stands. */
  #take(byte: number, mark: number): FaultKind | undefined {
    const step = this.#step;
    if (step < AFTER_STATUS) {
      this.#step = step + 1;
      return this.#takeFixed(byte, step);
    }
    if (step === LINE_FEED) {
      this.done = true;
      return byte === LF ? undefined : "bare-cr";
    }
    if (step === AFTER_STATUS) this.reasonStart = byte === SP ? mark + 1 : mark;
    if (byte === CR) {
      this.reasonEnd = mark;
      this.#step = LINE_FEED;
      return undefined;
    }
    if (step === AFTER_STATUS && byte === SP) {
      this.#step = REASON;
      return undefined;
    }
    return faultOfByte(byte, step === REASON ? "control-character" : "invalid-status-line");
  }

  /** The part in which every byte has its place. */
  #takeFixed(byte: number, step: number): FaultKind | undefined {
    if (step < MINOR) {
      if (byte === START.charCodeAt(step)) return undefined;
      return step === 5 && isDigit(byte) ? "version-unsupported" : "invalid-status-line";
    }
    if (step === MINOR) {
      if (byte === 0x30 || byte === 0x31) this.minorVersion = byte === 0x30 ? 0 : 1;
      else return isDigit(byte) ? "version-unsupported" : "invalid-status-line";
      return undefined;
    }
    if (step === AFTER_VERSION) return byte === SP ? undefined : "invalid-status-line";
    if (!isDigit(byte) || (step === STATUS && byte === 0x30)) return "invalid-status-line";
    this.status = this.status * 10 + byte - 0x30;
    return undefined;
  }

  #fail(kind: FaultKind, at: number, shift: number): number {
    this.fault = { kind, offset: at + shift + this.#origin };
    return at;
  }
}
