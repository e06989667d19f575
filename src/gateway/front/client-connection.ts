import type { Socket } from "node:net";
import type { WireFault } from "../../wire/http1/fault.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ClientPlace, ClientResponse } from "../exchange/client-side.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Serving } from "../exchange/parts.ts";
import { loopNowMs } from "../loop-clock.ts";
import { copyOfLent } from "../pieces.ts";
import { TimerEntry } from "../timer-wheel.ts";
import type { Tunnel } from "../upstream/contract.ts";
import type { ConnectionHost, FrontConnection } from "./connection-host.ts";
import { Desk, type DeskUser } from "./desk.ts";
import { answerToFault, tooSlow } from "./request-faults.ts";

/** Bytes behind the request under way that wait for their turn; more stay with the system. */
const waitingBytes = 64 * 1024;
/** How long, and how much, is still read after the last response, so that the client gets to see it. */
const lingerMs = 2_000;
const lingerBytes = 1024 * 1024;

type State =
  /** Between requests, or within one. */
  | "open"
  | "tunnel"
  /** All was said; what still comes is dropped. */
  | "lingering"
  | "closed";

/** What the one time-out of a connection is for. */
type Waiting = "head" | "body" | "next" | "half-closed" | "flush" | "linger" | "nothing";

/** A socket with its connection, so that all sockets share their listeners. */
const connectionOf = Symbol("connection");
interface OwnedSocket extends Socket {
  [connectionOf]?: ClientConnection;
}

/**
 * One client over one HTTP/1.1 connection: one exchange at a time. It is a time-out itself, and has a desk only while a
 * request is under way: tens of thousands of them may be idle.
 */
export class ClientConnection extends TimerEntry implements DeskUser, FrontConnection {
  readonly place: ClientPlace;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  #desk: Desk | undefined;
  readonly #refusal: OwnAnswer | undefined;
  #serving: Serving;
  #state: State = "open";
  #waiting: Waiting = "nothing";
  /** Bytes behind the request under way. */
  #rest: Buffer | undefined;
  #feeding = false;
  #minorVersion: 0 | 1 = 1;
  #keepAlive = true;
  #livesOn = true;
  #halfClosed = false;
  #bodyPaused = false;
  /** The socket takes no more for now. */
  #full = false;
  #tunnel: Tunnel | undefined;
  #lingered = 0;

  /** `refusal`: what every request on this connection gets; undefined = nothing is wrong with it. */
  constructor(socket: Socket, place: ClientPlace, host: ConnectionHost, refusal?: OwnAnswer) {
    super();
    this.#socket = socket;
    this.place = place;
    this.#host = host;
    this.#refusal = refusal;
    this.#serving = host.serving();
    const owned: OwnedSocket = socket;
    owned[connectionOf] = this;
    socket.on("data", ClientConnection.#onData);
    socket.on("drain", ClientConnection.#onDrain);
    socket.on("end", ClientConnection.#onEnd);
    socket.on("error", ClientConnection.#onError);
    socket.on("close", ClientConnection.#onClose);
    this.#wait("head", this.#serving.limits.clientMs);
  }

  static readonly #onData = function (this: OwnedSocket, chunk: Buffer): void {
    this[connectionOf]?.received(chunk, chunk.length);
  };

  static readonly #onDrain = function (this: OwnedSocket): void {
    const own = this[connectionOf];
    if (own !== undefined) own.#drained();
  };

  static readonly #onEnd = function (this: OwnedSocket): void {
    const own = this[connectionOf];
    if (own !== undefined) own.#ended();
  };

  static readonly #onError = function (this: OwnedSocket): void {
    this.destroy();
  };

  static readonly #onClose = function (this: OwnedSocket): void {
    const own = this[connectionOf];
    if (own !== undefined) own.#closed();
  };

  static readonly #onFinish = function (this: OwnedSocket): void {
    const own = this[connectionOf];
    if (own !== undefined) own.#said();
  };

  get gone(): boolean {
    return this.#state === "closed";
  }

  get receivedBytes(): number {
    return this.#desk?.reader.messageBytes ?? 0;
  }

  get sentBytes(): number {
    return this.#desk?.writer.sentBytes ?? 0;
  }

  /** Ends it now when no request is under way, otherwise after the response. */
  drain(): void {
    if (this.idleUntilMs !== undefined) this.#close();
  }

  get idleUntilMs(): number | undefined {
    return this.#state === "open" && this.#desk === undefined ? this.dueMs : undefined;
  }

  /** Ends it whatever is going on. */
  destroy(): void {
    this.#socket.destroy();
  }

  // What the reader tells.

  head(head: RequestHead): void {
    this.#minorVersion = head.minorVersion;
    this.#keepAlive = head.keepAlive;
    this.#serving = this.#host.serving();
    const desk = this.#atDesk();
    desk.writer.sentBytes = 0;
    if (head.body === "none") this.#wait("nothing", 0);
    else {
      desk.pace.begin(loopNowMs());
      this.#waitForBody(desk);
    }
    if (this.#refusal === undefined) desk.exchange.begin(head, this.#serving, desk.sinceMs);
    else this.#refuse(this.#refusal);
  }

  data(buffer: Buffer, from: number, to: number): void {
    const desk = this.#atDesk();
    desk.pace.took(to - from);
    if (this.#waiting === "body") this.#waitForBody(desk);
    desk.exchange.bodyData(buffer, from, to);
  }

  end(): void {
    if (this.#waiting === "body") this.#wait("nothing", 0);
    this.#atDesk().exchange.bodyEnd();
  }

  fault({ kind, offset }: WireFault): void {
    this.#refuse(answerToFault(kind, offset));
  }

  // What the exchange wants.

  interim(status: number, reason: string, lines: string): void {
    if (this.#minorVersion === 1) this.#atDesk().writer.interim(status, reason, lines);
  }

  respond(response: ClientResponse): void {
    const keepAlive =
      this.#keepAlive &&
      !response.last &&
      !this.#halfClosed &&
      !this.#host.draining &&
      this.#serving.gate.level === 0;
    this.#livesOn = this.#atDesk().writer.head(response, keepAlive, this.#minorVersion);
  }

  write(buffer: Buffer, from: number, to: number): void {
    this.#atDesk().writer.data(buffer, from, to);
  }

  finish(): void {
    this.#atDesk().writer.end();
  }

  cut(): void {
    this.#livesOn = false;
    const { writer } = this.#atDesk();
    const { untilClose } = writer;
    writer.flush();
    // An end of the stream would pass for the end of such a body; TLS tells one that was cut from one that was ended.
    if (!untilClose) this.#socket.destroySoon();
    else if (this.place.tls === undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#atDesk().pace.pause(loopNowMs());
    this.#wait("nothing", 0);
    this.#socket.pause();
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    const desk = this.#atDesk();
    desk.pace.resume(loopNowMs());
    if (!desk.reader.ended && this.#state === "open") this.#waitForBody(desk);
    this.#socket.resume();
  }

  startTunnel(tunnel: Tunnel): void {
    this.#state = "tunnel";
    this.#tunnel = tunnel;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) this.#toTunnel(rest, rest.length);
    this.#socket.resume();
    if (this.#halfClosed) tunnel.end();
  }

  exchangeOver(): void {
    if (this.#state === "closed" || this.#state === "lingering") return;
    if (this.#state === "tunnel" || !this.#livesOn || this.#host.draining) return void this.#close();
    this.#livesOn = true;
    if (!this.#feeding) this.#next();
  }

  full(): void {
    this.#full = true;
    const desk = this.#atDesk();
    this.#serving.wheel.set(desk, loopNowMs() + this.#takingMs());
    desk.exchange.clientFull();
  }

  stalled(): void {
    this.#livesOn = false;
    this.#desk?.exchange.clientStalled();
    this.#socket.destroy();
  }

  // What the socket tells.

  /** The first `bytes` of a buffer that is only lent. */
  received(lent: Buffer, bytes: number): void {
    if (this.#state === "tunnel") return void this.#toTunnel(lent, bytes);
    if (this.#state === "lingering") return void this.#drop(bytes);
    if (this.#state === "closed") return;
    if (this.#rest !== undefined || this.#full || this.#isAnswering) this.#keep(lent, 0, bytes);
    else this.#feed(lent, bytes);
  }

  /** A request has come to its end and its response has not. */
  get #isAnswering(): boolean {
    return this.#desk !== undefined && !this.#desk.exchange.idle && this.#desk.reader.ended;
  }

  /** That of the request under way. */
  #atDesk(): Desk {
    this.#desk ??= Desk.for(this, this.#socket);
    return this.#desk;
  }

  #leaveDesk(): void {
    const desk = this.#desk;
    if (desk === undefined) return;
    this.#desk = undefined;
    this.#serving.wheel.clear(desk);
    desk.leave();
  }

  #drained(): void {
    const desk = this.#desk;
    if (desk === undefined || !this.#full) return;
    this.#full = false;
    this.#serving.wheel.clear(desk);
    desk.exchange.clientDrained();
    if (this.#state === "open" && desk.exchange.idle && !this.#feeding) this.#next();
  }

  #keep(lent: Buffer, from: number, to: number): void {
    const more = lent.subarray(from, to);
    this.#rest = Buffer.concat(this.#rest === undefined ? [more] : [this.#rest, more]);
    if (this.#rest.length > waitingBytes) this.#socket.pause();
  }

  #feed(lent: Buffer, bytes: number): void {
    this.#feeding = true;
    let at = 0;
    while (at < bytes && this.#state === "open") {
      // What a client does not take is not added to: its further requests wait.
      if (this.#isAnswering || (this.#full && this.#desk?.reader.ended !== false)) {
        this.#keep(lent, at, bytes);
        break;
      }
      const desk = this.#atDesk();
      if (desk.reader.ended) desk.reader.next();
      if (desk.reader.messageBytes === 0) this.#begins(desk);
      at += desk.reader.feed(lent, at, bytes);
    }
    this.#feeding = false;
    if (this.#state === "open" && this.#desk?.exchange.idle === true) this.#rests(this.#desk);
  }

  /** The first bytes of a request. */
  #begins(desk: Desk): void {
    desk.sinceMs = loopNowMs();
    this.#wait("head", this.#serving.limits.clientMs);
  }

  /** After a response: the bytes that waited are the next request. */
  #next(): void {
    if (this.#full) return;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined) {
      if (this.#desk !== undefined) this.#rests(this.#desk);
      return;
    }
    this.#socket.resume();
    this.#feed(rest, rest.length);
  }

  /** Nothing is under way: between two requests, or within a head. */
  #rests(desk: Desk): void {
    if (!desk.reader.ended || this.#full) return;
    if (this.#halfClosed) return void this.#close();
    this.#leaveDesk();
    this.#wait("next", this.#serving.limits.keepAliveMs);
  }

  #toTunnel(lent: Buffer, bytes: number): void {
    if (this.#tunnel === undefined || this.#tunnel.write(copyOfLent(lent, 0, bytes), 0, bytes)) return;
    this.#bodyPaused = true;
    this.#socket.pause();
  }

  /** The client sends no more (RFC 9112 §9.6): it may still wait for the answer. */
  #ended(): void {
    this.#halfClosed = true;
    if (this.#state === "tunnel") this.#tunnel?.end();
    else if (this.#state === "lingering") this.#socket.destroy();
    else if (this.#isAnswering) {
      if (this.#desk?.exchange.responding === false)
        this.#wait("half-closed", this.#serving.limits.halfClosedMs);
    } else if (this.#desk === undefined) this.#close();
    else if (!this.#desk.exchange.idle) this.#leave();
    else if (this.#full) return;
    else {
      this.#desk.reader.finish();
      if (this.#state === "open") this.#close();
    }
  }

  #leave(): void {
    this.#livesOn = false;
    this.#desk?.exchange.clientGone();
    this.#socket.destroy();
  }

  #closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#serving.wheel.clear(this);
    this.#rest = undefined;
    this.#desk?.exchange.clientGone();
    this.#leaveDesk();
    this.#tunnel = undefined;
    this.#host.gone(this);
  }

  #refuse(answer: OwnAnswer): void {
    this.#livesOn = false;
    this.#serving = this.#host.serving();
    const { exchange, writer, sinceMs } = this.#atDesk();
    if (exchange.idle) writer.sentBytes = 0;
    exchange.refuse(answer, this.#serving, sinceMs, undefined);
  }

  /** The client gets to see the end of what was sent, even when it is still sending itself. */
  #close(): void {
    if (this.#state === "closed" || this.#state === "lingering") return;
    this.#state = "lingering";
    this.#rest = undefined;
    this.#desk?.writer.flush();
    this.#socket.once("finish", ClientConnection.#onFinish);
    this.#socket.end();
    this.#socket.resume();
    this.#wait("flush", this.#takingMs());
  }

  /** The system has all that was to be said: the client may take its time to close, but not much. */
  #said(): void {
    if (this.#state === "lingering") this.#wait("linger", lingerMs);
  }

  /** How long the client may take for what waits for it. */
  #takingMs(): number {
    const { clientMs, responseBytesPerS } = this.#serving.limits;
    return clientMs + (this.#socket.writableLength / responseBytesPerS) * 1000;
  }

  #waitForBody({ pace }: Desk): void {
    this.#waiting = "body";
    const { wheel, limits } = this.#serving;
    wheel.set(this, pace.dueMs(loopNowMs(), limits));
  }

  #drop(bytes: number): void {
    this.#lingered += bytes;
    if (this.#lingered > lingerBytes) this.#socket.destroy();
  }

  #wait(what: Waiting, ms: number): void {
    this.#waiting = what;
    const { wheel } = this.#serving;
    if (what === "nothing") wheel.clear(this);
    else wheel.set(this, loopNowMs() + ms);
  }

  override due(): void {
    const waiting = this.#waiting;
    this.#waiting = "nothing";
    if (waiting === "half-closed") {
      if (this.#desk?.exchange.responding === false) this.#leave();
    } else if (waiting === "linger" || waiting === "flush") this.#socket.destroy();
    else if (waiting === "next" || (waiting === "head" && this.#desk === undefined)) this.#close();
    else if (waiting !== "nothing") this.#refuse(tooSlow);
  }
}
