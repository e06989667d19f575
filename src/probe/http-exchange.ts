import type { Socket } from "node:net";
import type { HttpPhase } from "../model/probe-observation.ts";
import type { WireFault } from "../wire/http1/fault.ts";
import { defaultLimits } from "../wire/http1/limits.ts";
import { type ResponseHandler, type ResponseHead, ResponseReader } from "../wire/http1/response-reader.ts";
import type { Clock } from "./clock.ts";
import { sendBytes } from "./drip.ts";
import { errnoOf } from "./errno.ts";
import { type Ending, HttpRecord } from "./http-record.ts";
import type { RequestToSend } from "./request-to-send.ts";
import { webSocketFault } from "./websocket.ts";

/**
 * How long we wait, after a response that is complete, for the server to close as it was asked to: long enough for most
 * round trips, short enough not to slow down a watch over servers that never do.
 */
const closeGraceMs = 250;

/** And where it was not asked to: for bytes behind the response, which break what follows on a reused connection. */
const strayGraceMs = 30;

/** One request on a connection. */
export interface Exchange {
  readonly request: RequestToSend;
  /** Text to look for in the body; undefined = none. */
  readonly lookFor: string | undefined;
  /** How many bytes of the response's head are taken. */
  readonly headBytes: number;
  /** The pause between the bytes of the request; 0 = all at once. */
  readonly dripMs: number;
  readonly timeoutMs: number;
  /** The moment of the clock from which times are counted. */
  readonly originMs: number;
}

/** What became of one exchange. */
export interface Exchanged {
  readonly phase: HttpPhase;
  /** The connection is still open, with nothing under way: it may carry another exchange. Otherwise it is destroyed. */
  readonly open: boolean;
}

/**
 * Sends the request and reads the response until it is complete, broken, too long or late. Owns the connection and has
 * destroyed it in the end. Rejects only when the signal is aborted, with its reason.
 */
export async function exchangeHttp(
  socket: Socket,
  exchange: Exchange,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<HttpPhase> {
  const { phase } = await exchangeOnce(socket, exchange, false, clock, signal);
  return phase;
}

/** As `exchangeHttp`; with `keep`, a connection that may carry another exchange is left open, paused. */
export function exchangeOnce(
  socket: Socket,
  exchange: Exchange,
  keep: boolean,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const seen = new SeenResponse(exchange, clock);
    const { record } = seen;
    let over = false;
    let cancelGrace = (): void => {};
    let stopSending = (): void => {};
    const once = (leaveOpen: boolean, then: () => void): void => {
      if (over) return;
      over = true;
      cancelTimer();
      cancelGrace();
      stopSending();
      signal?.removeEventListener("abort", abort);
      socket.off("data", receive).off("end", ended).off("close", closed);
      if (leaveOpen) socket.pause();
      else socket.destroy();
      then();
    };
    const finish = (ending: Ending): void =>
      once(false, () => resolve({ phase: seen.phase(ending), open: false }));
    const leave = (): void =>
      once(true, () => resolve({ phase: seen.phase({ by: "us", how: "done" }), open: true }));
    const abort = (): void => once(false, () => reject(signal?.reason));
    const receive = (bytes: Buffer): void => {
      stopSending();
      const before = record.complete;
      seen.receive(bytes);
      if (record.failed || record.full) finish({ by: "us", how: "done" });
      else if (!record.complete || before) return;
      else if (keep && seen.reusable) leave();
      else {
        const graceMs = exchange.request.closes ? closeGraceMs : strayGraceMs;
        cancelGrace = clock.after(graceMs, () => finish({ by: "us", how: "done" }));
      }
    };
    const ended = (): void => finish({ by: "server", how: "closed" });
    const closed = (): void => {
      if (socket.errored) finish({ by: "server", how: "error", errno: errnoOf(socket.errored) });
      else ended();
    };
    const cancelTimer = clock.after(exchange.timeoutMs, () => finish({ by: "us", how: "timed-out" }));
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    socket.on("data", receive).on("end", ended).on("close", closed);
    socket.resume();
    if (socket.closed) closed();
    else stopSending = seen.send(socket);
  });
}

/** Reads a response of HTTP/1.1 into the record. */
class SeenResponse implements ResponseHandler {
  readonly record: HttpRecord;
  #keepAlive = false;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #reader: ResponseReader;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.record = new HttpRecord(exchange, clock);
    const { headBytes, request } = exchange;
    const limits = {
      ...defaultLimits,
      headBytes,
      lineBytes: Math.max(defaultLimits.lineBytes, headBytes / 2),
    };
    const context = { method: request.method, upgrade: request.webSocketKey !== undefined };
    this.#reader = new ResponseReader(this, context, limits);
  }

  /** The response is complete and the connection free for another. */
  get reusable(): boolean {
    const { request } = this.#exchange;
    const sent = this.record.bytesSent === Buffer.byteLength(request.head, "latin1");
    return this.record.complete && this.#keepAlive && sent && this.#reader.extraBytes === 0;
  }

  /** The answer stops it. */
  send(socket: Socket): () => void {
    const { request, dripMs } = this.#exchange;
    const sent = (bytes: number): void => {
      this.record.bytesSent += bytes;
    };
    return sendBytes(socket, Buffer.from(request.head, "latin1"), dripMs, this.#clock, sent);
  }

  receive(bytes: Buffer): void {
    this.record.begun();
    this.record.bytes(bytes);
    this.#reader.feed(bytes);
  }

  interim({ status }: ResponseHead): void {
    this.record.interim(status);
  }

  head({ status, reason, minorVersion, fields, keepAlive }: ResponseHead): void {
    const { webSocketKey } = this.#exchange.request;
    this.#keepAlive = keepAlive;
    this.record.head({ version: `HTTP/1.${minorVersion}`, status, reason, fields: fields.list() });
    if (status !== 101 || webSocketKey === undefined) return;
    const fault = webSocketFault(fields, webSocketKey);
    if (fault !== undefined) this.record.fault(fault.kind, fault.offset);
  }

  data(buffer: Buffer, from: number, to: number): void {
    this.record.data(buffer.subarray(from, to));
  }

  trailers(): void {}

  end(): void {
    this.record.end();
  }

  fault({ kind, offset }: WireFault): void {
    this.record.fault(kind, offset);
  }

  phase(ending: Ending): HttpPhase {
    if (ending.how === "closed") this.#reader.finish();
    return this.record.phase(ending, this.#reader.extraBytes);
  }
}
