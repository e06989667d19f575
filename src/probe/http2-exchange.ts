import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Socket } from "node:net";
import type { HttpPhase } from "../model/probe-observation.ts";
import { defaultLimits } from "../wire/http1/limits.ts";
import { Tap } from "../wire/tls/tap.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";
import type { Exchange } from "./http-exchange.ts";
import { type Ending, HttpRecord } from "./http-record.ts";
import { mostReceivedBytes } from "./limits.ts";

/** What a server without HTTP/2 answers begins like this. */
const http1Start = /^HTTP\/1\.[01] /;

/** MiB that one connection may hold: a head and some frames of a body. */
const sessionMemoryMiB = 1;

/** Error codes from 0 on, as RFC 9113 §7 numbers them. */
const codeNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** Codes that say that the peer's bytes break the protocol, whoever of the two found it. */
const brokenProtocol: ReadonlySet<string> = new Set([
  "PROTOCOL_ERROR",
  "FLOW_CONTROL_ERROR",
  "FRAME_SIZE_ERROR",
  "COMPRESSION_ERROR",
]);

const codeName = (code: number): string => codeNames[code] ?? `CODE_${code}`;

/**
 * One request over HTTP/2, with prior knowledge of the server speaking it (RFC 9113 §3.3), or after ALPN has said so.
 * Owns the connection and has destroyed it in the end. Rejects only when the signal is aborted, with its reason.
 */
export function exchangeHttp2(
  socket: Socket,
  exchange: Exchange & { readonly scheme: "http" | "https" },
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<HttpPhase> {
  return new Promise((resolve, reject) => {
    const seen = new Http2Attempt(socket, exchange, clock);
    let over = false;
    const once = (then: () => void): void => {
      if (over) return;
      over = true;
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      then();
      seen.close();
    };
    const finish = (ending: Ending): void => once(() => resolve(seen.phase(ending)));
    const abort = (): void => once(() => reject(signal?.reason));
    const cancelTimer = clock.after(exchange.timeoutMs, () => finish({ by: "us", how: "timed-out" }));
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    seen.run(finish);
  });
}

/** The phase of a server that did not choose HTTP/2 in the handshake: nothing is sent. */
export function notNegotiated(socket: Socket, exchange: Exchange, clock: Clock): HttpPhase {
  const record = new HttpRecord(exchange, clock);
  record.fault("h2-not-negotiated", 0);
  socket.destroy();
  return record.phase({ by: "us", how: "done" }, 0);
}

class Http2Attempt {
  readonly #record: HttpRecord;
  readonly #exchange: Exchange & { readonly scheme: "http" | "https" };
  readonly #socket: Socket;
  readonly #tap: Tap;
  readonly #session: ClientHttp2Session;
  readonly #writtenBefore: number;
  #start = Buffer.alloc(0);
  #interim = 0;
  #ended = false;
  #goaway: number | undefined;
  #reset: string | undefined;
  #failure: unknown;

  constructor(socket: Socket, exchange: Exchange & { readonly scheme: "http" | "https" }, clock: Clock) {
    this.#record = new HttpRecord(exchange, clock);
    this.#exchange = exchange;
    this.#socket = socket;
    this.#writtenBefore = socket.bytesWritten;
    this.#tap = new Tap(socket, (bytes) => this.#see(bytes), mostReceivedBytes);
    this.#tap.on("error", (error) => {
      this.#failure ??= error;
    });
    this.#session = connect("http://server", {
      createConnection: () => this.#tap,
      maxSessionMemory: sessionMemoryMiB,
      maxHeaderListPairs: defaultLimits.fieldCount,
      settings: { enablePush: false, maxHeaderListSize: exchange.headBytes },
    });
  }

  run(finish: (ending: Ending) => void): void {
    if (this.#socket.destroyed) {
      const { errored } = this.#socket;
      finish(
        errored ? { by: "server", how: "error", errno: errnoOf(errored) } : { by: "server", how: "closed" },
      );
      return;
    }
    // Of one event several tell: what has caused it is known once all have.
    const settle = (): void => void setImmediate(() => finish(this.#ending()));
    this.#session
      .on("error", (error) => {
        this.#failure ??= error;
        settle();
      })
      .on("goaway", (code) => {
        this.#goaway = code;
      })
      .on("close", settle);
    const stream = this.#request();
    stream
      .on("headers", (headers) => this.#takeInterim(Number(headers[":status"]), finish))
      .on("response", (headers, _flags, raw) => this.#takeHead(Number(headers[":status"]), raw))
      .on("data", (bytes: Buffer) => {
        this.#record.data(bytes);
        if (this.#record.full) finish({ by: "us", how: "done" });
      })
      .on("end", () => {
        this.#ended = true;
      })
      .on("error", (error) => {
        this.#failure ??= error;
      })
      .on("close", () => {
        if (this.#ended && stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#record.end();
        else if (stream.rstCode) this.#reset = codeName(stream.rstCode);
        settle();
      });
  }

  phase(ending: Ending): HttpPhase {
    this.#record.bytesSent = this.#socket.bytesWritten - this.#writtenBefore;
    return this.#record.phase(ending, 0);
  }

  close(): void {
    this.#session.destroy();
    this.#tap.destroy();
    this.#socket.destroy();
  }

  #see(bytes: Buffer): void {
    this.#record.bytes(bytes);
    if (this.#start.length < 16) this.#start = Buffer.concat([this.#start, bytes.subarray(0, 16)]);
  }

  #request(): ClientHttp2Stream {
    const { request, scheme } = this.#exchange;
    const headers: Record<string, string> = {
      ":method": request.method,
      ":scheme": scheme,
      ":path": request.target,
    };
    for (const { name, value } of request.fields) {
      const lower = name.toLowerCase();
      if (lower === "host") headers[":authority"] = value;
      // Connections end otherwise in HTTP/2 (RFC 9113 §8.2.2).
      else if (lower !== "connection") headers[lower] = value;
    }
    return this.#session.request(headers, { endStream: true });
  }

  #takeInterim(status: number, finish: (ending: Ending) => void): void {
    if (this.#record.failed) return;
    this.#record.begun();
    this.#record.interim(status);
    this.#interim += 1;
    if (this.#interim < defaultLimits.interimResponses) return;
    this.#record.fault("too-many-interim-responses", 0);
    finish({ by: "us", how: "done" });
  }

  #takeHead(status: number, raw: readonly string[]): void {
    const fields = [];
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const [name = "", value = ""] = raw.slice(index, index + 2);
      if (!name.startsWith(":")) fields.push({ name, value });
    }
    this.#record.begun();
    this.#record.head({ version: "HTTP/2", status, reason: undefined, fields });
  }

  /** The response first, then what the transport did, then what the server said, then what the library found. */
  #ending(): Ending {
    if (this.#record.complete || this.#record.failed) return { by: "us", how: "done" };
    const spoken = this.#start.toString("latin1");
    if (http1Start.test(spoken)) return this.#broken("h2-answered-in-http1");
    if (isLibraryFault(this.#failure)) return this.#broken("h2-protocol-error");
    if (this.#goaway !== undefined && this.#goaway !== constants.NGHTTP2_NO_ERROR) {
      return { by: "server", how: "error", errno: `HTTP2_GOAWAY_${codeName(this.#goaway)}` };
    }
    const end = this.#tap.transportEnd;
    if (end?.how === "failed")
      return { by: "server", how: "error", errno: end.errno ?? errnoOf(this.#failure) };
    if (end !== undefined || this.#reset === undefined) return { by: "server", how: "closed" };
    if (brokenProtocol.has(this.#reset)) return this.#broken("h2-stream-error");
    return { by: "server", how: "error", errno: `HTTP2_RST_STREAM_${this.#reset}` };
  }

  #broken(kind: string): Ending {
    this.#record.fault(kind, 0);
    return { by: "us", how: "done" };
  }
}

/** The library could not read what came: no preface, frames that are none. */
function isLibraryFault(error: unknown): boolean {
  return errnoOf(error) === "ERR_HTTP2_ERROR";
}
