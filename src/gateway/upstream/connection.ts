import { isIPv6, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Http1Limits } from "../../wire/http1/limits.ts";
import type { ServerAttempt } from "./attempt.ts";
import type { ConnectionOwner, RawConnection } from "./contract.ts";
import { type ConnectionPlace, type Dialling, dial } from "./dial.ts";
import { brokenFault, connectFault, type Fault, type FaultSeen, tlsFault } from "./failures.ts";
import { IncomingResponse, type Invalidity, type ResponseCarrier } from "./incoming-response.ts";
import type { InvalidResponse } from "./invalid-response.ts";
import type { KnownSession, ServerTrust } from "./server-trust.ts";

/** Who keeps connections. */
export interface ConnectionKeeper {
  /** Undefined = plain text. */
  readonly trust: ServerTrust | undefined;
  readonly limits: Http1Limits;
  nowMs(): number;
  /** It has carried an exchange and can carry another. */
  free(connection: ServerConnection): void;
  /** It ended while it was idle; `stray`: for bytes that nobody had asked for. */
  idleEnded(connection: ServerConnection, stray: boolean): void;
  /** What a server says that does not speak TLS. */
  firstBytes(place: ConnectionPlace, found: (bytes: Buffer | undefined) => void): void;
  /** No connection to the address came about. */
  notConnected(address: string): void;
  /** Its socket is closed. */
  closed(connection: ServerConnection): void;
  hint(seconds: number): void;
  invalid(response: Pick<InvalidResponse, "server" | "fault" | "bytes" | "bytesFrom">): void;
}

/** One connection to a server, which carries one exchange after the other, or a tunnel. */
export class ServerConnection implements ResponseCarrier {
  /** `ip:port` */
  readonly server: string;
  readonly sni: string | undefined;
  readonly owner: ConnectionOwner | undefined;
  readonly socket: Socket;
  /** Of the clock; since when it has been idle. */
  idleSinceMs = 0;
  readonly #place: ConnectionPlace;
  readonly #keeper: ConnectionKeeper;
  readonly #response: IncomingResponse;
  readonly #session: KnownSession | undefined;
  /** Of layer 4: nothing is asked on it. */
  readonly #raw: RawConnection | undefined;
  #state: "connecting" | "handshake" | "open" = "connecting";
  #attempt: ServerAttempt | undefined;
  #chain: readonly Buffer[] = [];
  #paused = false;

  /** Begins to connect, for the attempt that is waiting. */
  constructor(keeper: ConnectionKeeper, place: ConnectionPlace, attempt: ServerAttempt) {
    const { address, port, sni, owner } = place;
    this.#keeper = keeper;
    this.#place = place;
    this.server = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
    this.sni = sni;
    this.owner = owner;
    this.#attempt = attempt;
    this.#response = new IncomingResponse(this, keeper.limits);
    this.#session = keeper.trust?.sessionFor(sni);
    this.#raw = attempt.request.raw;
    this.socket = dial(place, this.#dialling());
    this.#listen(this.socket);
    attempt.connecting(this);
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Plain text only: the system has refused what was last written, at once and whole. */
  get refusesWrites(): boolean {
    return this.#keeper.trust === undefined && (this.socket.errored !== null || this.socket.destroyed);
  }

  /** Takes the request of an attempt onto a connection that was idle. */
  take(attempt: ServerAttempt): void {
    this.#attempt = attempt;
    this.#send(attempt, this.#keeper.nowMs() - this.idleSinceMs);
  }

  pause(): void {
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.socket.resume();
  }

  /** The side of the client has ended its side of a tunnel. */
  endWriting(): void {
    this.socket.end();
  }

  /** Whatever it carries is given up without a word. */
  destroy(): void {
    this.#attempt = undefined;
    this.socket.destroy();
  }

  /** For idle ones: TLS is told goodbye. */
  close(): void {
    this.socket.destroySoon();
  }

  #dialling(): Dialling {
    return {
      trust: this.#keeper.trust,
      session: this.#session,
      halfOpen: this.#raw !== undefined,
      preface: this.#raw?.preface ?? "",
      received: (lent, bytes) => this.#received(lent, bytes),
      broke: (error) => this.#broke(error),
    };
  }

  #listen(socket: Socket): void {
    socket.on("connect", () => this.#connected());
    socket.on("error", (error: Error) => this.#broke(error));
    socket.on("end", () => this.#peerEnded());
    socket.on("drain", () => this.#attempt?.drained());
    socket.on("close", () => {
      const bothEnded = this.#raw !== undefined && this.#state === "open" && socket.errored === null;
      if (bothEnded) this.#attempt?.finished();
      this.#giveUp(this.#response.closedEarly);
      this.#keeper.closed(this);
    });
    if (!(socket instanceof TLSSocket)) return;
    socket.on("secureConnect", () => this.#secured(socket));
    // After `secureConnect`, also where it came with the handshake.
    socket.on("session", (ticket: Buffer) => {
      if (this.#state === "open") this.#keeper.trust?.keepSession(this.sni, ticket, this.#chain);
    });
  }

  #connected(): void {
    const tls = this.#keeper.trust !== undefined;
    this.#state = tls ? "handshake" : "open";
    this.#attempt?.connected(tls);
    if (!tls) this.#sendFirst();
  }

  #secured(socket: TLSSocket): void {
    const judgement = this.#keeper.trust?.judge(socket, this.sni, this.#session);
    if (judgement?.refusal !== undefined) {
      const { kind, chain } = judgement.refusal;
      this.#giveUp({ kind: "tls-certificate", detail: kind, chain });
      return;
    }
    this.#chain = judgement?.chain ?? [];
    this.#state = "open";
    this.#attempt?.secured();
    this.#sendFirst();
  }

  #sendFirst(): void {
    if (this.#attempt !== undefined) this.#send(this.#attempt, undefined);
  }

  #send(attempt: ServerAttempt, idleMs: number | undefined): void {
    this.#response.next(attempt.request);
    if (this.#raw === undefined) attempt.send(this, idleMs);
    else attempt.carry(this);
  }

  // What comes from the socket.

  #received(lent: Buffer, bytes: number): boolean {
    const attempt = this.#attempt;
    if (attempt === undefined) {
      if (!this.socket.destroyed && !this.socket.writableEnded) this.#keeper.idleEnded(this, true);
      this.socket.destroy();
      return true;
    }
    attempt.firstByte();
    if (attempt.upgraded) this.#carry(attempt, lent, bytes);
    else this.#respond(attempt, lent, bytes);
    return !this.#paused;
  }

  #carry(attempt: ServerAttempt, lent: Buffer, bytes: number): void {
    this.#response.begun = true;
    attempt.progress();
    if (!attempt.gotData(lent, 0, bytes)) this.full();
  }

  #respond(attempt: ServerAttempt, lent: Buffer, bytes: number): void {
    const response = this.#response;
    const taken = response.feed(attempt, lent, bytes);
    if (response.ended) this.#complete(attempt, lent, taken, bytes);
    else if (response.invalid !== undefined) this.#invalid(attempt, response.invalid);
    else if (response.begun) attempt.progress();
  }

  /** What the last read brought is its own up to `taken`. */
  #complete(attempt: ServerAttempt, lent: Buffer, taken: number, bytes: number): void {
    if (this.#response.tunnel) {
      attempt.becomeTunnel();
      if (taken < bytes && !attempt.gotData(lent, taken, bytes)) this.full();
      return;
    }
    this.#finish(attempt, taken === bytes);
  }

  /** `clean`: nothing came behind the response. */
  #finish(attempt: ServerAttempt, clean: boolean): void {
    // One that was given up meanwhile has destroyed the connection.
    if (this.#attempt === undefined) return;
    this.#attempt = undefined;
    const { socket } = this;
    // A server that answers before it has the whole request cannot be expected to read the rest.
    const whole = attempt.sender.ended && clean && !socket.destroyed;
    if (!whole || !this.#response.keepAlive || !socket.writable) socket.destroy();
    else if (socket.writableLength === 0) this.#rest();
    // TLS tells that the last bytes were written only after this turn of the loop.
    else setImmediate(this.#restWhenSent);
    attempt.finished();
  }

  readonly #restWhenSent = (): void => {
    const { socket } = this;
    if (socket.destroyed) return;
    if (socket.writableLength === 0 && socket.writable) this.#rest();
    else socket.destroy();
  };

  /** Nothing is under way on it: another request may have it. */
  #rest(): void {
    this.resume();
    this.idleSinceMs = this.#keeper.nowMs();
    this.#keeper.free(this);
  }

  #invalid(attempt: ServerAttempt, { fault, shown }: Invalidity): void {
    this.#keeper.invalid({ server: this.server, ...shown });
    this.#attempt = undefined;
    this.socket.destroy();
    attempt.fail(fault);
  }

  #peerEnded(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) this.#lostIdle();
    else if (this.#state !== "open")
      this.#giveUp({ kind: this.#state === "connecting" ? "connect-reset" : "tls-closed" });
    else if (attempt.upgraded) {
      if (this.#raw !== undefined) return void attempt.halfEnded();
      this.#attempt = undefined;
      attempt.finished();
    } else this.#endOfResponse(attempt);
  }

  #endOfResponse(attempt: ServerAttempt): void {
    const fault = this.#response.finish();
    if (fault === undefined) this.#finish(attempt, false);
    else this.#giveUp(fault);
  }

  #broke(error: Error): void {
    if (this.#state === "connecting") {
      this.#keeper.notConnected(this.#place.address);
      this.#giveUp(connectFault(error));
    } else if (this.#state === "handshake") {
      this.#keeper.trust?.forgetSession(this.sni);
      this.#handshakeFailed(tlsFault(error));
    } else if (this.#attempt === undefined) this.#lostIdle();
    else this.#giveUp(brokenFault(error, !this.#response.begun));
  }

  #handshakeFailed(fault: Fault): void {
    const attempt = this.#attempt;
    if (fault.kind !== "tls-not-tls" || attempt === undefined) {
      this.#giveUp(fault);
      return;
    }
    this.#attempt = undefined;
    this.socket.destroy();
    attempt.failWhen(fault, (found) => this.#keeper.firstBytes(this.#place, found));
  }

  #lostIdle(): void {
    // Not when it was closed on this side.
    if (!this.socket.writableEnded || this.socket.errored !== null) this.#keeper.idleEnded(this, false);
    this.socket.destroy();
  }

  #giveUp(fault: FaultSeen): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.socket.destroy();
    attempt?.fail(fault);
  }

  // What the response tells.

  full(): void {
    this.#paused = true;
  }

  hint(seconds: number): void {
    this.#keeper.hint(seconds);
  }
}
