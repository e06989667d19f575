import type { Socket } from "node:net";
import type { WireFault } from "../../wire/http1/fault.ts";
import type { MessageHandler } from "../../wire/http1/message-reader.ts";
import { type RequestHead, RequestReader } from "../../wire/http1/request-reader.ts";
import type { ClientSide } from "../exchange/client-side.ts";
import { Exchange } from "../exchange/exchange.ts";
import { BodyPace } from "../limits/body-pace.ts";
import { TimerEntry } from "../timer-wheel.ts";
import { nobodyAt } from "./nobody.ts";
import { ResponseWriter } from "./response-writer.ts";

/** Whose request is read and answered at a desk. */
export interface DeskUser extends ClientSide {
  head(head: RequestHead): void;
  data(buffer: Buffer, from: number, to: number): void;
  end(): void;
  fault(fault: WireFault): void;
  /** The socket takes no more for now. */
  full(): void;
  /** It has not taken what waits for too long. */
  stalled(): void;
}

/**
 * Everything that a connection needs only while a request is under way: reader, exchange, writer. Idle connections have
 * none, which is most of what they would take; desks are used again.
 */
export class Desk extends TimerEntry implements MessageHandler<RequestHead> {
  readonly reader: RequestReader = new RequestReader(this);
  readonly exchange: Exchange;
  readonly writer: ResponseWriter;
  readonly pace = new BodyPace();
  /** When the first byte of the request came, by `loopNowMs()`. */
  sinceMs = 0;
  #user: DeskUser;

  private constructor(user: DeskUser, socket: Socket) {
    super();
    this.#user = user;
    this.exchange = new Exchange(user);
    this.writer = new ResponseWriter(socket, () => this.#user.full());
  }

  /** One that is free, ready for a request. */
  static for(user: DeskUser, socket: Socket): Desk {
    const desk = free.pop();
    if (desk === undefined) return new Desk(user, socket);
    desk.#user = user;
    desk.exchange.moveTo(user);
    desk.writer.sink = socket;
    desk.reader.next();
    return desk;
  }

  /** Nothing is under way at it any more, and nothing of its user is kept. */
  leave(): void {
    if (free.length >= mostFree) return;
    this.exchange.moveTo(nobody);
    this.#user = nobody;
    this.exchange.forget();
    this.writer.sink = nowhere;
    free.push(this);
  }

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
const nowhere = { write: (): boolean => true, writableLength: 0 };
const nobody: DeskUser = {
  ...nobodyAt({ address: "", port: 0, frontendPort: 0, frontend: undefined, tls: undefined, http2: false }),
  head: nothing,
  data: nothing,
  end: nothing,
  fault: nothing,
  full: nothing,
  stalled: nothing,
};
