import type { Socket } from "node:net";
import type { WireFault } from "../../wire/http1/fault.ts";
import type { MessageHandler } from "../../wire/http1/message-reader.ts";
import { type RequestHead, RequestReader } from "../../wire/http1/request-reader.ts";
import type { ClientPlace, ClientResponse, ClientSide } from "../exchange/client-side.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Serving } from "../exchange/parts.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { Tunnel } from "../upstream/contract.ts";
import type { ConnectionHost, FrontConnection } from "./connection-host.ts";
import { ConnectionTimer } from "./connection-timer.ts";
import { answerToFault, tooSlow } from "./request-faults.ts";
import { ResponseWriter } from "./response-writer.ts";

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
type Waiting = "head" | "body" | "next" | "half-closed" | "linger" | "nothing";

/** One client over one HTTP/1.1 connection: one exchange at a time, the same objects for all of them. */
export class ClientConnection implements FrontConnection, ClientSide, MessageHandler<RequestHead> {
  readonly place: ClientPlace;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #reader: RequestReader;
  readonly #exchange = new Exchange(this);
  readonly #writer: ResponseWriter;
  readonly #timer: ConnectionTimer;
  readonly #refusal: OwnAnswer | undefined;
  #serving: Serving;
  #state: State = "open";
  #waiting: Waiting = "nothing";
  /** Bytes behind the request under way. */
  #rest: Buffer | undefined;
  #feeding = false;
  #sinceMs = 0;
  #minorVersion: 0 | 1 = 1;
  #keepAlive = true;
  #livesOn = true;
  #halfClosed = false;
  #bodyPaused = false;
  #tunnel: Tunnel | undefined;
  #lingered = 0;

  /** `refusal`: what every request on this connection gets; undefined = nothing is wrong with it. */
  constructor(socket: Socket, place: ClientPlace, host: ConnectionHost, refusal?: OwnAnswer) {
    this.#socket = socket;
    this.place = place;
    this.#host = host;
    this.#refusal = refusal;
    this.#serving = host.serving();
    this.#reader = new RequestReader(this);
    this.#writer = new ResponseWriter(socket, () => this.#exchange.clientFull());
    this.#timer = new ConnectionTimer(() => this.#timeUp());
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.#exchange.clientDrained());
    socket.on("end", () => this.#ended());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed());
    this.#wait("head", this.#serving.limits.clientMs);
  }

  get gone(): boolean {
    return this.#state === "closed";
  }

  get receivedBytes(): number {
    return this.#reader.messageBytes;
  }

  get sentBytes(): number {
    return this.#writer.sentBytes;
  }

  /** Ends it now when no request is under way, otherwise after the response. */
  drain(): void {
    const between = this.#waiting === "next" || this.#reader.messageBytes === 0;
    if (this.#state === "open" && this.#exchange.idle && between) this.#close();
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
    this.#writer.sentBytes = 0;
    if (head.body === "none") this.#wait("nothing", 0);
    else this.#wait("body", this.#serving.limits.clientMs);
    if (this.#refusal === undefined) this.#exchange.begin(head, this.#serving, this.#sinceMs);
    else this.#refuse(this.#refusal);
  }

  data(buffer: Buffer, from: number, to: number): void {
    if (this.#waiting === "body") this.#wait("body", this.#serving.limits.clientMs);
    this.#exchange.bodyData(buffer.subarray(from, to));
  }

  trailers(): void {}

  end(): void {
    if (this.#waiting === "body") this.#wait("nothing", 0);
    this.#exchange.bodyEnd();
  }

  fault({ kind }: WireFault): void {
    this.#refuse(answerToFault(kind));
  }

  // What the exchange wants.

  interim(status: number, reason: string, lines: string): void {
    if (this.#minorVersion === 1) this.#writer.interim(status, reason, lines);
  }

  respond(response: ClientResponse): void {
    const keepAlive = this.#keepAlive && !response.last && !this.#halfClosed && !this.#host.draining;
    this.#livesOn = this.#writer.head(response, keepAlive, this.#minorVersion);
  }

  write(buffer: Buffer, from: number, to: number): void {
    this.#writer.data(buffer, from, to);
  }

  finish(): void {
    this.#writer.end();
  }

  cut(): void {
    this.#livesOn = false;
    const untilClose = this.#writer.untilClose;
    this.#writer.flush();
    // An end of the stream would pass for the end of such a body; TLS tells one that was cut from one that was ended.
    if (!untilClose) this.#socket.destroySoon();
    else if (this.place.tls === undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#wait("nothing", 0);
    this.#socket.pause();
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    if (!this.#reader.ended) this.#wait("body", this.#serving.limits.clientMs);
    this.#socket.resume();
  }

  startTunnel(tunnel: Tunnel): void {
    this.#state = "tunnel";
    this.#tunnel = tunnel;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) this.#toTunnel(rest);
    this.#socket.resume();
    if (this.#halfClosed) tunnel.end();
  }

  exchangeOver(): void {
    if (this.#state === "closed") return;
    if (this.#state === "tunnel" || !this.#livesOn || this.#host.draining) return void this.#close();
    this.#livesOn = true;
    if (!this.#feeding) this.#next();
  }

  // What the socket tells.

  #received(chunk: Buffer): void {
    if (this.#state === "tunnel") return void this.#toTunnel(chunk);
    if (this.#state === "lingering") return void this.#drop(chunk.length);
    if (this.#state === "closed") return;
    if (this.#rest !== undefined || this.#isAnswering) this.#keep(chunk);
    else this.#feed(chunk);
  }

  /** A request has come to its end and its response has not. */
  get #isAnswering(): boolean {
    return !this.#exchange.idle && this.#reader.ended;
  }

  #keep(chunk: Buffer): void {
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#rest.length > waitingBytes) this.#socket.pause();
  }

  #feed(chunk: Buffer): void {
    this.#feeding = true;
    let at = 0;
    while (at < chunk.length && this.#state === "open") {
      if (this.#isAnswering) {
        this.#keep(chunk.subarray(at));
        break;
      }
      if (this.#reader.ended) this.#reader.next();
      if (this.#reader.messageBytes === 0) this.#begins();
      at += this.#reader.feed(chunk, at);
    }
    this.#feeding = false;
    if (this.#state === "open" && this.#exchange.idle) this.#rests();
  }

  /** The first bytes of a request. */
  #begins(): void {
    this.#sinceMs = loopNowMs();
    this.#wait("head", this.#serving.limits.clientMs);
  }

  /** After a response: the bytes that waited are the next request. */
  #next(): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined) return void this.#rests();
    this.#socket.resume();
    this.#feed(rest);
  }

  /** Nothing is under way: between two requests, or within a head. */
  #rests(): void {
    if (!this.#reader.ended) return;
    if (this.#halfClosed) this.#close();
    else this.#wait("next", this.#serving.limits.keepAliveMs);
  }

  #toTunnel(chunk: Buffer): void {
    if (this.#tunnel?.write(chunk, 0, chunk.length) !== false) return;
    this.#bodyPaused = true;
    this.#socket.pause();
  }

  /** The client sends no more (RFC 9112 §9.6): it may still wait for the answer. */
  #ended(): void {
    this.#halfClosed = true;
    if (this.#state === "tunnel") this.#tunnel?.end();
    else if (this.#state === "lingering") this.#socket.destroy();
    else if (this.#isAnswering) {
      if (!this.#exchange.responding) this.#wait("half-closed", this.#serving.limits.halfClosedMs);
    } else if (!this.#exchange.idle) this.#leave();
    else {
      this.#reader.finish();
      if (this.#state === "open") this.#close();
    }
  }

  #leave(): void {
    this.#livesOn = false;
    this.#exchange.clientGone();
    this.#socket.destroy();
  }

  #closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#serving.wheel.clear(this.#timer);
    this.#rest = undefined;
    this.#exchange.clientGone();
    this.#tunnel = undefined;
    this.#host.gone(this);
  }

  #refuse(answer: OwnAnswer): void {
    this.#livesOn = false;
    this.#serving = this.#host.serving();
    if (this.#exchange.idle) this.#writer.sentBytes = 0;
    this.#exchange.refuse(answer, this.#serving, this.#sinceMs, undefined);
  }

  /** The client gets to see the end of what was sent, even when it is still sending itself. */
  #close(): void {
    if (this.#state === "closed" || this.#state === "lingering") return;
    this.#state = "lingering";
    this.#rest = undefined;
    this.#writer.flush();
    this.#socket.end();
    if (this.#halfClosed) return;
    this.#socket.resume();
    this.#wait("linger", lingerMs);
  }

  #drop(bytes: number): void {
    this.#lingered += bytes;
    if (this.#lingered > lingerBytes) this.#socket.destroy();
  }

  #wait(what: Waiting, ms: number): void {
    this.#waiting = what;
    const { wheel } = this.#serving;
    if (what === "nothing") wheel.clear(this.#timer);
    else wheel.set(this.#timer, loopNowMs() + ms);
  }

  #timeUp(): void {
    const waiting = this.#waiting;
    this.#waiting = "nothing";
    if (waiting === "half-closed") {
      if (!this.#exchange.responding) this.#leave();
    } else if (waiting === "linger") this.#socket.destroy();
    else if (waiting === "next" || (waiting === "head" && this.#reader.messageBytes === 0)) this.#close();
    else if (waiting !== "nothing") this.#refuse(tooSlow);
  }
}
