import type { Socket } from "node:net";
import { pageOf } from "../health/error-page.ts";
import type { HttpPhase } from "../model/probe-observation.ts";
import type { WireFault } from "../wire/http1/fault.ts";
import { defaultLimits } from "../wire/http1/limits.ts";
import { type ResponseHandler, type ResponseHead, ResponseReader } from "../wire/http1/response-reader.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";
import { withoutSecrets } from "./secrets.ts";

/** How much of a body is kept; no more is read. */
const maxBodyBytes = 64 * 1024;
const maxFirstBytes = 64;
/** Error pages that come with a product are short. */
const maxPageBytes = 4096;

/**
 * How long we wait, after a response that is complete, for the server to close as it was asked to: long enough for most
 * round trips, short enough not to slow down a watch over servers that never do.
 */
const closeGraceMs = 250;

/** One request on a connection that carries no other. */
export interface Exchange {
  readonly method: string;
  /** All of the request: it has no body. */
  readonly head: string;
  /** Text to look for in the body; undefined = none. */
  readonly lookFor: string | undefined;
  /** How many bytes of the response's head are taken. */
  readonly headBytes: number;
  readonly timeoutMs: number;
  /** The moment of the clock from which times are counted. */
  readonly originMs: number;
}

/**
 * Sends the request and reads the response until it is complete, broken, too long or late. Owns the connection and has
 * destroyed it in the end. Rejects only when the signal is aborted, with its reason.
 */
export function exchangeHttp(
  socket: Socket,
  exchange: Exchange,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<HttpPhase> {
  return new Promise((resolve, reject) => {
    const seen = new SeenResponse(exchange, clock);
    let over = false;
    let cancelGrace = (): void => {};
    const once = (then: () => void): void => {
      if (over) return;
      over = true;
      cancelTimer();
      cancelGrace();
      signal?.removeEventListener("abort", abort);
      socket.off("data", receive).off("end", ended).off("close", closed).destroy();
      then();
    };
    const finish = (ending: Ending): void => once(() => resolve(seen.phase(ending)));
    const abort = (): void => once(() => reject(signal?.reason));
    const receive = (bytes: Buffer): void => {
      const before = seen.complete;
      seen.receive(bytes);
      if (seen.failed || seen.full) finish({ by: "us", how: "done" });
      else if (seen.complete && !before) {
        cancelGrace = clock.after(closeGraceMs, () => finish({ by: "us", how: "done" }));
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
    if (socket.closed) closed();
    else seen.send(socket);
  });
}

type Ending =
  | { readonly by: "us"; readonly how: "done" | "timed-out" }
  | { readonly by: "server"; readonly how: "closed" }
  | { readonly by: "server"; readonly how: "error"; readonly errno: string };

/** What has been seen of the response so far. */
class SeenResponse implements ResponseHandler {
  failed = false;
  complete = false;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #reader: ResponseReader;
  readonly #body: Buffer[] = [];
  readonly #interim: number[] = [];
  #bodyKept = 0;
  #bodyBytes = 0;
  #head: Pick<HttpPhase, "version" | "status" | "reason" | "headers"> | undefined;
  #fault: WireFault | undefined;
  #firstBytes = Buffer.alloc(0);
  #firstByteMs: number | undefined;
  #completeMs: number | undefined;
  #bytesSent = 0;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    const { method, headBytes } = exchange;
    const limits = {
      ...defaultLimits,
      headBytes,
      lineBytes: Math.max(defaultLimits.lineBytes, headBytes / 2),
    };
    this.#reader = new ResponseReader(this, { method, upgrade: false }, limits);
  }

  /** More of a body came than is kept. */
  get full(): boolean {
    return this.#bodyBytes > maxBodyBytes;
  }

  send(socket: Socket): void {
    const bytes = Buffer.from(this.#exchange.head, "latin1");
    socket.write(bytes, (error) => {
      if (!error) this.#bytesSent = bytes.length;
    });
  }

  receive(bytes: Buffer): void {
    this.#firstByteMs ??= this.#sinceOrigin();
    const missing = maxFirstBytes - this.#firstBytes.length;
    if (missing > 0) this.#firstBytes = Buffer.concat([this.#firstBytes, bytes.subarray(0, missing)]);
    this.#reader.feed(bytes);
  }

  interim({ status }: ResponseHead): void {
    this.#interim.push(status);
  }

  head(head: ResponseHead): void {
    this.#head = {
      version: `HTTP/1.${head.minorVersion}`,
      status: head.status,
      reason: head.reason,
      headers: withoutSecrets(head.fields.list()),
    };
  }

  data(buffer: Buffer, from: number, to: number): void {
    this.#bodyBytes += to - from;
    const room = Math.min(maxBodyBytes - this.#bodyKept, to - from);
    if (room <= 0) return;
    // The reader's buffers are only lent.
    this.#body.push(Buffer.from(buffer.subarray(from, from + room)));
    this.#bodyKept += room;
  }

  trailers(): void {}

  end(): void {
    this.complete = true;
    this.#completeMs = this.#sinceOrigin();
  }

  fault(fault: WireFault): void {
    this.failed = true;
    this.#fault = fault;
  }

  phase(ending: Ending): HttpPhase {
    if (ending.how === "closed") this.#reader.finish();
    const outcome = this.#outcome(ending);
    const body = Buffer.concat(this.#body);
    const headers = this.#head?.headers ?? [];
    return {
      outcome,
      bytesSent: this.#bytesSent,
      version: this.#head?.version,
      status: this.#head?.status,
      reason: this.#head?.reason,
      headers,
      bodyBase64: body.toString("base64"),
      bodyHolds: this.#holds(body),
      pageOf: pageOf(this.#head?.status, body.subarray(0, maxPageBytes).toString("latin1")),
      interim: this.#interim,
      bodyBytes: this.#bodyBytes,
      bodyComplete: this.complete,
      extraBytes: this.#reader.extraBytes,
      fault: this.#fault,
      firstBytesBase64: outcome === "invalid" ? this.#firstBytes.toString("base64") : undefined,
      errno: ending.how === "error" ? ending.errno : undefined,
      firstByteMs: this.#firstByteMs,
      completeMs: this.#completeMs,
      endedBy: ending.by,
      endedMs: this.#sinceOrigin(),
      tookMs: this.#clock.nowMs() - this.#startedMs,
    };
  }

  /** A fault is told even where the response had ended before it; a response that ended well stays one. */
  #outcome(ending: Ending): HttpPhase["outcome"] {
    if (this.#fault !== undefined && this.#fault.kind !== "truncated") return "invalid";
    if (this.complete || this.full) return "answered";
    const when = this.#firstByteMs === undefined ? "before-first-byte" : "midway";
    if (ending.how === "error") return `${brokenBy(ending.errno)}-${when}`;
    return `${ending.how === "closed" ? "closed" : "timed-out"}-${when}`;
  }

  #holds(body: Buffer): boolean | undefined {
    const { lookFor } = this.#exchange;
    if (lookFor === undefined) return undefined;
    return body.includes(lookFor) || (this.complete ? false : undefined);
  }

  #sinceOrigin(): number {
    return this.#clock.nowMs() - this.#exchange.originMs;
  }
}

function brokenBy(errno: string): "reset" | "timed-out" | "failed" {
  if (errno === "ECONNRESET" || errno === "EPIPE") return "reset";
  return errno === "ETIMEDOUT" ? "timed-out" : "failed";
}
