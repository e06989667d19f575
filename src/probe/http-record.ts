import { pageOf } from "../health/error-page.ts";
import { keptFirstBytes, keptHeader } from "../model/kept-values.ts";
import type { HttpPhase } from "../model/probe-observation.ts";
import type { Clock } from "./clock.ts";

/** How much of a body is looked into; no more is read, and none of it leaves the record. */
const maxBodyBytes = 64 * 1024;
const maxFirstBytes = 64;
/** Error pages that come with a product are short. */
const maxPageBytes = 4096;

/** How a connection ended, for what was under way on it. */
export type Ending =
  | { readonly by: "us"; readonly how: "done" | "timed-out" }
  | { readonly by: "server"; readonly how: "closed" }
  | { readonly by: "server"; readonly how: "error"; readonly errno: string };

/** What the record needs to know of the exchange. */
export interface Recorded {
  /** Text to look for in the body; undefined = none. */
  readonly lookFor: string | undefined;
  /** The moment of the clock from which times are counted. */
  readonly originMs: number;
}

type Head = Pick<HttpPhase, "version" | "status" | "reason"> & { readonly fields: HttpPhase["headers"] };

/** What has been seen of one response so far, whichever version of HTTP it came in. */
export class HttpRecord {
  /** Of the request, as far as the system took them. */
  bytesSent = 0;
  complete = false;
  readonly #exchange: Recorded;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #body: Buffer[] = [];
  readonly #interim: number[] = [];
  #bodyKept = 0;
  #bodyBytes = 0;
  #head: Pick<HttpPhase, "version" | "status" | "reason" | "headers"> | undefined;
  #fault: HttpPhase["fault"];
  #firstBytes = Buffer.alloc(0);
  #firstByteMs: number | undefined;
  #completeMs: number | undefined;

  constructor(exchange: Recorded, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  /** Something came that breaks the protocol. */
  get failed(): boolean {
    return this.#fault !== undefined;
  }

  /** More of a body came than is kept. */
  get full(): boolean {
    return this.#bodyBytes > maxBodyBytes;
  }

  /** Raw bytes as they come; the first of them are kept. */
  bytes(bytes: Buffer): void {
    const missing = maxFirstBytes - this.#firstBytes.length;
    if (missing > 0) this.#firstBytes = Buffer.concat([this.#firstBytes, bytes.subarray(0, missing)]);
  }

  /** The response begins. */
  begun(): void {
    this.#firstByteMs ??= this.#sinceOrigin();
  }

  interim(status: number): void {
    this.#interim.push(status);
  }

  head({ version, status, reason, fields }: Head): void {
    this.#head = { version, status, reason, headers: fields.map(keptHeader) };
  }

  /** The bytes are copied as far as they are kept. */
  data(bytes: Buffer): void {
    this.#bodyBytes += bytes.length;
    const kept = Buffer.from(bytes.subarray(0, maxBodyBytes - this.#bodyKept));
    if (kept.length === 0) return;
    this.#body.push(kept);
    this.#bodyKept += kept.length;
  }

  end(): void {
    this.complete = true;
    this.#completeMs = this.#sinceOrigin();
  }

  /** The first fault counts. */
  fault(kind: string, offset: number): void {
    this.#fault ??= { kind, offset };
  }

  /** `extraBytes`: how many came behind the response. */
  phase(ending: Ending, extraBytes: number): HttpPhase {
    const outcome = this.#outcome(ending);
    const body = Buffer.concat(this.#body);
    return {
      outcome,
      bytesSent: this.bytesSent,
      version: this.#head?.version,
      status: this.#head?.status,
      reason: this.#head?.reason,
      headers: this.#head?.headers ?? [],
      bodyHolds: this.#holds(body),
      pageOf: pageOf(this.#head?.status, body.subarray(0, maxPageBytes).toString("latin1")),
      interim: [...this.#interim],
      bodyBytes: this.#bodyBytes,
      bodyComplete: this.complete,
      extraBytes,
      fault: this.#fault,
      firstBytesBase64:
        outcome === "invalid" ? keptFirstBytes(this.#firstBytes.toString("base64")) : undefined,
      errno: ending.how === "error" ? ending.errno : undefined,
      firstByteMs: this.#firstByteMs,
      completeMs: this.#completeMs,
      endedBy: ending.by,
      endedMs: this.#sinceOrigin(),
      idle: undefined,
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
  if (errno === "ECONNRESET" || errno === "EPIPE" || errno.startsWith("HTTP2_RST_STREAM_")) return "reset";
  return errno === "ETIMEDOUT" ? "timed-out" : "failed";
}
