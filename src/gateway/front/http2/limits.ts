import type { ServerOptions } from "node:http2";

const KIB = 1024;

/** What one request may cost (gateway-resource.md §6: HTTP/2 header fields 8 KB, all of a request 16 KB). */
export const requestLimits = {
  /** A name and its value. */
  fieldBytes: 8 * KIB,
  /** All names and values together. */
  headBytes: 16 * KIB,
  /** Those of HTTP/1 too. */
  fieldCount: 200,
} as const;

/** What one connection may cost. */
export const connectionLimits = {
  /** Requests, after which it is ended in good order (gateway-resource.md §6). */
  requests: 1000,
  /** How long it may be without a request (request-handling.md §7). */
  idleMs: 180_000,
  /** How long the client may take to end its side after the last response. */
  lingerMs: 5_000,
  /** PING and SETTINGS frames within such a span: each of them has to be answered. */
  controlFrames: 500,
  /** Requests within such a span that the client resets before it has a response (CVE-2023-44487). */
  resets: 200,
  spanMs: 10_000,
} as const;

/**
 * What the HTTP/2 of Node holds clients to. Its limits lie above ours, so that what is only too large gets an answer and
 * leaves a record; what is beyond them is refused by Node, without a word to us.
 */
export const sessionOptions: ServerOptions = {
  settings: {
    maxConcurrentStreams: 128,
    maxHeaderListSize: 32 * KIB,
    enablePush: false,
    enableConnectProtocol: false,
  },
  maxHeaderListPairs: 256,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  // Of streams that clients reset: so many at once, and so many a second from then on.
  streamResetBurst: 400,
  streamResetRate: 33,
};
