import type { Socket } from "node:net";
import type { WireFault } from "../../wire/http1/fault.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ClientPlace, ClientResponse } from "../exchange/client-side.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Serving } from "../exchange/parts.ts";
import { takingMs } from "../limits/taking-time.ts";
import { loopNowMs } from "../loop-clock.ts";
import { copyOfLent } from "../pieces.ts";
import { TimerEntry } from "../timer-wheel.ts";
import type { Tunnel } from "../upstream/contract.ts";
import type { ConnectionHost, FrontConnection } from "./connection-host.ts";
import { Desk, type DeskUser } from "./desk.ts";
import { LingeringClose } from "./lingering-close.ts";
import { own, type SocketOwner } from "./owned-socket.ts";
import { answerToFault, tooSlow } from "./request-faults.ts";

type State =
  /** Between requests, or within one. */
  | "open"
  | "tunnel"
  /** All was said: the socket has a `LingeringClose`. */
  | "closing"
  | "closed";

/** What the one time-out of a connection is for. */
type Waiting = "head" | "body" | "next" | "half-closed" | "nothing";

/**
 * One client over one HTTP/1.1 connection: one exchange at a time. It is a time-out itself, and has a desk only while a
 * request is under way: tens of thousands of them may be idle.
 */
export class ClientConnection extends TimerEntry implements DeskUser, FrontConnection, SocketOwner {
  readonly place: ClientPlace;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  #desk: Desk | undefined;
  readonly #refusal: OwnAnswer | undefined;
  #serving: Serving;
  #state: State = "open";
  #waiting: Waiting = "nothing";
  #minorVersion: 0 | 1 = 1;
  #keepAlive = true;
  #livesOn = true;
  #halfClosed = false;
  #bodyPaused = false;
  #tunnel: Tunnel | undefined;

  /** `refusal`: what every request on this connection gets; undefined = nothing is wrong with it. */
  constructor(socket: Socket, place: ClientPlace, host: ConnectionHost, refusal?: OwnAnswer) {
    super();
    this.#socket = socket;
    this.place = place;
    this.#host = host;
    this.#refusal = refusal;
    this.#serving = host.serving();
    own(socket, this);
    this.#wait("head", this.#serving.limits.clientMs);
  }

  get gone(): boolean {
    return this.#state === "closed";
  }

  get open(): boolean {
    return this.#state === "open";
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

  // What is read at the desk.

  begins(): void {
    this.#wait("head", this.#serving.limits.clientMs);
  }

  rests(): void {
    if (this.#halfClosed) return void this.#close();
    this.#leaveDesk();
    this.#wait("next", this.#serving.limits.keepAliveMs);
  }

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
    this.#readOn(desk);
  }

  startTunnel(tunnel: Tunnel): void {
    this.#state = "tunnel";
    this.#tunnel = tunnel;
    const rest = this.#desk?.takeRest();
    if (rest !== undefined) this.#toTunnel(rest, rest.length);
    this.#socket.resume();
    if (this.#halfClosed) tunnel.end();
  }

  exchangeOver(): void {
    if (this.#state === "closed" || this.#state === "closing") return;
    if (this.#state === "tunnel" || !this.#livesOn || this.#host.draining) return void this.#close();
    this.#livesOn = true;
    this.#desk?.readOn();
  }

  full(): void {
    const desk = this.#atDesk();
    const { wheel, limits } = this.#serving;
    wheel.set(desk, loopNowMs() + takingMs(this.#socket.writableLength, limits));
    desk.exchange.clientFull();
  }

  stalled(): void {
    this.#livesOn = false;
    this.#desk?.exchange.clientStalled();
    this.#socket.destroy();
  }

  // What the socket tells.

  received(lent: Buffer, bytes: number): void {
    if (this.#state === "open") this.#atDesk().received(lent, bytes);
    else if (this.#state === "tunnel") this.#toTunnel(lent, bytes);
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

  drained(): void {
    const desk = this.#desk;
    if (desk === undefined || !desk.full) return;
    desk.full = false;
    this.#serving.wheel.clear(desk);
    desk.exchange.clientDrained();
    if (this.#state === "open" && !this.#bodyPaused) this.#readOn(desk);
  }

  /** What waited is read; where the client had ended its side meanwhile, its end comes behind that. */
  #readOn(desk: Desk): void {
    desk.readOn();
    if (this.#halfClosed && this.#state === "open") this.ended();
  }

  #toTunnel(lent: Buffer, bytes: number): void {
    if (this.#tunnel === undefined || this.#tunnel.write(copyOfLent(lent, 0, bytes), 0, bytes)) return;
    this.#bodyPaused = true;
    this.#socket.pause();
  }

  /** The client sends no more (RFC 9112 §9.6): it may still wait for the answer. */
  ended(): void {
    this.#halfClosed = true;
    if (this.#state === "tunnel") this.#tunnel?.end();
    else if (this.#desk?.answering === true) {
      if (this.#desk?.exchange.responding === false)
        this.#wait("half-closed", this.#serving.limits.halfClosedMs);
    } else if (this.#desk === undefined) this.#close();
    else if (this.#desk.waits) return;
    else if (!this.#desk.exchange.idle) this.#leave();
    else if (this.#desk.full) return;
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

  closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#serving.wheel.clear(this);
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
    if (this.#state === "closed" || this.#state === "closing") return;
    this.#state = "closing";
    this.#wait("nothing", 0);
    const desk = this.#desk;
    desk?.takeRest();
    desk?.writer.flush();
    if (desk !== undefined) this.#serving.wheel.clear(desk);
    new LingeringClose(this.#socket, this.#serving, () => this.closed());
  }

  #waitForBody({ pace }: Desk): void {
    this.#waiting = "body";
    const { wheel, limits } = this.#serving;
    wheel.set(this, pace.dueMs(loopNowMs(), limits));
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
    } else if (waiting === "next" || (waiting === "head" && this.#desk === undefined)) this.#close();
    else if (waiting !== "nothing") this.#refuse(tooSlow);
  }
}
