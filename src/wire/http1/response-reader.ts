import type { WireFault } from "./fault.ts";
import type { HeaderFields } from "./fields.ts";
import { type BodyKind, FramingFields } from "./framing.ts";
import { defaultLimits, type Http1Limits } from "./limits.ts";
import { type MessageHandler, MessageReader } from "./message-reader.ts";
import { StatusLine } from "./status-line.ts";

export interface ResponseHead {
  readonly minorVersion: 0 | 1;
  readonly status: number;
  readonly reason: string;
  readonly fields: HeaderFields;
  readonly body: BodyKind;
  /** As the field says, also where there is no body. */
  readonly contentLength: number | undefined;
  /** Whether the connection may carry another exchange once this message has ended (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
}

export interface ResponseHandler extends MessageHandler<ResponseHead> {
  /** A 1xx response other than 101: the final one is still to come (RFC 9110 §15.2). */
  interim(head: ResponseHead): void;
}

/** What the response answers: it decides whether there is a body (RFC 9112 §6.3). */
export interface RequestContext {
  readonly method: string;
  /** The request asked for an upgrade, so that 101 is an answer to it. */
  readonly upgrade: boolean;
}

const plainRequest: RequestContext = { method: "GET", upgrade: false };

/** The five bytes by which a status line is known. */
const MAGIC_BYTES = 5;

/** Reads one final response and the interim ones before it. */
export class ResponseReader extends MessageReader<ResponseHead> {
  readonly #line: StatusLine;
  readonly #framing = new FramingFields();
  readonly #handler: ResponseHandler;
  #request = plainRequest;
  #interim = 0;

  constructor(
    handler: ResponseHandler,
    request: RequestContext = plainRequest,
    limits: Http1Limits = defaultLimits,
  ) {
    const line = new StatusLine(limits.lineBytes);
    super(line, handler, limits);
    this.#line = line;
    this.#handler = handler;
    this.#request = request;
  }

  override next(request: RequestContext = plainRequest): void {
    this.#request = request;
    this.#interim = 0;
    super.next();
  }

  protected override mayEndBefore(): boolean {
    return false;
  }

  /** What follows an interim response and does not begin a status line is its body, which it cannot have. */
  protected override startLineFault(fault: WireFault): WireFault {
    const foreign = fault.kind === "invalid-status-line" && fault.offset - this.origin < MAGIC_BYTES;
    return foreign && this.#interim > 0 ? { kind: "body-after-no-body-status", offset: this.origin } : fault;
  }

  protected override headComplete(text: string): void {
    const { status, minorVersion } = this.#line;
    const fault = this.#framing.read(this.fields, minorVersion) ?? this.#statusFault(status);
    if (fault !== undefined) {
      this.fail(fault.kind, fault.offset);
    } else if (isInterim(status)) {
      this.#interim += 1;
      this.#handler.interim(this.#head(text, "none"));
      this.startHead();
    } else {
      const body = this.#bodyKind(status);
      this.handler.head(this.#head(text, body));
      this.beginBody(
        body,
        this.#framing.contentLength,
        body === "none" ? "body-after-no-body-status" : undefined,
      );
    }
  }

  /** What only the status makes wrong. */
  #statusFault(status: number): WireFault | undefined {
    const { chunked, contentLength } = this.#framing;
    if (status === 101 && !this.#request.upgrade) return { kind: "unexpected-upgrade", offset: this.origin };
    if (!isInterim(status)) return undefined;
    if (chunked || contentLength > 0) {
      const name = chunked ? "transfer-encoding" : "content-length";
      return { kind: "length-on-interim", offset: this.fields.nameOffset(this.fields.find(name)) };
    }
    if (this.#interim < this.limits.interimResponses) return undefined;
    return { kind: "too-many-interim-responses", offset: this.origin };
  }

  #head(text: string, body: BodyKind): ResponseHead {
    const { minorVersion, status, reasonStart, reasonEnd } = this.#line;
    const { contentLength, keepAlive, chunked } = this.#framing;
    // A 204 that announces content cannot be trusted to send none (RFC 9110 §8.6): not with another exchange behind it.
    const announced = status === 204 && (chunked || contentLength > 0);
    return {
      minorVersion,
      status,
      reason: text.slice(reasonStart, reasonEnd),
      fields: this.fields,
      body,
      contentLength: contentLength < 0 ? undefined : contentLength,
      keepAlive: keepAlive && body !== "until-close" && body !== "tunnel" && !announced,
    };
  }

  #bodyKind(status: number): BodyKind {
    const { method } = this.#request;
    if (status === 101 || (method === "CONNECT" && status < 300)) return "tunnel";
    if (method === "HEAD" || status === 204 || status === 304) return "none";
    if (this.#framing.chunked) return "chunked";
    return this.#framing.contentLength >= 0 ? "length" : "until-close";
  }
}

/** 101 is final: nothing of HTTP follows it. */
const isInterim = (status: number): boolean => status < 200 && status !== 101;
