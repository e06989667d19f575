import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import { holdOf } from "../pieces.ts";
import { TimerEntry } from "../timer-wheel.ts";
import { type AttemptPhase, timeoutFault } from "./attempt-phase.ts";
import { AttemptRecord } from "./attempt-record.ts";
import type { ServerConnection } from "./connection.ts";
import type { AttemptManner, ForwardedRequest, ResponseTaker, Tunnel, UpstreamAttempt } from "./contract.ts";
import { type FaultSeen, failureOf } from "./failures.ts";
import { RequestSender } from "./request-body.ts";

/** What an attempt needs of the upstream that made it. */
export interface AttemptHost {
  readonly member: string;
  /** What the server is called as long as its address is not known. */
  readonly server: string;
  readonly connectMs: number;
  readonly relayMs: number;
  nowMs(): number;
  arm(attempt: ServerAttempt, dueMs: number): void;
  disarm(attempt: ServerAttempt): void;
  /** It has ended, in whatever way. */
  over(attempt: ServerAttempt, failure: AttemptFailure | undefined): void;
}

/** One attempt: from the request that waits for a connection to the end of its response, or of its tunnel. */
export class ServerAttempt extends TimerEntry implements UpstreamAttempt, Tunnel {
  readonly request: ForwardedRequest;
  readonly taker: ResponseTaker;
  readonly manner: AttemptManner;
  readonly sender: RequestSender;
  readonly #host: AttemptHost;
  readonly #startedMs: number;
  #phase: AttemptPhase = "queued";
  #connection: ServerConnection | undefined;
  readonly #record: AttemptRecord;
  /** The system may have taken a byte of the request. */
  #handedOver = false;
  #tunnelBytes = 0;

  constructor(host: AttemptHost, request: ForwardedRequest, taker: ResponseTaker, manner: AttemptManner) {
    super();
    this.#host = host;
    this.request = request;
    this.taker = taker;
    this.manner = manner;
    this.sender = new RequestSender(request);
    this.#startedMs = host.nowMs();
    this.#record = new AttemptRecord(host.member, host.server, manner.sinceMs, this.#startedMs);
    host.arm(this, this.#startedMs + request.responseTimeoutMs);
  }

  /** How long the connection had been idle before; undefined on a fresh one. */
  get idleMs(): number | undefined {
    return this.#record.idleMs;
  }

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** The head of the response has been told. */
  get responded(): boolean {
    return this.#phase === "relay" || this.#phase === "tunnel";
  }

  get upgraded(): boolean {
    return this.#phase === "tunnel";
  }

  // The side of the client.

  write(buffer: Buffer, from: number, to: number): boolean {
    if (this.isOver) return true;
    const bytes = from === 0 && to === buffer.length ? buffer : buffer.subarray(from, to);
    if (this.#phase === "tunnel") {
      this.#tunnelBytes += bytes.length;
      this.progress();
      return this.#connection?.socket.write(bytes, holdOf(bytes)) ?? true;
    }
    // The server is waited for from the last byte on.
    if (this.#phase === "wait") this.#arm(this.request.responseTimeoutMs);
    return this.sender.write(bytes);
  }

  endBody(): void {
    if (this.isOver || this.sender.ended) return;
    this.sender.end();
    if (this.#handedOver) this.#record.sent(this.#host.nowMs());
    if (this.#phase === "wait") this.#arm(this.request.responseTimeoutMs);
  }

  end(): void {
    if (!this.isOver) this.#connection?.endWriting();
  }

  pause(): void {
    if (!this.isOver) this.#connection?.pause();
  }

  resume(): void {
    if (this.isOver) return;
    this.#connection?.resume();
    if (this.#phase === "relay") this.#arm(this.#host.relayMs);
  }

  abort(): void {
    if (this.isOver) return;
    const connection = this.#connection;
    this.#end(this.#failureOf({ kind: "aborted" }));
    connection?.destroy();
  }

  drainOver(): void {
    if (this.isOver) return;
    const connection = this.#connection;
    this.fail({ kind: this.responded ? "relay-drained" : "response-drained" });
    connection?.destroy();
  }

  record(): Attempt {
    if (!this.isOver) this.#recordUntilNow();
    return this.#record;
  }

  // The way to a connection.

  resolving(): void {
    this.#phase = "name";
    this.#limitConnecting();
  }

  resolved(): void {
    this.#record.resolved(this.#host.nowMs());
  }

  connecting(connection: ServerConnection): void {
    if (this.#phase === "queued") this.#limitConnecting();
    this.#goesOver(connection);
    this.#phase = "connect";
  }

  connected(tls: boolean): void {
    this.#record.connected(this.#host.nowMs());
    if (tls) this.#phase = "tls";
  }

  secured(): void {
    this.#record.secured(this.#host.nowMs());
  }

  /** `idleMs`: how long the connection had been idle; undefined = it is fresh. */
  send(connection: ServerConnection, idleMs: number | undefined): void {
    this.#goesOver(connection);
    if (idleMs !== undefined) this.#record.reuses(idleMs);
    this.#phase = "wait";
    this.#handedOver = true;
    const waited = this.sender.open(connection.socket);
    // Without encryption a write that fails at once has taken nothing.
    if (connection.refusesWrites) this.#handedOver = false;
    if (this.sender.ended) this.#record.sent(this.#host.nowMs());
    this.#host.arm(this, this.#startedMs + this.request.responseTimeoutMs);
    if (waited) this.taker.drained();
  }

  /** Nothing is asked on it: from now on it is the tunnel. */
  carry(connection: ServerConnection): void {
    this.#goesOver(connection);
    this.#handedOver = true;
    this.becomeTunnel();
  }

  // What comes back.

  firstByte(): void {
    this.#record.received(this.#host.nowMs());
  }

  interim(head: ResponseHead): void {
    if (!this.isOver) this.taker.interim(head);
  }

  gotHead(head: ResponseHead): void {
    if (this.isOver) return;
    this.#record.status = head.status;
    this.#phase = "relay";
    this.#arm(this.#host.relayMs);
    this.taker.head(head);
  }

  /** A whole head with this status came, and is not told: something is wrong with what came with it. */
  refused(status: number): void {
    this.#record.status = status;
  }

  gotData(buffer: Buffer, from: number, to: number): boolean {
    return this.isOver ? true : this.taker.data(buffer, from, to);
  }

  gotTrailers(fields: HeaderFields): void {
    if (!this.isOver) this.taker.trailers(fields);
  }

  /** Something came: the time of silence begins anew; in a tunnel both sides count (request-handling.md §7). */
  progress(): void {
    if (this.#phase === "relay") this.#arm(this.#host.relayMs);
    else if (this.#phase === "tunnel" && this.request.raw === undefined)
      this.#arm(this.request.responseTimeoutMs);
  }

  becomeTunnel(): void {
    if (this.isOver) return;
    this.#phase = "tunnel";
    if (this.request.raw === undefined) this.#arm(this.request.responseTimeoutMs);
    else this.#host.disarm(this);
    this.taker.upgraded(this);
  }

  drained(): void {
    if (!this.isOver) this.taker.drained();
  }

  halfEnded(): void {
    if (!this.isOver) this.taker.halfEnded?.();
  }

  finished(): void {
    if (this.isOver) return;
    this.#end(undefined);
    this.taker.end();
  }

  fail(fault: FaultSeen): void {
    if (this.isOver) return;
    const failure = this.#failureOf(fault);
    this.#end(failure);
    this.taker.failed(failure);
  }

  /** It has failed; what the server said is still to be found out, which takes no longer than a moment. */
  failWhen(fault: FaultSeen, look: (found: (firstBytes: Buffer | undefined) => void) => void): void {
    this.#host.disarm(this);
    look((firstBytes) => this.fail({ ...fault, firstBytes }));
  }

  override due(): void {
    if (this.isOver) return;
    if (this.#waitsForClient()) {
      this.#arm(this.#phase === "relay" ? this.#host.relayMs : this.request.responseTimeoutMs);
      return;
    }
    const connection = this.#connection;
    this.fail(timeoutFault(this.#phase));
    connection?.destroy();
  }

  /** A client that takes nothing, or sends nothing, is no fault of the server. */
  #waitsForClient(): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    if (this.#phase === "relay") return connection.isPaused;
    return this.#phase === "wait" && !this.sender.ended && connection.socket.writableLength === 0;
  }

  #goesOver(connection: ServerConnection): void {
    this.#connection = connection;
    this.#record.server = connection.server;
  }

  #limitConnecting(): void {
    const { connectMs } = this.#host;
    const dueMs = this.#startedMs + Math.min(connectMs, this.request.responseTimeoutMs);
    this.#host.disarm(this);
    this.#host.arm(this, dueMs);
  }

  #arm(ms: number): void {
    this.#host.arm(this, this.#host.nowMs() + ms);
  }

  #end(failure: AttemptFailure | undefined): void {
    this.#phase = "over";
    this.#record.failure = failure;
    this.#recordUntilNow();
    this.#host.disarm(this);
    this.#host.over(this, failure);
  }

  #recordUntilNow(): void {
    this.#record.until(this.#host.nowMs(), this.sender.bytesSent + this.#tunnelBytes);
  }

  #failureOf(fault: FaultSeen): AttemptFailure {
    return failureOf(fault, { nothingSent: !this.#handedOver, awaitsReused: this.#record.awaitsReused });
  }
}
