import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";

/** They belong to one HTTP/1 connection; Node refuses to send them. */
const connectionNames: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** A status and whole field lines as Node takes them. */
export function headersOf(status: number, lines: string): OutgoingHttpHeaders {
  // Without a prototype: a field may be called `__proto__`.
  const headers: OutgoingHttpHeaders = Object.create(null);
  headers[":status"] = status;
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf("\r\n", at);
    const colon = lines.indexOf(":", at);
    const name = lines.slice(at, colon).toLowerCase();
    const value = lines.slice(colon + 2, end);
    at = end + 2;
    if (connectionNames.has(name)) continue;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [String(before), value];
  }
  return headers;
}

/**
 * Sends the head; false = Node cannot send it. It does not take repeated lines of fields that have one value only, which a
 * server may have sent all the same: those are joined (RFC 9110 §5.3).
 */
export function sendHead(
  stream: ServerHttp2Stream,
  headers: OutgoingHttpHeaders,
  endStream: boolean,
): boolean {
  const options = { endStream, sendDate: false };
  try {
    stream.respond(headers, options);
    return true;
  } catch {
    if (stream.headersSent || stream.destroyed) return stream.headersSent;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (name !== "set-cookie" && Array.isArray(value)) headers[name] = value.join(", ");
  }
  try {
    stream.respond(headers, options);
    return true;
  } catch {
    return false;
  }
}
