import { textBytes } from "./bytes.ts";
import type { FieldLine } from "./fields.ts";
import { fieldLines, requireAll, requireOneFraming, WriteRefused } from "./writer.ts";

export interface ResponseToWrite {
  readonly status: number;
  readonly reason: string;
  /** In the order they are sent, those that frame the body with them. */
  readonly fields: readonly FieldLine[];
}

/**
 * A response head as text to be sent as Latin-1 (RFC 9112 §4), checked as a request head is. Responses that can have no
 * body by their status alone must not announce one (RFC 9112 §6.1, RFC 9110 §8.6).
 */
export function responseHead({ status, reason, fields }: ResponseToWrite): string {
  const line = statusLine(status, reason);
  requireOneFraming(fields);
  if (status < 200 || status === 204) requireNoFraming(fields);
  return `${line}${fieldLines(fields)}\r\n`;
}

/** The answer to `Expect: 100-continue` (RFC 9110 §10.1.1). */
export const continueHead = "HTTP/1.1 100 Continue\r\n\r\n";

/** Status lines by status, each with the reason that was last asked for: few are ever in use. */
const lines: (string | undefined)[] = [];
const reasons: (string | undefined)[] = [];

/** `HTTP/1.1 SP status SP reason CRLF`; the reason may be empty. Our version, whatever that of the server was (RFC 9110 §2.5). */
export function statusLine(status: number, reason: string): string {
  const known = lines[status];
  if (known !== undefined && reasons[status] === reason) return known;
  if (!Number.isInteger(status) || status < 100 || status > 999)
    throw new WriteRefused("invalid-status", `status ${status}`);
  if (reason !== "") requireAll(reason, textBytes, "invalid-reason");
  const line = `HTTP/1.1 ${status} ${reason}\r\n`;
  if (reason.length <= LONGEST_KEPT) {
    // A slice would keep the whole head it was cut from.
    reasons[status] = Buffer.from(reason, "latin1").toString("latin1");
    lines[status] = Buffer.from(line, "latin1").toString("latin1");
  }
  return line;
}

/** Longer reasons are put together each time. */
const LONGEST_KEPT = 40;

function requireNoFraming(fields: readonly FieldLine[]): void {
  const framing = fields.find(({ name }) => /^(?:content-length|transfer-encoding)$/i.test(name));
  if (framing !== undefined) throw new WriteRefused("ambiguous-framing", `${framing.name} without a body`);
}
