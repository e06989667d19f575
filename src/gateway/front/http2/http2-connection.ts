import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { CallbackTimer } from "../../callback-timer.ts";
import type { ClientPlace } from "../../exchange/client-side.ts";
import { Exchange } from "../../exchange/exchange.ts";
import type { OwnAnswer } from "../../exchange/own-answer.ts";
import { loopNowMs } from "../../loop-clock.ts";
import type { ConnectionHost, FrontConnection } from "../connection-host.ts";
import { nobodyAt } from "../nobody.ts";
import { answerToFault } from "../request-faults.ts";
import { Allowance } from "./allowance.ts";
import { ClientStream } from "./client-stream.ts";
import { connectionLimits, sessionOptions } from "./limits.ts";

/** One client over one HTTP/2 connection, its streams each with an exchange of its own. */
export class Http2Connection implements FrontConnection {
  readonly #socket: Socket;
  readonly place: ClientPlace;
  readonly #host: ConnectionHost;
  readonly #refusal: OwnAnswer | undefined;
  readonly #session: ServerHttp2Session;
  readonly #timer = new CallbackTimer(() => this.#timeUp());
  readonly #wheel;
  readonly #sinceMs = loopNowMs();
  #streams = 0;
  #requests = 0;
  readonly #controlFrames = new Allowance(connectionLimits.controlFrames, connectionLimits.spanMs);
  readonly #resets = new Allowance(connectionLimits.resets, connectionLimits.spanMs);
  #begun = false;

  /** `refusal`: what every request on this connection gets; undefined = nothing is wrong with it. */
  constructor(socket: Socket, place: ClientPlace, host: ConnectionHost, refusal?: OwnAnswer) {
    this.#socket = socket;
    this.place = place;
    this.#host = host;
    this.#refusal = refusal;
    const { wheel, limits } = host.serving();
    this.#wheel = wheel;
    const session = performServerHandshake(socket, sessionOptions);
    this.#session = session;
    // A `TLSSocket` that no `tls.Server` made is never told that it is secure, and the session waits for that.
    if (session.connecting) socket.emit("secureConnect");
    session.on("stream", (stream, _headers, flags, list) => this.#began(stream, flags, list));
    session.on("remoteSettings", () => this.#controlled());
    session.on("ping", () => this.#controlled());
    session.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    session.on("close", () => this.#closed());
    // No half-close here: who sends no more cannot even tell how much of a response it can take.
    socket.on("end", () => session.destroy());
    this.#wait(limits.clientMs);
  }

  /** GOAWAY: streams end, and what the client began too late it may send elsewhere. */
  drain(): void {
    this.#session.close();
    if (this.#streams === 0) this.#wait(connectionLimits.lingerMs);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  get idleUntilMs(): number | undefined {
    return this.#streams === 0 && !this.#session.closed ? this.#timer.dueMs : undefined;
  }

  #began(stream: ServerHttp2Stream, flags: number, list: readonly string[]): void {
    this.#streams += 1;
    this.#requests += 1;
    this.#wheel.clear(this.#timer);
    const one = new ClientStream(stream, this.place, this.#host.serving(), (early) => this.#over(early));
    one.begin({ stream, flags, list }, this.#refusal);
    if (this.#requests === connectionLimits.requests) this.#session.close();
  }

  #over(leftEarly: boolean): void {
    this.#streams -= 1;
    if (leftEarly && !this.#resets.use(loopNowMs())) this.#calm("requests that are reset");
    if (this.#streams > 0) return;
    if (this.#host.serving().gate.level > 0) this.#session.close();
    this.#wait(this.#session.closed ? connectionLimits.lingerMs : connectionLimits.idleMs);
  }

  /** A frame that has to be answered and costs its sender nothing. */
  #controlled(): void {
    if (!this.#begun && this.#streams === 0) this.#wait(connectionLimits.idleMs);
    this.#begun = true;
    if (!this.#controlFrames.use(loopNowMs())) this.#calm("PING and SETTINGS frames");
  }

  #calm(tooMany: string): void {
    this.#session.destroy(new Error(`too many ${tooMany}`), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** What the client sent is no HTTP/2: one record, beside those of the streams that it cut off. */
  #failed({ code }: NodeJS.ErrnoException): void {
    if (code === undefined || !faultsOfClients.has(code)) return;
    const exchange = new Exchange(nobodyAt(this.place));
    const answer = answerToFault("invalid-request-line");
    exchange.refuse(answer, this.#host.serving(), this.#sinceMs, undefined);
  }

  #closed(): void {
    this.#wheel.clear(this.#timer);
    this.#host.gone(this);
  }

  #timeUp(): void {
    if (this.#session.closed || this.#session.destroyed) this.#socket.destroy();
    else this.drain();
  }

  #wait(ms: number): void {
    this.#wheel.set(this.#timer, loopNowMs() + ms);
  }
}

/** Errors of a session that tell of its frames. */
const faultsOfClients: ReadonlySet<string> = new Set([
  "ERR_HTTP2_ERROR",
  "ERR_HTTP2_TOO_MANY_INVALID_FRAMES",
]);
