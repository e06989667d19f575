import type { Attempt, AttemptFailure } from "../../model/attempt.ts";

/**
 * What one attempt leaves behind, filled in as it goes on: each moment is told by the clock and kept as the time since the
 * exchange began.
 */
export class AttemptRecord implements Attempt {
  server: string;
  readonly member: string;
  connection: Attempt["connection"] = "fresh";
  idleMs: number | undefined;
  readonly startedMs: number;
  dnsMs: number | undefined;
  connectedMs: number | undefined;
  tlsMs: number | undefined;
  sentMs: number | undefined;
  firstByteMs: number | undefined;
  endedMs: number;
  status: number | undefined;
  bytesSent = 0;
  failure: AttemptFailure | undefined;
  readonly #sinceMs: number;

  /** `server`: what it is called as long as no address is known. `sinceMs`, `nowMs`: of the clock, as everywhere below. */
  constructor(member: string, server: string, sinceMs: number, nowMs: number) {
    this.member = member;
    this.server = server;
    this.#sinceMs = sinceMs;
    this.startedMs = nowMs - sinceMs;
    this.endedMs = this.startedMs;
  }

  /** A reused connection before one byte of a response: the server may have ended it before it was used. */
  get awaitsReused(): boolean {
    return this.idleMs !== undefined && this.firstByteMs === undefined;
  }

  /** It goes over a connection that had been idle for so long. */
  reuses(idleMs: number): void {
    this.connection = "reused";
    this.idleMs = idleMs;
  }

  resolved(nowMs: number): void {
    this.dnsMs = nowMs - this.#sinceMs;
  }

  connected(nowMs: number): void {
    this.connectedMs = nowMs - this.#sinceMs;
  }

  secured(nowMs: number): void {
    this.tlsMs = nowMs - this.#sinceMs;
  }

  /** The request was handed over to its last byte. */
  sent(nowMs: number): void {
    this.sentMs = nowMs - this.#sinceMs;
  }

  /** Bytes of the server came; the first ones count. */
  received(nowMs: number): void {
    this.firstByteMs ??= nowMs - this.#sinceMs;
  }

  /** As far as it has come; the last call counts. */
  until(nowMs: number, bytesSent: number): void {
    this.endedMs = nowMs - this.#sinceMs;
    this.bytesSent = bytesSent;
  }
}
