import type { HeaderFields } from "./fields.ts";
import { connectionOptions } from "./framing.ts";

/** Options of `Connection` that name no field of their own that would not be dropped anyway. */
const ownOptions: ReadonlySet<string> = new Set(["close", "keep-alive", "upgrade", "te"]);

/** A request without it is none: naming it in `Connection` does not take it away (RFC 9110 §7.6.1). */
const NEVER_DROPPED = "host";

/**
 * Which field lines of a head go on to the next hop: not those of the connection they came by, which are `Connection`,
 * what it names, `Keep-Alive`, `Proxy-Connection`, `TE`, `Upgrade`, `Transfer-Encoding` (RFC 9110 §7.6.1), nor
 * `Content-Length`, which is written anew with the framing. One object serves head after head.
 */
export class EndToEnd {
  #fields: HeaderFields | undefined;
  #dropped = new Uint8Array(64);
  #named: Set<string> | undefined;

  /** Looks at a whole head; it has to stay as it is while this is used. */
  read(fields: HeaderFields): void {
    const { count } = fields;
    this.#fields = fields;
    this.#named = undefined;
    if (this.#dropped.length < count) this.#dropped = new Uint8Array(2 * count);
    for (let index = 0; index < count; index++) this.#dropped[index] = this.#isOfHop(fields, index) ? 1 : 0;
    if (this.#named !== undefined) this.#dropNamed(fields, this.#named);
  }

  drops(index: number): boolean {
    return this.#dropped[index] === 1;
  }

  /** Takes one more line away. */
  drop(index: number): void {
    this.#dropped[index] = 1;
  }

  /** Takes all lines of this lower-case name away. */
  dropNamed(lower: string): void {
    const fields = this.#fields;
    if (fields === undefined) return;
    for (let at = fields.find(lower); at >= 0; at = fields.find(lower, at + 1)) this.drop(at);
  }

  /** The lines that go on, as text. */
  lines(): string {
    const fields = this.#fields;
    if (fields === undefined) return "";
    let lines = "";
    let from = 0;
    for (let index = 0; index < fields.count; index++) {
      if (this.#dropped[index] === 0) continue;
      if (index > from) lines += fields.lines(from, index);
      from = index + 1;
    }
    return lines + fields.lines(from);
  }

  #isOfHop(fields: HeaderFields, index: number): boolean {
    switch (fields.nameLength(index)) {
      case 2:
        return fields.isNamed(index, "te");
      case 7:
        return fields.isNamed(index, "upgrade");
      case 10:
        if (fields.isNamed(index, "keep-alive")) return true;
        if (!fields.isNamed(index, "connection")) return false;
        this.#readConnection(fields, index);
        return true;
      case 14:
        return fields.isNamed(index, "content-length");
      case 16:
        return fields.isNamed(index, "proxy-connection");
      case 17:
        return fields.isNamed(index, "transfer-encoding");
      default:
        return false;
    }
  }

  #readConnection(fields: HeaderFields, index: number): void {
    if (fields.isValue(index, "keep-alive") || fields.isValue(index, "close")) return;
    for (const option of connectionOptions(fields.value(index))) {
      if (ownOptions.has(option) || option === NEVER_DROPPED) continue;
      this.#named ??= new Set();
      this.#named.add(option);
    }
  }

  #dropNamed(fields: HeaderFields, named: ReadonlySet<string>): void {
    for (let index = 0; index < fields.count; index++) {
      if (named.has(fields.name(index).toLowerCase())) this.#dropped[index] = 1;
    }
  }
}

/**
 * The lines that ask the next hop for the protocol the client asks for, or tell the client which one it got: one protocol,
 * as it was written. Undefined: none, or one that must not be passed on. A tunnel of HTTP/2 would carry requests past the
 * gateway's rules (RFC 9113 §3.1).
 */
export function upgradeLines(fields: HeaderFields): string | undefined {
  const at = fields.find("upgrade");
  if (at < 0 || fields.find("upgrade", at + 1) >= 0) return undefined;
  const value = fields.value(at);
  const isOne = value !== "" && !value.includes(",");
  return isOne && !/^h2c?(?:\/|$)/i.test(value) ? `Connection: Upgrade\r\nUpgrade: ${value}\r\n` : undefined;
}
