import { BodyScanner, type BodySink } from "./body-scanner.ts";
import type { FaultKind, WireFault } from "./fault.ts";
import { FieldScanner } from "./field-scanner.ts";
import { HeaderFields } from "./fields.ts";
import type { BodyKind } from "./framing.ts";
import { HeadText } from "./head-text.ts";
import type { Http1Limits } from "./limits.ts";
import type { StartLine } from "./start-line.ts";

/** What a reader tells, in this order: `head`, `data` any number of times, `trailers` if there are any, `end`; or `fault`. */
export interface MessageHandler<Head> extends BodySink {
  /** `head.fields` is written anew with the next head; copy what is to be kept. */
  head(head: Head): void;
  /** Fields behind a chunked body. They are never those of the head (RFC 9110 §6.5.1). */
  trailers(fields: HeaderFields): void;
  end(): void;
  /** The last event of a message. It comes after `end` only where bytes follow a response that can have no body. */
  fault(fault: WireFault): void;
}

type Phase = "head" | "body" | "trailers" | "ended" | "failed";

/**
 * Reads one message from chunks of any size: the same bytes give the same events however they are cut. Nothing is read
 * past its end, no body byte is copied, and at most one head is kept. After `end`, `next` makes it ready for another.
 * A handler must call neither `feed` nor `next` from within its callbacks.
 */
export abstract class MessageReader<Head> {
  protected readonly limits: Http1Limits;
  protected readonly fields = new HeaderFields();
  protected readonly handler: MessageHandler<Head>;
  /** The offset at which the head being read begins. */
  protected origin = 0;
  #phase: Phase = "head";
  /** Bytes of the message taken so far, and the message offset of index 0 of the chunk at hand. */
  #offset = 0;
  #base = 0;
  #extraBytes = 0;
  #faultOfExtra: FaultKind | undefined;
  #extraIsFault = false;
  readonly #line: StartLine;
  readonly #scanner: FieldScanner;
  readonly #text = new HeadText();
  readonly #body: BodyScanner;

  constructor(line: StartLine, handler: MessageHandler<Head>, limits: Http1Limits) {
    this.limits = limits;
    this.handler = handler;
    this.#line = line;
    this.#scanner = new FieldScanner(this.fields, limits);
    this.#body = new BodyScanner(handler, limits.chunkExtensionBytes);
    this.startHead();
  }

  get ended(): boolean {
    return this.#phase === "ended";
  }

  get failed(): boolean {
    return this.#phase === "failed" || this.#extraIsFault;
  }

  /** Bytes fed behind the end of the message: pipelined messages, a tunnel, or what nobody asked for. */
  get extraBytes(): number {
    return this.#extraBytes;
  }

  /** Bytes that belong to the message so far. */
  get messageBytes(): number {
    return this.#offset;
  }

  /** Makes the reader ready for another message, whatever became of the last. */
  next(): void {
    this.#phase = "head";
    this.#offset = 0;
    this.#extraBytes = 0;
    this.#faultOfExtra = undefined;
    this.#extraIsFault = false;
    this.startHead();
  }

  /** Returns how many bytes belong to the message; the rest follow its end. Everything after a fault is dropped. */
  feed(chunk: Buffer, from = 0, to = chunk.length): number {
    this.#base = this.#offset - from;
    let at = from;
    while (at < to && this.#phase !== "ended" && this.#phase !== "failed") {
      if (this.#phase === "body") at = this.#readBody(chunk, at, to);
      else if (this.#phase === "head") at = this.#readHead(chunk, at, to);
      else at = this.#readTrailers(chunk, at, to);
    }
    if (this.#phase === "failed") return to - from;
    this.#offset = this.#base + at;
    if (at < to) this.#takeExtra(to - at);
    return at - from;
  }

  /** The peer will send no more. Ends a body that lasts until then; a message cut short is `truncated`. */
  finish(): void {
    if (this.#phase === "ended" || this.#phase === "failed") return;
    if (this.#phase === "body" && this.#body.untilClose) this.#end();
    else if (this.#phase !== "head" || !this.mayEndBefore(this.#line.blank))
      this.fail("truncated", this.#offset);
  }

  /** Whether an end of the stream is no fault; `blank`: no byte of the start line has come. */
  protected abstract mayEndBefore(blank: boolean): boolean;

  /** A whole head: `text` from `origin` on, its fields sealed. Calls one of `beginBody`, `startHead`, `fail`. */
  protected abstract headComplete(text: string): void;

  /** A fault of the start line may be told by another name. */
  protected startLineFault(fault: WireFault): WireFault {
    return fault;
  }

  protected startHead(): void {
    this.origin = this.#offset;
    this.#line.start(this.origin);
    this.#scanner.start(this.origin);
    this.#text.clear();
  }

  /** To be called after the head was told. `faultOfExtra`: what bytes behind the end are. */
  protected beginBody(kind: BodyKind, length: number, faultOfExtra?: FaultKind): void {
    this.#faultOfExtra = faultOfExtra;
    this.#phase = "body";
    if (kind === "chunked") this.#body.startChunked();
    else if (kind === "until-close") this.#body.startUntilClose();
    else if (kind === "length" && length > 0) this.#body.startLength(length);
    else this.#end();
  }

  protected fail(kind: FaultKind, offset: number): void {
    this.#phase = "failed";
    this.handler.fault({ kind, offset });
  }

  #readHead(chunk: Buffer, from: number, to: number): number {
    const limit = this.origin + this.limits.headBytes - this.#base;
    const stop = to < limit ? to : limit;
    const line = this.#line;
    let at = line.done ? from : line.scan(chunk, from, stop, this.#base);
    if (line.fault !== undefined) return this.#failWith(this.startLineFault(line.fault), to);
    if (line.done) at = this.#scanner.scan(chunk, at, stop, this.#base);
    if (this.#scanner.fault !== undefined) return this.#failWith(this.#scanner.fault, to);
    if (!this.#scanner.done) return this.#keepHead(chunk, from, at, to, "head-too-large");
    const text = this.#text.complete(chunk, from, at);
    this.fields.seal(text, this.origin);
    this.#offset = this.#base + at;
    this.headComplete(text);
    return at;
  }

  #readBody(chunk: Buffer, from: number, to: number): number {
    const at = this.#body.scan(chunk, from, to, this.#base);
    if (this.#body.fault !== undefined) return this.#failWith(this.#body.fault, to);
    if (!this.#body.finished) return at;
    if (!this.#body.chunked) this.#end();
    else this.#startTrailers(this.#base + at);
    return at;
  }

  #startTrailers(offset: number): void {
    this.#phase = "trailers";
    this.origin = offset;
    this.#scanner.start(offset);
    this.#text.clear();
  }

  #readTrailers(chunk: Buffer, from: number, to: number): number {
    const limit = this.origin + this.limits.headBytes - this.#base;
    const at = this.#scanner.scan(chunk, from, to < limit ? to : limit, this.#base);
    if (this.#scanner.fault !== undefined) return this.#failWith(this.#scanner.fault, to);
    if (!this.#scanner.done) return this.#keepHead(chunk, from, at, to, "trailers-too-large");
    this.#tellTrailers(chunk, from, at);
    this.#end();
    return at;
  }

  #tellTrailers(chunk: Buffer, from: number, to: number): void {
    if (this.fields.count === 0) return;
    this.fields.seal(this.#text.complete(chunk, from, to), this.origin);
    this.handler.trailers(this.fields);
  }

  #keepHead(chunk: Buffer, from: number, at: number, to: number, tooLarge: FaultKind): number {
    if (at < to) return this.#failWith({ kind: tooLarge, offset: this.#base + at }, to);
    this.#text.keep(chunk, from, at);
    return at;
  }

  #takeExtra(bytes: number): void {
    this.#extraBytes += bytes;
    const fault = this.#faultOfExtra;
    this.#faultOfExtra = undefined;
    if (fault === undefined) return;
    this.#extraIsFault = true;
    this.handler.fault({ kind: fault, offset: this.#offset });
  }

  #failWith(fault: WireFault, to: number): number {
    this.fail(fault.kind, fault.offset);
    return to;
  }

  #end(): void {
    this.#phase = "ended";
    this.handler.end();
  }
}
