import { CR, LF, SP, targetBytes, textBytes, tokenBytes } from "./bytes.ts";
import type { FieldLine } from "./fields.ts";

export type WriteRefusal =
  | "invalid-method"
  | "invalid-target"
  | "invalid-status"
  | "invalid-reason"
  | "invalid-field-name"
  | "invalid-field-value"
  /** `Content-Length` and `Transfer-Encoding` that no strict reader would take. */
  | "ambiguous-framing"
  | "invalid-chunk";

/** What was asked to be written is no valid HTTP/1.1: nothing of it has been written. */
export class WriteRefused extends Error {
  readonly kind: WriteRefusal;

  constructor(kind: WriteRefusal, message: string) {
    super(message);
    this.name = "WriteRefused";
    this.kind = kind;
  }
}

export interface RequestToWrite {
  readonly method: string;
  readonly target: string;
  /** In the order they are sent. `Host` is the caller's to give. */
  readonly fields: readonly FieldLine[];
}

/**
 * A request head as text to be sent as Latin-1 (RFC 9112 §3). Everything in it is checked: a CR, LF or NUL in a name, a
 * value or the target, also one that would only appear when a wider character is cut down to a byte, is refused.
 */
export function requestHead({ method, target, fields }: RequestToWrite): string {
  requireAll(method, tokenBytes, "invalid-method");
  requireAll(target, targetBytes, "invalid-target");
  requireOneFraming(fields);
  return `${method} ${target} HTTP/1.1\r\n${fieldLines(fields)}\r\n`;
}

/** Field lines as text, each checked; what they say about framing is not looked at. */
export function fieldLines(fields: readonly FieldLine[]): string {
  let lines = "";
  for (const { name, value } of fields) {
    requireAll(name, tokenBytes, "invalid-field-name");
    if (value !== "") requireAll(value, textBytes, "invalid-field-value");
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** Every character is in the table, and there is one. */
export function requireAll(text: string, table: Uint8Array, kind: WriteRefusal): void {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (table[code] !== 1) throw new WriteRefused(kind, `${describe(code)} at ${index} in ${kind.slice(8)}`);
  }
  if (text.length === 0) throw new WriteRefused(kind, `empty ${kind.slice(8)}`);
}

function describe(code: number): string {
  const names = new Map([
    [0, "NUL"],
    [LF, "LF"],
    [CR, "CR"],
    [SP, "a space"],
  ]);
  return names.get(code) ?? `character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** At most one length, and of one kind (RFC 9112 §6.2): what we send has one reading. */
export function requireOneFraming(fields: readonly FieldLine[]): void {
  let length: FieldLine | undefined;
  for (const field of fields) {
    const pattern = lengthPattern(field.name);
    if (pattern === undefined) continue;
    if (length !== undefined || !pattern.test(field.value)) {
      throw new WriteRefused(
        "ambiguous-framing",
        `${length?.name ?? ""} ${field.name}: ${field.value}`.trim(),
      );
    }
    length = field;
  }
}

/** What the value must look like, for the two fields that say where the body ends. */
function lengthPattern(name: string): RegExp | undefined {
  if (name.length !== "content-length".length && name.length !== "transfer-encoding".length) return undefined;
  const lower = name.toLowerCase();
  if (lower === "content-length") return /^\d{1,15}$/;
  return lower === "transfer-encoding" ? /^chunked$/i : undefined;
}
