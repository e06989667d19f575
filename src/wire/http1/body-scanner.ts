import { CR, faultOfByte, hexValues, LF, textBytes } from "./bytes.ts";
import type { FaultKind, WireFault } from "./fault.ts";

/** Takes body bytes where they lie: `buffer[from, to)` is valid during the call only. */
export interface BodySink {
  data(buffer: Buffer, from: number, to: number): void;
}

const LENGTH_DATA = 0;
const UNTIL_CLOSE = 1;
const SIZE_START = 2;
const SIZE = 3;
const EXTENSION = 4;
const SIZE_LF = 5;
const CHUNK_DATA = 6;
const DATA_CR = 7;
const DATA_LF = 8;
const FINISHED = 9;

/** More digits are needed by nobody, leading zeros included. */
const MAX_SIZE_DIGITS = 16;

const SEMICOLON = 0x3b;

/**
 * The bytes of a body, by length, until the connection closes, or chunked (RFC 9112 §7.1). A chunked body is finished
 * here behind the line of its last chunk: the trailer section is read as field lines are. Chunk sizes are hexadecimal
 * digits and nothing else; extensions are passed over, and what they may take is bounded for the message as a whole.
 */
export class BodyScanner {
  fault: WireFault | undefined;
  readonly #sink: BodySink;
  readonly #extensionBytes: number;
  #state = FINISHED;
  #left = 0;
  #sizeDigits = 0;
  #extensionLeft = 0;
  #chunked = false;

  constructor(sink: BodySink, extensionBytes: number) {
    this.#sink = sink;
    this.#extensionBytes = extensionBytes;
  }

  get finished(): boolean {
    return this.#state === FINISHED;
  }

  get chunked(): boolean {
    return this.#chunked;
  }

  get untilClose(): boolean {
    return this.#state === UNTIL_CLOSE;
  }

  startLength(length: number): void {
    this.#start(length === 0 ? FINISHED : LENGTH_DATA);
    this.#left = length;
  }

  startChunked(): void {
    this.#start(SIZE_START);
    this.#chunked = true;
    this.#extensionLeft = this.#extensionBytes;
  }

  startUntilClose(): void {
    this.#start(UNTIL_CLOSE);
  }

  #start(state: number): void {
    this.#state = state;
    this.#chunked = false;
    this.fault = undefined;
  }

  /** `base`: the message offset of `buffer[0]`. Returns the index after the last byte taken. */
  scan(buffer: Buffer, from: number, to: number, base: number): number {
    if (!this.#chunked) return this.#pass(buffer, from, to, FINISHED);
    let at = from;
    while (at < to && this.#state !== FINISHED) {
      if (this.#state === CHUNK_DATA) {
        at = this.#pass(buffer, at, to, DATA_CR);
        continue;
      }
      const fault = this.#take(buffer[at] as number);
      if (fault !== undefined) {
        this.fault = { kind: fault, offset: base + (fault === "bare-cr" ? at - 1 : at) };
        return at;
      }
      at += 1;
    }
    return at;
  }

  #pass(buffer: Buffer, from: number, to: number, next: number): number {
    if (this.#state === FINISHED || from === to) return from;
    const end = this.#state === UNTIL_CLOSE ? to : Math.min(to, from + this.#left);
    if (this.#state !== UNTIL_CLOSE) {
      this.#left -= end - from;
      if (this.#left === 0) this.#state = next;
    }
    this.#sink.data(buffer, from, end);
    return end;
  }

  #take(byte: number): FaultKind | undefined {
    switch (this.#state) {
      case SIZE_START:
        this.#left = 0;
        this.#sizeDigits = 0;
        this.#state = SIZE;
        return (hexValues[byte] as number) < 0 ? "chunk-size-invalid" : this.#takeSize(byte);
      case SIZE:
        return this.#takeSize(byte);
      case EXTENSION:
        return this.#takeExtension(byte);
      case SIZE_LF:
        if (byte !== LF) return "bare-cr";
        this.#state = this.#left === 0 ? FINISHED : CHUNK_DATA;
        return undefined;
      case DATA_CR:
        this.#state = DATA_LF;
        return byte === CR ? undefined : byte === LF ? "bare-lf" : "chunk-end-invalid";
      default:
        this.#state = SIZE_START;
        return byte === LF ? undefined : "bare-cr";
    }
  }

  #takeSize(byte: number): FaultKind | undefined {
    const digit = hexValues[byte] as number;
    if (digit >= 0) {
      this.#sizeDigits += 1;
      this.#left = this.#left * 16 + digit;
      const tooMuch = this.#sizeDigits > MAX_SIZE_DIGITS || this.#left > Number.MAX_SAFE_INTEGER;
      return tooMuch ? "chunk-size-overflow" : undefined;
    }
    if (byte === CR) this.#state = SIZE_LF;
    else if (byte === SEMICOLON) return this.#takeExtension(byte);
    else return faultOfByte(byte, "chunk-size-invalid");
    return undefined;
  }

  #takeExtension(byte: number): FaultKind | undefined {
    if (byte === CR) {
      this.#state = SIZE_LF;
      return undefined;
    }
    this.#state = EXTENSION;
    if (textBytes[byte] !== 1) return faultOfByte(byte, "control-character");
    this.#extensionLeft -= 1;
    return this.#extensionLeft < 0 ? "chunk-extensions-too-large" : undefined;
  }
}
