import { isDigit } from "./bytes.ts";
import type { FaultKind, WireFault } from "./fault.ts";
import type { HeaderFields } from "./fields.ts";

const TRANSFER_ENCODING = "transfer-encoding";
const CONTENT_LENGTH = "content-length";
const CONNECTION = "connection";

/**
 * What the fields say about the length of the body and the life of the connection (RFC 9112 §6, §9.3), for requests and
 * responses alike. Where the RFC lets a recipient repair a message, it is refused: two readers that repair in two ways
 * are what request smuggling lives on.
 */
export class FramingFields {
  chunked = false;
  /** -1: not given. */
  contentLength = -1;
  /** By the version and the options of `Connection`; the body may still force a close. */
  keepAlive = true;
  /** `Connection: upgrade` together with `Upgrade`. */
  upgrade = false;
  #fault: WireFault | undefined;
  #fields: HeaderFields | undefined;
  #http10 = false;
  #close = false;
  #keepAliveOption = false;
  #upgradeOption = false;

  /** Reads a whole head; a fault is returned, the first one in the order of the fields. */
  read(fields: HeaderFields, minorVersion: 0 | 1): WireFault | undefined {
    this.#start(fields, minorVersion);
    let upgradeField = false;
    for (let index = 0; index < fields.count && this.#fault === undefined; index++) {
      switch (fields.nameLength(index)) {
        case 7:
          upgradeField ||= fields.isNamed(index, "upgrade");
          break;
        case 10:
          if (fields.isNamed(index, CONNECTION)) this.#readConnection(fields, index);
          break;
        case 14:
          if (fields.isNamed(index, CONTENT_LENGTH)) this.#readContentLength(index);
          break;
        case 17:
          if (fields.isNamed(index, TRANSFER_ENCODING)) this.#readTransferEncoding(index);
          break;
      }
    }
    this.keepAlive = !this.#close && (!this.#http10 || this.#keepAliveOption);
    this.upgrade = upgradeField && this.#upgradeOption && !this.#http10;
    return this.#fault;
  }

  #start(fields: HeaderFields, minorVersion: 0 | 1): void {
    this.chunked = false;
    this.contentLength = -1;
    this.#fault = undefined;
    this.#fields = fields;
    this.#http10 = minorVersion === 0;
    this.#close = false;
    this.#keepAliveOption = false;
    this.#upgradeOption = false;
  }

  #readConnection(fields: HeaderFields, index: number): void {
    if (fields.isValue(index, "keep-alive")) {
      this.#keepAliveOption = true;
      return;
    }
    for (const option of connectionOptions(fields.value(index))) {
      if (option === "close") this.#close = true;
      else if (option === "keep-alive") this.#keepAliveOption = true;
      else if (option === "upgrade") this.#upgradeOption = true;
    }
  }

  /** Exactly `chunked`, once: there is no other coding that this reader could take off (RFC 9112 §6.1, §7). */
  #readTransferEncoding(index: number): void {
    const fields = this.#fields as HeaderFields;
    if (this.#http10) this.#fail("te-in-http10", fields.nameOffset(index));
    else if (this.contentLength >= 0) this.#fail("te-and-cl", fields.nameOffset(index));
    else if (this.chunked) this.#fail("te-not-chunked", fields.nameOffset(index));
    else if (!fields.isValue(index, "chunked")) this.#fail("te-not-chunked", fields.valueOffset(index));
    else this.chunked = true;
  }

  #readContentLength(index: number): void {
    const fields = this.#fields as HeaderFields;
    const length = lengthOf(fields.value(index));
    if (this.chunked) this.#fail("te-and-cl", fields.nameOffset(index));
    else if (length < 0) this.#fail("cl-invalid", fields.valueOffset(index) - length - 1);
    else if (this.contentLength < 0) this.contentLength = length;
    else this.#fail(this.contentLength === length ? "cl-repeated" : "cl-conflict", fields.nameOffset(index));
  }

  #fail(kind: FaultKind, offset: number): void {
    this.#fault = { kind, offset };
  }
}

/** Decimal digits as a safe integer; otherwise `-1 - at`, where `at` is the index at which they stop making one. */
function lengthOf(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    value = value * 10 + (code - 0x30);
    if (!isDigit(code) || value > Number.MAX_SAFE_INTEGER) return -1 - at;
  }
  return text.length === 0 ? -1 : value;
}

/** The options of one `Connection` field in lower case (RFC 9110 §7.6.1), also the names of hop-by-hop fields. */
export function connectionOptions(value: string): string[] {
  const lower = value.toLowerCase();
  if (!lower.includes(",")) return lower === "" ? [] : [lower];
  return lower
    .split(",")
    .map((option) => option.trim())
    .filter((option) => option !== "");
}

/** Where the length of a body or of what takes its place comes from (RFC 9112 §6.3). */
export type BodyKind = "none" | "length" | "chunked" | "until-close" | "tunnel";
