import type { Socket } from "node:net";
import type { Serving } from "../exchange/parts.ts";
import { takingMs } from "../limits/taking-time.ts";
import { loopNowMs } from "../loop-clock.ts";
import { TimerEntry } from "../timer-wheel.ts";
import { own, type SocketOwner } from "./owned-socket.ts";

/** How long, and how much, is still read once the system has all that was to be said. */
const lingerMs = 2_000;
const lingerBytes = 1024 * 1024;

/**
 * The end of a connection on which all was said. A client that is still sending would be reset, and might never see the
 * end of its response: so what it sends is read and dropped for a while.
 */
export class LingeringClose extends TimerEntry implements SocketOwner {
  readonly #socket: Socket;
  readonly #wheel: Serving["wheel"];
  readonly #closed: () => void;
  #dropped = 0;

  /** Has the socket from now on; `closed`: it is over. */
  constructor(socket: Socket, { wheel, limits }: Pick<Serving, "wheel" | "limits">, closed: () => void) {
    super();
    this.#socket = socket;
    this.#wheel = wheel;
    this.#closed = closed;
    own(socket, this);
    // The system has it all: the client may take its time to close, but not much.
    socket.once("finish", () => wheel.set(this, loopNowMs() + lingerMs));
    socket.end();
    socket.resume();
    wheel.set(this, loopNowMs() + takingMs(socket.writableLength, limits));
  }

  received(_lent: Buffer, bytes: number): void {
    this.#dropped += bytes;
    if (this.#dropped > lingerBytes) this.#socket.destroy();
  }

  drained(): void {}

  ended(): void {
    this.#socket.destroy();
  }

  closed(): void {
    this.#wheel.clear(this);
    this.#closed();
  }

  override due(): void {
    this.#socket.destroy();
  }
}
