import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";

/** What is sent to a server, in our own words. */
export interface ForwardedRequest {
  readonly method: string;
  /** The whole head as Latin-1, framing fields and empty line with it. */
  readonly head: string;
  /** How the body that follows is framed; its bytes are handed over without framing. */
  readonly body: "none" | "length" | "chunked";
  /** It asks for another protocol; 101 then makes a tunnel of the connection. */
  readonly upgrade: boolean;
  /** The name for the handshake, which may depend on the client; undefined = none, or no TLS. Connections are reused for the same name only. */
  readonly sni: string | undefined;
  /** For the whole of an attempt until the response head has come. */
  readonly responseTimeoutMs: number;
  /** Nothing is asked: once the connection is there, its bytes go both ways as they are, and the taker is told `upgraded`. */
  readonly raw?: RawConnection | undefined;
}

/** A connection of layer 4. */
export interface RawConnection {
  /** What goes in front of everything, a TLS handshake too: a header of the PROXY protocol; empty = nothing. */
  readonly preface: string;
}

/** The side of the client, as an attempt sees it. Buffers are lent for the call only. */
export interface ResponseTaker {
  /** A 1xx response other than 101. */
  interim(head: ResponseHead): void;
  /** `head.fields` is lent. */
  head(head: ResponseHead): void;
  /** False: no more until `resume`, but for what has been read already (at most 128 KiB). */
  data(buffer: Buffer, from: number, to: number): boolean;
  trailers(fields: HeaderFields): void;
  end(): void;
  /** Instead of `end`, at most once; nothing comes after it. */
  failed(failure: AttemptFailure): void;
  /** More of the request body may be written after `write` said false. */
  drained(): void;
  /** After a 101 head, or on layer 4: bytes go both ways as they are. */
  upgraded(tunnel: Tunnel): void;
  /** Layer 4 only: the server sends no more and may still be written to; `end` comes when the connection has ended. */
  halfEnded?(): void;
}

/** One attempt at one server that is under way. */
export interface UpstreamAttempt {
  /** Bytes of the request body, not copied: they must stay as they are. False: wait for `drained`. */
  write(buffer: Buffer, from: number, to: number): boolean;
  /** Not needed where there is no body. */
  endBody(): void;
  /** The client takes no more for now, or again. */
  pause(): void;
  resume(): void;
  /** The client went away, or time is up: the connection is not used again, and nothing more is told. */
  abort(): void;
  /** The drain time of its server is over: it fails, and its taker is told. */
  drainOver(): void;
  /** What it has come to so far, and goes on to be filled in; whole once it ended. */
  record(): Attempt;
}

/**
 * A connection after an upgrade, or one of layer 4. What the server sends comes as `data`, its end as `end` or `failed`, after which nothing
 * more can be written.
 */
export interface Tunnel {
  /** As of an attempt: not copied, false = wait for `drained`. */
  write(buffer: Buffer, from: number, to: number): boolean;
  end(): void;
  abort(): void;
  pause(): void;
  resume(): void;
}

export interface AttemptManner {
  /** Not on a reused connection. */
  readonly fresh: boolean;
  /** When the exchange began, by `loopNowMs()`: the times in the record count from it. */
  readonly sinceMs: number;
  /** The connection of the client, where the setting gives each its own connections (`dedicatedBackendConnection`). */
  readonly owner?: ConnectionOwner | undefined;
}

/** Whom a dedicated connection belongs to. Once `gone`, it is closed. */
export interface ConnectionOwner {
  readonly gone: boolean;
}

/** One server reached in one way, with its connections. */
export interface Upstream {
  /** Everything that happens is told to the taker after this has returned, never thrown. */
  start(request: ForwardedRequest, taker: ResponseTaker, how: AttemptManner): UpstreamAttempt;
  /** Ends idle connections now, others when they are done. */
  close(): void;
}
