import type { WireFault } from "../../wire/http1/fault.ts";
import type { MessageHandler } from "../../wire/http1/message-reader.ts";
import { type RequestHead, RequestReader } from "../../wire/http1/request-reader.ts";
import type { ClientSide } from "../exchange/client-side.ts";
import { Exchange } from "../exchange/exchange.ts";
import { BodyPace } from "../limits/body-pace.ts";
import { loopNowMs } from "../loop-clock.ts";
import { TimerEntry } from "../timer-wheel.ts";
import { nobodyAt } from "./nobody.ts";
import { type ByteSink, ResponseWriter } from "./response-writer.ts";

/** Whose requests are read and answered at a desk. */
export interface DeskUser extends ClientSide {
  /** Requests are read. */
  readonly open: boolean;
  /** The first bytes of a request are there. */
  begins(): void;
  /** All that came was read, and nothing is under way. */
  rests(): void;
  head(head: RequestHead): void;
  data(buffer: Buffer, from: number, to: number): void;
  end(): void;
  fault(fault: WireFault): void;
  /** The socket takes no more for now. */
  full(): void;
  /** It has not taken what waits for too long. */
  stalled(): void;
}

/** The connection of whoever is at a desk, as a socket is one. */
export interface DeskSocket extends ByteSink {
  pause(): void;
  resume(): void;
}

/** Bytes behind the request under way that wait for their turn; more stay with the system. */
const waitingBytes = 64 * 1024;

/**
 * Everything that a connection needs only while a request is under way: reader, exchange, writer, and what has come behind
 * that request. Idle connections have none, which is most of what they would take; desks are used again. As a time-out it
 * is that of a client which does not take its response.
 */
export class Desk extends TimerEntry implements MessageHandler<RequestHead> {
  readonly reader: RequestReader = new RequestReader(this);
  readonly exchange: Exchange;
  readonly writer: ResponseWriter;
  readonly pace = new BodyPace();
  /** When the first byte of the request came, by `loopNowMs()`. */
  sinceMs = 0;
  /** The client takes no more of the response for now. */
  full = false;
  #user: DeskUser;
  #socket: DeskSocket;
  /** Bytes behind the request under way. */
  #rest: Buffer | undefined;
  #reading = false;

  private constructor(user: DeskUser, socket: DeskSocket) {
    super();
    this.#user = user;
    this.#socket = socket;
    this.exchange = new Exchange(user);
    this.writer = new ResponseWriter(socket, this.#onFull);
  }

  /** One that is free, ready for a request. */
  static for(user: DeskUser, socket: DeskSocket): Desk {
    const desk = free.pop();
    if (desk === undefined) return new Desk(user, socket);
    desk.#user = user;
    desk.#socket = socket;
    desk.exchange.moveTo(user);
    desk.writer.sink = socket;
    desk.reader.next();
    return desk;
  }

  /** Nothing is under way at it any more, and nothing of its user is kept. */
  leave(): void {
    this.full = false;
    this.#rest = undefined;
    if (free.length >= mostFree) return;
    this.exchange.moveTo(nobody);
    this.#user = nobody;
    this.#socket = nowhere;
    this.exchange.forget();
    this.writer.sink = nowhere;
    free.push(this);
  }

  /** A request has come to its end and its response has not. */
  get answering(): boolean {
    return this.reader.ended && !this.exchange.idle;
  }

  /** Something has come that was not read yet. */
  get waits(): boolean {
    return this.#rest !== undefined;
  }

  /** Reads requests, each after the response to the one before it. The buffer is lent: what has to wait is copied. */
  received(lent: Buffer, bytes: number): void {
    if (this.#rest !== undefined || this.full || this.answering) this.#keep(lent, 0, bytes);
    else this.#read(lent, bytes);
  }

  /** A response has ended, or the client takes more of one again, or a server of its request: what waited is read on. */
  readOn(): void {
    if (this.full || this.#reading || this.answering) return;
    const rest = this.takeRest();
    if (rest === undefined) {
      if (this.exchange.idle) this.#rests();
      return;
    }
    this.#socket.resume();
    this.#read(rest, rest.length);
  }

  /** What has come behind the request: it is whoever's who takes it. */
  takeRest(): Buffer | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest;
  }

  #read(lent: Buffer, bytes: number): void {
    const { reader } = this;
    this.#reading = true;
    let at = 0;
    while (at < bytes && this.#user.open) {
      // What a client does not take is not added to: its further requests wait.
      if (this.answering || (this.full && reader.ended)) {
        this.#keep(lent, at, bytes);
        break;
      }
      if (reader.ended) reader.next();
      if (reader.messageBytes === 0) {
        this.sinceMs = loopNowMs();
        this.#user.begins();
      }
      at += reader.feed(lent, at, bytes);
    }
    this.#reading = false;
    if (this.exchange.idle) this.#rests();
  }

  #rests(): void {
    if (this.reader.ended && !this.full && this.#user.open) this.#user.rests();
  }

  #keep(lent: Buffer, from: number, to: number): void {
    const more = lent.subarray(from, to);
    this.#rest = Buffer.concat(this.#rest === undefined ? [more] : [this.#rest, more]);
    if (this.#rest.length > waitingBytes) this.#socket.pause();
  }

  readonly #onFull = (): void => {
    this.full = true;
    this.#user.full();
  };

  override due(): void {
    this.#user.stalled();
  }

  head(head: RequestHead): void {
    this.#user.head(head);
  }

  data(buffer: Buffer, from: number, to: number): void {
    this.#user.data(buffer, from, to);
  }

  trailers(): void {}

  end(): void {
    this.#user.end();
  }

  fault(fault: WireFault): void {
    this.#user.fault(fault);
  }
}

const free: Desk[] = [];
/** As many as are busy at a time where much goes on. */
const mostFree = 256;

const nothing = (): void => {};

/** At desks that are free. */
const nowhere: DeskSocket = { write: () => true, writableLength: 0, pause: nothing, resume: nothing };
const nobody: DeskUser = {
  ...nobodyAt({ address: "", port: 0, frontendPort: 0, frontend: undefined, tls: undefined, http2: false }),
  open: false,
  begins: nothing,
  rests: nothing,
  head: nothing,
  data: nothing,
  end: nothing,
  fault: nothing,
  full: nothing,
  stalled: nothing,
};
