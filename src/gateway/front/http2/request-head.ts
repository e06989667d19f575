import { targetBytes, textBytes, tokenBytes } from "../../../wire/http1/bytes.ts";
import type { FaultKind } from "../../../wire/http1/fault.ts";
import { HeaderFields } from "../../../wire/http1/fields.ts";
import { FramingFields } from "../../../wire/http1/framing.ts";
import type { RequestHead } from "../../../wire/http1/request-reader.ts";
import { isAuthority, type TargetForm, targetForm } from "../../../wire/http1/request-target.ts";
import { requestLimits } from "./limits.ts";

/** A request head, as the reader of HTTP/1.1 gives it; `fields` belongs to it alone. */
interface ReadHead {
  readonly head: RequestHead;
  readonly bytes: number;
}

/** `bytes`: names and values of all fields, with what HTTP/1.1 writes around them. */
export type HeadOrFault = ReadHead | { readonly fault: FaultKind; readonly bytes: number };

const pseudoNames = [":method", ":scheme", ":authority", ":path"] as const;
type PseudoName = (typeof pseudoNames)[number];

/** Fields of one HTTP/1 connection, which have no place here (RFC 9113 §8.2.2). */
const connectionNames: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads a header list, names and values in turn (RFC 9113 §8.2, §8.3). What it takes could stand in an HTTP/1.1 request:
 * everything behind sees one kind of request only. `ended`: no body follows.
 */
export function readRequest(list: readonly string[], ended: boolean): HeadOrFault {
  const reading = new Reading();
  for (let at = 0; at + 1 < list.length; at += 2) {
    const fault = reading.take(list[at] as string, list[at + 1] as string);
    if (fault !== undefined) return { fault, bytes: reading.bytes };
  }
  const head = reading.head(ended);
  return typeof head === "string" ? { fault: head, bytes: reading.bytes } : { head, bytes: reading.bytes };
}

const none = [undefined, undefined] as const;

class Reading {
  /** Names, values and four bytes around each pair. */
  bytes = 0;
  readonly #pseudo = new Map<PseudoName, string>();
  readonly #fields: [name: string, value: string][] = [];
  #crumbs: string | undefined;
  #host: string | undefined;

  take(name: string, value: string): FaultKind | undefined {
    const bytes = name.length + value.length;
    this.bytes += bytes + 4;
    if (bytes > requestLimits.fieldBytes) return name === ":path" ? "line-too-long" : "field-too-long";
    if (this.bytes > requestLimits.headBytes) return "head-too-large";
    if (name.startsWith(":")) return this.#takePseudo(name, value);
    if (!isLowerToken(name) || connectionNames.has(name)) return "invalid-field-name";
    if (!isFieldValue(value)) return "control-character";
    return this.#takeField(name, value);
  }

  head(ended: boolean): RequestHead | FaultKind {
    const [method, target, form] = [this.#pseudo.get(":method"), ...this.#target()];
    if (method === undefined || !consistsOf(method, tokenBytes)) return "invalid-request-line";
    if (target === undefined || form === undefined) return "invalid-target";
    const host = this.#authority();
    if (typeof host !== "object") return host;
    const fields = this.#fieldsWith(host.name);
    const framing = new FramingFields();
    const fault = framing.read(fields, 1);
    if (fault !== undefined) return fault.kind;
    const { contentLength } = framing;
    if (ended && contentLength > 0) return "cl-conflict";
    return {
      method,
      target,
      form,
      minorVersion: 1,
      host: host.name,
      fields,
      body: ended || contentLength === 0 ? "none" : contentLength > 0 ? "length" : "chunked",
      contentLength: contentLength < 0 ? undefined : contentLength,
      upgrade: false,
      keepAlive: true,
    };
  }

  #takePseudo(name: string, value: string): FaultKind | undefined {
    const known = pseudoNames.find((one) => one === name);
    const late = this.#fields.length > 0 || this.#crumbs !== undefined || this.#host !== undefined;
    if (known === undefined || late || this.#pseudo.has(known)) return "invalid-request-line";
    this.#pseudo.set(known, value);
    return undefined;
  }

  #takeField(name: string, value: string): FaultKind | undefined {
    if (name === "host") {
      if (this.#host !== undefined) return "host-repeated";
      this.#host = value;
      return undefined;
    }
    if (name === "te" && value.toLowerCase() !== "trailers") return "invalid-field-name";
    if (name === "cookie") {
      // Clients may split it for better compression (RFC 9113 §8.2.3).
      this.#crumbs = this.#crumbs === undefined ? value : `${this.#crumbs}; ${value}`;
      return undefined;
    }
    this.#fields.push([name, value]);
    return this.#fields.length > requestLimits.fieldCount ? "too-many-fields" : undefined;
  }

  /** `:path`, or for CONNECT, which has none, `:authority`; `http` and `https` have no other form of a path. */
  #target(): readonly [target: string | undefined, form: TargetForm | undefined] {
    const method = this.#pseudo.get(":method") ?? "";
    const [path, scheme] = [this.#pseudo.get(":path"), this.#pseudo.get(":scheme")];
    if (method === "CONNECT") {
      const authority = this.#pseudo.get(":authority") ?? "";
      return path === undefined && scheme === undefined ? [authority, targetForm(method, authority)] : none;
    }
    const known = scheme === "https" || scheme === "http";
    if (!known || path === undefined || !consistsOf(path, targetBytes)) return none;
    const form = targetForm(method, path);
    return form === "absolute" ? none : [path, form];
  }

  /** `:authority`, or `Host` where there is none; both have to be the same (RFC 9113 §8.3.1). */
  #authority(): { readonly name: string } | FaultKind {
    const authority = this.#pseudo.get(":authority");
    const name = authority ?? this.#host;
    if (name === undefined || name === "") return "host-missing";
    if (!isAuthority(name)) return "host-invalid";
    const same = this.#host === undefined || this.#host.toLowerCase() === name.toLowerCase();
    return same ? { name } : "host-mismatch";
  }

  /** `Host` first, as RFC 9110 §7.2 would have it; the crumbs of `Cookie` as one line, last. */
  #fieldsWith(host: string): HeaderFields {
    const fields = new HeaderFields();
    let text = "";
    const add = (name: string, value: string): void => {
      const start = text.length;
      text += `${name}: ${value}\r\n`;
      fields.addPlain(start, start + name.length, text.length - 2);
    };
    add("host", host);
    for (const [name, value] of this.#fields) add(name, value);
    if (this.#crumbs !== undefined) add("cookie", this.#crumbs);
    fields.seal(text, 0);
    return fields;
  }
}

/** Upper case makes a request malformed (RFC 9113 §8.2). */
const isLowerToken = (name: string): boolean => consistsOf(name, tokenBytes) && !/[A-Z]/.test(name);

/** Without blanks around it (RFC 9113 §8.2.1). */
const isFieldValue = (value: string): boolean =>
  value === "" || (consistsOf(value, textBytes) && !/^[ \t]|[ \t]$/.test(value));

/** Not empty, and every character is a byte that the table has. */
function consistsOf(text: string, table: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) if (table[text.charCodeAt(at)] !== 1) return false;
  return text !== "";
}
