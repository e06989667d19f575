import type { BodyKind } from "./framing.ts";

/** How the body of a message that is passed on is framed anew. */
export interface RelayedFraming {
  /** `Content-Length` or `Transfer-Encoding` with its line end, or nothing. */
  readonly line: string;
  /** `until-close`: the connection to the client has to be closed behind it. */
  readonly body: "none" | "length" | "chunked" | "until-close";
}

/** What of a response decides. */
export interface RelayedResponse {
  readonly status: number;
  readonly body: BodyKind;
  readonly contentLength: number | undefined;
}

const CHUNKED = "Transfer-Encoding: chunked\r\n";
const nothing: RelayedFraming = { line: "", body: "none" };
const inChunks: RelayedFraming = { line: CHUNKED, body: "chunked" };
const untilClose: RelayedFraming = { line: "", body: "until-close" };

/** The framing of a response towards a client of HTTP/1.`minorVersion` (RFC 9112 §6). */
export function responseFraming(head: RelayedResponse, minorVersion: 0 | 1): RelayedFraming {
  const { status, body, contentLength } = head;
  switch (body) {
    case "length":
      return { line: lengthLine(contentLength), body };
    case "chunked":
    case "until-close":
      return minorVersion === 1 ? inChunks : untilClose;
    case "none":
      // Of the answer to HEAD and of 304 it tells how long the body would be; of 1xx and 204 it must not stand.
      return status < 200 || status === 204 || contentLength === undefined
        ? nothing
        : { line: lengthLine(contentLength), body };
    default:
      return nothing;
  }
}

/** The framing field of a request that is passed on. A length of 0 is said where the client said it. */
export function requestFramingLine(body: BodyKind, contentLength: number | undefined): string {
  if (body === "chunked") return CHUNKED;
  return contentLength === undefined ? "" : lengthLine(contentLength);
}

/** What tells a client of HTTP/1.`minorVersion` whether the connection lives on (RFC 9112 §9.3, §9.6). */
export function connectionLine(keepAlive: boolean, minorVersion: 0 | 1): string {
  if (!keepAlive) return "Connection: close\r\n";
  return minorVersion === 1 ? "" : "Connection: keep-alive\r\n";
}

function lengthLine(length = 0): string {
  return `Content-Length: ${length}\r\n`;
}
