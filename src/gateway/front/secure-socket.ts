import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { DoorTls, TlsIdentity } from "../config/prepared.ts";
import { loopNowMs } from "../loop-clock.ts";
import { TimerEntry, type TimerWheel } from "../timer-wheel.ts";
import { mostHelloBytes, readFirstBytes } from "./client-hello.ts";

/** What becomes of a connection to a TLS door. */
export interface SecureOutcome {
  secured(socket: TLSSocket, identity: TlsIdentity): void;
  /** The client speaks something else; what it said is in the socket again. */
  notTls(socket: Socket): void;
  /** It ended, or took too long: then it is `late`. */
  gone(late: boolean): void;
}

/** Clients may take so long to shake hands. */
const handshakeMs = 60_000;

/** One handshake on the way: the ClientHello is looked at first, as it decides about certificate and versions. */
export class SecureSocket extends TimerEntry {
  readonly #socket: Socket;
  readonly #tls: DoorTls;
  readonly #wheel: TimerWheel;
  readonly #outcome: SecureOutcome;
  #bytes: Buffer = Buffer.alloc(0);
  #over = false;
  #late = false;

  constructor(socket: Socket, tls: DoorTls, wheel: TimerWheel, outcome: SecureOutcome) {
    super();
    this.#socket = socket;
    this.#tls = tls;
    this.#wheel = wheel;
    this.#outcome = outcome;
    socket.on("data", this.#received);
    socket.on("end", this.#giveUp);
    socket.on("error", this.#giveUp);
    socket.on("close", this.#giveUp);
    wheel.set(this, loopNowMs() + handshakeMs);
  }

  override due(): void {
    this.#late = true;
    this.#giveUp();
  }

  /** Nobody waits for it any more. */
  destroy(): void {
    this.#giveUp();
  }

  readonly #received = (chunk: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const first = readFirstBytes(this.#bytes.subarray(0, mostHelloBytes));
    if (first.is === "incomplete") return;
    this.#handBack();
    if (first.is === "other") {
      this.#end();
      this.#outcome.notTls(this.#socket);
      return;
    }
    const identity = this.#tls.choose(first.serverName);
    if (identity === "reset") {
      this.#socket.resetAndDestroy();
      this.#giveUp();
    } else this.#shakeHands(identity);
  };

  /** The socket is as if nothing had been read. */
  #handBack(): void {
    const socket = this.#socket;
    socket.off("data", this.#received);
    socket.off("end", this.#giveUp);
    socket.pause();
    socket.unshift(this.#bytes);
    this.#bytes = Buffer.alloc(0);
  }

  #shakeHands(identity: TlsIdentity): void {
    const secure = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext: identity.context,
      // Without a word about it every protocol is taken.
      ...(identity.alpn.length === 0 ? {} : { ALPNProtocols: [...identity.alpn] }),
      requestCert: identity.clients !== undefined,
      // Clients without a fitting certificate get an answer that says so.
      rejectUnauthorized: false,
    });
    secure.once("error", this.#giveUp);
    secure.once("secure", () => {
      if (this.#over) return;
      secure.off("error", this.#giveUp);
      this.#end();
      this.#outcome.secured(secure, identity);
    });
  }

  readonly #giveUp = (): void => {
    if (this.#over) return;
    this.#end();
    this.#socket.destroy();
    this.#outcome.gone(this.#late);
  };

  #end(): void {
    this.#over = true;
    this.#wheel.clear(this);
    this.#socket.off("error", this.#giveUp);
    this.#socket.off("close", this.#giveUp);
    this.#socket.on("error", ignore);
  }
}

const ignore = (): void => {};
