import { isIPv6, type Socket, connect as tcpConnect } from "node:net";
import { TLSSocket, connect as tlsConnect } from "node:tls";
import type { WireFault } from "../../wire/http1/fault.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import { keepAliveTimeoutS } from "../../wire/http1/keep-alive-hint.ts";
import type { Http1Limits } from "../../wire/http1/limits.ts";
import { type ResponseHandler, type ResponseHead, ResponseReader } from "../../wire/http1/response-reader.ts";
import type { ServerAttempt } from "./attempt.ts";
import type { ConnectionOwner, RawConnection } from "./contract.ts";
import { brokenFault, connectFault, type Fault, tlsFault } from "./failures.ts";
import { type InvalidResponse, ResponseBeginning } from "./invalid-response.ts";
import type { KnownSession, ServerTrust } from "./server-trust.ts";

/** Where a connection goes, and for whom. */
export interface ConnectionPlace {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string | undefined;
  /** Undefined = none is sent. */
  readonly sni: string | undefined;
  readonly owner: ConnectionOwner | undefined;
}

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

/**
 * One for all connections: what is read is passed on or copied before anything else is read. The system reads into it
 * directly, nothing is allocated for a read.
 */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** One connection to a server, which carries one exchange after the other, or a tunnel. */
export class ServerConnection implements ResponseHandler {
  /** `ip:port` */
  readonly server: string;
  readonly sni: string | undefined;
  readonly owner: ConnectionOwner | undefined;
  readonly socket: Socket;
  /** Of the clock; since when it has been idle. */
  idleSinceMs = 0;
  readonly #place: ConnectionPlace;
  readonly #keeper: ConnectionKeeper;
  readonly #reader: ResponseReader;
  readonly #beginning = new ResponseBeginning();
  readonly #session: KnownSession | undefined;
  /** Of layer 4: nothing is asked on it. */
  readonly #raw: RawConnection | undefined;
  #state: "connecting" | "handshake" | "open" = "connecting";
  #attempt: ServerAttempt | undefined;
  #chain: readonly Buffer[] = [];
  #hinted = false;
  #paused = false;
  // Of the response being read.
  #headTold = false;
  /** A head after which no body may come, until it is seen that none came with it. */
  #bodiless: ResponseHead | undefined;
  #ended = false;
  #keepAlive = false;
  #tunnel = false;
  #fault: WireFault | undefined;

  /** Begins to connect, for the attempt that is waiting. */
  constructor(keeper: ConnectionKeeper, place: ConnectionPlace, attempt: ServerAttempt) {
    const { address, port, sni, owner } = place;
    this.#keeper = keeper;
    this.#place = place;
    this.server = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
    this.sni = sni;
    this.owner = owner;
    this.#attempt = attempt;
    this.#reader = new ResponseReader(this, undefined, keeper.limits);
    this.#session = keeper.trust?.sessionFor(sni);
    this.#raw = attempt.request.raw;
    this.socket = this.#open(place);
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

  #open({ address, port, localAddress, sni }: ConnectionPlace): Socket {
    const options = {
      host: address,
      port,
      noDelay: true,
      autoSelectFamily: false,
      allowHalfOpen: this.#raw !== undefined,
      ...(localAddress === undefined ? {} : { localAddress }),
    };
    const onread = {
      buffer: readBuffer,
      callback: (bytes: number): boolean => this.#received(bytes),
    };
    const { trust } = this.#keeper;
    if (trust === undefined) return tcpConnect({ ...options, onread });
    const preface = this.#raw?.preface ?? "";
    return tlsConnect({
      ...(preface === "" ? { ...options, onread } : { socket: this.#prefaced(tcpConnect(options), preface) }),
      secureContext: trust.context,
      // Judged by the gateway's rules, and nothing is sent before.
      rejectUnauthorized: false,
      minDHSize: 1,
      ...(sni === undefined ? {} : { servername: sni }),
      ...(this.#session === undefined ? {} : { session: this.#session.ticket }),
    });
  }

  /** What stands in front of the handshake cannot be written by the library that makes it. */
  #prefaced(transport: Socket, preface: string): Socket {
    transport.write(preface, "latin1");
    transport.on("error", (error: Error) => this.#broke(error));
    return transport;
  }

  #listen(socket: Socket): void {
    socket.on("connect", () => this.#connected());
    socket.on("error", (error: Error) => this.#broke(error));
    socket.on("end", () => this.#peerEnded());
    socket.on("drain", () => this.#attempt?.drained());
    socket.on("close", () => {
      const bothEnded = this.#raw !== undefined && this.#state === "open" && socket.errored === null;
      if (bothEnded) this.#attempt?.finished();
      this.#giveUp({ kind: this.#headTold ? "relay-closed" : "response-closed" });
      this.#keeper.closed(this);
    });
    if (!(socket instanceof TLSSocket)) return;
    if (this.#raw !== undefined && this.#raw.preface !== "")
      socket.on("data", (chunk: Buffer) => this.#took(chunk));
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
    this.#reader.next(attempt.request);
    this.#beginning.clear();
    this.#headTold = false;
    this.#bodiless = undefined;
    this.#ended = false;
    this.#keepAlive = false;
    this.#fault = undefined;
    if (this.#raw === undefined) attempt.send(this, idleMs);
    else this.#carry(attempt, this.#raw);
  }

  #carry(attempt: ServerAttempt, { preface }: RawConnection): void {
    if (preface !== "" && this.#keeper.trust === undefined) this.socket.write(preface, "latin1");
    attempt.carry(this);
  }

  /** Only where the system cannot read into the one buffer: TLS behind a preface. */
  #took(chunk: Buffer): void {
    this.#headTold = true;
    this.#attempt?.firstByte();
    if (this.#attempt?.gotData(chunk, 0, chunk.length) === false) this.pause();
  }

  // What comes from the socket.

  #received(bytes: number): boolean {
    const attempt = this.#attempt;
    if (attempt === undefined) {
      if (!this.socket.destroyed && !this.socket.writableEnded) this.#keeper.idleEnded(this, true);
      this.socket.destroy();
      return true;
    }
    if (attempt.upgraded) {
      this.#headTold = true;
      attempt.firstByte();
      attempt.progress();
      if (!attempt.gotData(readBuffer, 0, bytes)) this.#paused = true;
      return !this.#paused;
    }
    attempt.firstByte();
    const from = this.#reader.messageBytes;
    const taken = this.#reader.feed(readBuffer, 0, bytes);
    if (this.#bodiless !== undefined) this.#judgeBodiless(attempt, this.#bodiless);
    if (this.#ended) this.#complete(attempt, taken, bytes);
    else if (this.#fault !== undefined)
      this.#invalid(attempt, this.#fault, readBuffer.subarray(0, bytes), from);
    else if (this.#headTold) attempt.progress();
    else this.#beginning.keep(readBuffer.subarray(0, bytes));
    return !this.#paused;
  }

  /** What came behind it in one read is a body, and the client has nothing of the response yet. */
  #judgeBodiless(attempt: ServerAttempt, head: ResponseHead): void {
    this.#bodiless = undefined;
    if (this.#fault === undefined) this.#tell(attempt, head);
    else {
      this.#ended = false;
      attempt.refused(head.status);
    }
  }

  #complete(attempt: ServerAttempt, taken: number, bytes: number): void {
    if (this.#tunnel) {
      attempt.becomeTunnel();
      if (taken < bytes && !attempt.gotData(readBuffer, taken, bytes)) this.#paused = true;
      return;
    }
    // One that was given up meanwhile has destroyed the connection.
    if (this.#attempt === undefined) return;
    this.#attempt = undefined;
    const { socket } = this;
    // A server that answers before it has the whole request cannot be expected to read the rest.
    const clean = attempt.sender.ended && taken === bytes && !socket.destroyed;
    if (!clean || !this.#keepAlive || !socket.writable) socket.destroy();
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

  #invalid(attempt: ServerAttempt, fault: WireFault, chunk: Buffer, from: number): void {
    const { server } = this;
    this.#keeper.invalid({ server, fault, ...this.#beginning.invalid(fault, chunk, from) });
    const kind = this.#headTold ? "relay-invalid" : "response-invalid";
    const firstBytes = this.#headTold ? undefined : this.#beginning.first(chunk, from);
    this.#attempt = undefined;
    this.socket.destroy();
    attempt.fail({ kind, detail: fault.kind, offset: fault.offset, firstBytes });
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
    const offset = this.#reader.messageBytes;
    this.#reader.finish();
    if (this.#ended) {
      this.#complete(attempt, 0, 1);
      return;
    }
    const kind = this.#headTold ? "relay-closed" : "response-closed";
    this.#giveUp(offset === 0 ? { kind } : { kind, detail: "truncated", offset });
  }

  #broke(error: Error): void {
    if (this.#state === "connecting") {
      this.#keeper.notConnected(this.#place.address);
      this.#giveUp(connectFault(error));
    } else if (this.#state === "handshake") {
      this.#keeper.trust?.forgetSession(this.sni);
      this.#handshakeFailed(tlsFault(error));
    } else if (this.#attempt === undefined) this.#lostIdle();
    else this.#giveUp(brokenFault(error, !this.#headTold));
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

  #giveUp(fault: Parameters<ServerAttempt["fail"]>[0]): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.socket.destroy();
    attempt?.fail(fault);
  }

  // What the reader tells.

  interim(head: ResponseHead): void {
    this.#attempt?.interim(head);
  }

  head(head: ResponseHead): void {
    this.#keepAlive = head.keepAlive;
    this.#tunnel = head.body === "tunnel";
    if (!this.#hinted) {
      this.#hinted = true;
      const seconds = keepAliveTimeoutS(head.fields);
      if (seconds !== undefined) this.#keeper.hint(seconds);
    }
    if (head.status === 204 || head.status === 304) this.#bodiless = head;
    else if (this.#attempt !== undefined) this.#tell(this.#attempt, head);
  }

  #tell(attempt: ServerAttempt, head: ResponseHead): void {
    this.#headTold = true;
    attempt.gotHead(head);
  }

  data(buffer: Buffer, from: number, to: number): void {
    if (this.#attempt?.gotData(buffer, from, to) === false) this.#paused = true;
  }

  trailers(fields: HeaderFields): void {
    this.#attempt?.gotTrailers(fields);
  }

  end(): void {
    this.#ended = true;
  }

  fault(fault: WireFault): void {
    this.#fault = fault;
  }
}
