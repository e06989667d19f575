import type { FaultKind, WireFault } from "./fault.ts";
import type { HeaderFields } from "./fields.ts";
import { type BodyKind, FramingFields } from "./framing.ts";
import { defaultLimits, type Http1Limits } from "./limits.ts";
import { type MessageHandler, MessageReader } from "./message-reader.ts";
import { RequestLine } from "./request-line.ts";
import { authorityOf, isAuthority, type TargetForm, targetForm } from "./request-target.ts";

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly form: TargetForm;
  readonly minorVersion: 0 | 1;
  /** `Host`, which an absolute target repeats; undefined only in HTTP/1.0. */
  readonly host: string | undefined;
  readonly fields: HeaderFields;
  readonly body: BodyKind;
  readonly contentLength: number | undefined;
  /** The client asks for another protocol on this connection (RFC 9110 §7.8). */
  readonly upgrade: boolean;
  /** Whether the client lets the connection live after the answer (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
}

/** Reads one request. Pipelined requests stay with the caller: `feed` says where this one ended, `next` begins another. */
export class RequestReader extends MessageReader<RequestHead> {
  readonly #line: RequestLine;
  readonly #framing = new FramingFields();

  constructor(handler: MessageHandler<RequestHead>, limits: Http1Limits = defaultLimits) {
    const line = new RequestLine(limits.lineBytes);
    super(line, handler, limits);
    this.#line = line;
  }

  /** A client may leave between two requests. */
  protected override mayEndBefore(blank: boolean): boolean {
    return blank;
  }

  protected override headComplete(text: string): void {
    const { minorVersion, methodStart, methodEnd, targetStart, targetEnd } = this.#line;
    const method = methodAt(text, methodStart, methodEnd);
    const target = text.slice(targetStart, targetEnd);
    const form = targetForm(method, target);
    if (form === undefined) return void this.fail("invalid-target", this.origin + targetStart);
    const hostAt = this.fields.find("host");
    const host = hostAt < 0 ? undefined : this.fields.value(hostAt);
    const fault =
      this.#framing.read(this.fields, minorVersion) ?? this.#hostFault(form, target, hostAt, host);
    if (fault !== undefined) return void this.fail(fault.kind, fault.offset);
    const { chunked, contentLength, upgrade, keepAlive } = this.#framing;
    const body = chunked ? "chunked" : contentLength > 0 ? "length" : "none";
    this.handler.head({
      method,
      target,
      form,
      minorVersion,
      host,
      fields: this.fields,
      body,
      contentLength: contentLength < 0 ? undefined : contentLength,
      upgrade,
      keepAlive,
    });
    this.beginBody(body, contentLength);
  }

  /** One `Host`, valid, and the same as an absolute target names (RFC 9112 §3.2). */
  #hostFault(form: TargetForm, target: string, at: number, host: string | undefined): WireFault | undefined {
    if (host === undefined) {
      // The offset of the empty line, where it is known to be missing.
      return this.#line.minorVersion === 0 ? undefined : faultAt("host-missing", this.messageBytes - 2);
    }
    const second = this.fields.find("host", at + 1);
    if (second >= 0) return faultAt("host-repeated", this.fields.nameOffset(second));
    if (!isAuthority(host)) return faultAt("host-invalid", this.fields.valueOffset(at));
    if (form !== "absolute" || authorityOf(target)?.toLowerCase() === host.toLowerCase()) return undefined;
    return faultAt("host-mismatch", this.fields.valueOffset(at));
  }
}

/** The methods nearly all requests have, as strings that are there already. */
function methodAt(text: string, start: number, end: number): string {
  if (end - start === 3 && text.startsWith("GET", start)) return "GET";
  if (end - start === 4 && text.startsWith("POST", start)) return "POST";
  return text.slice(start, end);
}

const faultAt = (kind: FaultKind, offset: number): WireFault => ({ kind, offset });
