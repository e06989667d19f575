import type { HeaderFields } from "./fields.ts";
import { WriteRefused } from "./writer.ts";

/** The line before the data of a chunk (RFC 9112 §7.1), which is followed by `chunkEnd`. `size`: bytes, at least 1. */
export function chunkStart(size: number): string {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new WriteRefused("invalid-chunk", `chunk of ${size} bytes`);
  return `${size.toString(16)}\r\n`;
}

/** Ends the data of a chunk. */
export const chunkEnd = "\r\n";

/** Ends a chunked body that has no trailers. */
export const lastChunk = "0\r\n\r\n";

/** What chunks are written to: a socket. */
export interface ChunkTarget {
  cork(): void;
  uncork(): void;
  write(text: string, encoding: "latin1"): boolean;
  write(bytes: Buffer, taken?: () => void): boolean;
}

/** Writes a chunk without copying its data, which must stay as it is until it is `taken`. False: wait for `drain`. */
export function writeChunk(target: ChunkTarget, data: Buffer, taken?: () => void): boolean {
  target.cork();
  target.write(chunkStart(data.length), "latin1");
  target.write(data, taken);
  const more = target.write(chunkEnd, "latin1");
  target.uncork();
  return more;
}

/**
 * Fields that mean something for framing, routing, or what may be done with a message, and so must not come behind its
 * body (RFC 9110 §6.5.1), and those of one hop.
 */
const neverTrailers: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "expect",
  "expires",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "keep-alive",
  "location",
  "max-forwards",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "retry-after",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "warning",
  "www-authenticate",
]);

/** Ends a chunked body with its trailers, without those that must not be any. */
export function lastChunkWith(trailers: HeaderFields): string {
  let lines = "";
  for (let index = 0; index < trailers.count; index++) {
    if (!neverTrailers.has(trailers.name(index).toLowerCase())) lines += trailers.lines(index, index + 1);
  }
  return `0\r\n${lines}\r\n`;
}
