import { constants, type ServerHttp2Stream } from "node:http2";
import { responseFraming } from "../../../wire/http1/relayed-framing.ts";
import { CallbackTimer } from "../../callback-timer.ts";
import type { ClientPlace, ClientResponse, ClientSide } from "../../exchange/client-side.ts";
import { Exchange } from "../../exchange/exchange.ts";
import type { OwnAnswer } from "../../exchange/own-answer.ts";
import type { Serving } from "../../exchange/parts.ts";
import { BodyPace } from "../../limits/body-pace.ts";
import { takingMs } from "../../limits/taking-time.ts";
import { loopNowMs } from "../../loop-clock.ts";
import type { Tunnel } from "../../upstream/contract.ts";
import { answerToFault, tooSlow } from "../request-faults.ts";
import { readRequest } from "./request-head.ts";
import { headersOf, sendHead } from "./response-head.ts";

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR } =
  constants;

/** What Node tells of a new stream. */
export interface NewStream {
  readonly stream: ServerHttp2Stream;
  readonly flags: number;
  /** Names and values in turn. */
  readonly list: readonly string[];
}

/** One stream of one client: one exchange. */
export class ClientStream implements ClientSide {
  readonly place: ClientPlace;
  readonly #stream: ServerHttp2Stream;
  readonly #serving: Serving;
  readonly #onClosed: (leftEarly: boolean) => void;
  readonly #exchange = new Exchange(this);
  readonly #timer = new CallbackTimer(() => this.#refuse(tooSlow));
  readonly #stall = new CallbackTimer(() => this.#stalled());
  readonly #pace = new BodyPace();
  readonly #sinceMs = loopNowMs();
  #bodyEnded = false;
  #bodyPaused = false;
  #hasBody = false;
  #lengthSaid = false;
  #headOnly = false;
  gone = false;
  receivedBytes = 0;
  sentBytes = 0;

  /** `onClosed`: nothing more comes of it. `leftEarly`: the client has left without a response. */
  constructor(
    stream: ServerHttp2Stream,
    place: ClientPlace,
    serving: Serving,
    onClosed: (leftEarly: boolean) => void,
  ) {
    this.#stream = stream;
    this.place = place;
    this.#serving = serving;
    this.#onClosed = onClosed;
    // What went wrong is told by the code at its close.
    stream.on("error", () => {});
    stream.on("close", () => this.#closed());
    stream.on("drain", () => this.#drained());
  }

  /** `refusal`: what it gets whatever it asks for. */
  begin({ stream, flags, list }: NewStream, refusal: OwnAnswer | undefined): void {
    const ended = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#bodyEnded = ended;
    // Also where the rest cannot be read: Node has ended the stream behind the head.
    this.#headOnly = list[list.indexOf(":method") + 1] === "HEAD";
    const read = readRequest(list, ended);
    this.receivedBytes = read.bytes;
    // Reset before anybody saw it: no server is asked.
    if (stream.destroyed) return void this.#refuse(this.#leftAtOnce());
    if (!ended) this.#takeBody();
    if ("fault" in read) return void this.#refuse(answerToFault(read.fault));
    this.#lengthSaid = read.head.contentLength !== undefined;
    if (refusal !== undefined) return void this.#refuse(refusal);
    this.#exchange.begin(read.head, this.#serving, this.#sinceMs);
  }

  // What the exchange wants.

  interim(status: number, _reason: string, lines: string): void {
    if (!this.#isOpen || this.#stream.headersSent) return;
    try {
      this.#stream.additionalHeaders(headersOf(status, lines));
    } catch {
      // It cannot be sent in HTTP/2, and nobody depends on it.
    }
  }

  respond(response: ClientResponse): void {
    if (!this.#isOpen) return;
    const framing = responseFraming(response, 1);
    // 205 has no content, whatever a server makes of it (RFC 9110 §15.3.6), and Node ends the stream behind it.
    const hasBody = framing.body !== "none" && response.status !== 205 && !this.#headOnly;
    const lines = framing.body === "chunked" ? response.lines : response.lines + framing.line;
    const headers = headersOf(response.status, lines);
    if (response.status === 205) delete headers["content-length"];
    this.#hasBody = hasBody;
    this.sentBytes += lines.length;
    if (sendHead(this.#stream, headers, !hasBody)) return;
    // A status beyond 599: nothing else of a valid response is beyond HTTP/2.
    const errorInfo = "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
    this.#refuse({ status: 502, ending: "PH", errorInfo });
  }

  write(buffer: Buffer, from: number, to: number): void {
    if (!this.#hasBody || !this.#isOpen || from === to) return;
    this.sentBytes += to - from;
    if (!this.#stream.write(Buffer.from(buffer.subarray(from, to)))) this.#full();
  }

  finish(): void {
    if (!this.#isOpen) return;
    this.#stream.end();
    this.#limitTaking();
  }

  cut(): void {
    if (!this.#isOpen) return;
    // `close` first ends what is written, and sends that before the reset: half a response would pass for a whole one.
    this.#stream._final = (done) => done();
    this.#stream.close(NGHTTP2_INTERNAL_ERROR);
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#pace.pause(loopNowMs());
    this.#clearTimer();
    this.#stream.pause();
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    this.#pace.resume(loopNowMs());
    if (!this.#bodyEnded) this.#waitForBody();
    this.#stream.resume();
  }

  /** There is no 101 in HTTP/2: no server was asked for one. */
  startTunnel(tunnel: Tunnel): void {
    tunnel.abort();
    this.cut();
  }

  exchangeOver(): void {
    this.#clearTimer();
    if (this.#bodyPaused) this.#stream.resume();
    // The response is whole, and nobody reads the rest of the request (RFC 9113 §8.1).
    if (!this.#bodyEnded && this.#isOpen) this.#stream.close(NGHTTP2_NO_ERROR);
  }

  // What the stream tells.

  #takeBody(): void {
    this.#pace.begin(loopNowMs());
    this.#waitForBody();
    this.#stream.on("data", (part: Buffer) => {
      this.receivedBytes += part.length;
      if (this.#exchange.idle) return;
      this.#pace.took(part.length);
      this.#waitForBody();
      this.#exchange.bodyData(part, 0, part.length);
    });
    this.#stream.on("end", () => {
      // A reset without an error ends it too.
      if (!this.#isOpen || this.#stream.aborted) return;
      this.#bodyEnded = true;
      this.#clearTimer();
      this.#exchange.bodyEnd();
    });
  }

  /** The client, or the connection it shares with other streams, takes no more for now. */
  #full(): void {
    this.#limitTaking();
    this.#exchange.clientFull();
  }

  /** From now on what waits is taken in time, or the stream is reset. */
  #limitTaking(): void {
    const { wheel, limits } = this.#serving;
    wheel.set(this.#stall, loopNowMs() + takingMs(this.#stream.writableLength, limits));
  }

  #stalled(): void {
    if (this.#exchange.idle) this.cut();
    else this.#exchange.clientStalled();
  }

  #drained(): void {
    this.#serving.wheel.clear(this.#stall);
    this.#exchange.clientDrained();
  }

  #closed(): void {
    if (this.gone) return;
    this.gone = true;
    this.#clearTimer();
    const leftEarly = !this.#stream.headersSent;
    this.#serving.wheel.clear(this.#stall);
    if (!this.#exchange.idle) {
      const malformed = this.#stream.rstCode === NGHTTP2_PROTOCOL_ERROR && !this.#bodyEnded;
      if (malformed && !this.#exchange.responding) this.#refuse(this.#malformedBody());
      else this.#exchange.clientGone();
    }
    this.#onClosed(leftEarly);
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #refuse(answer: OwnAnswer): void {
    this.#exchange.refuse(answer, this.#serving, this.#sinceMs, undefined);
  }

  /** More bytes than the length says, or fewer: Node has reset the stream (RFC 9113 §8.1.1). */
  #malformedBody(): OwnAnswer {
    return answerToFault(this.#lengthSaid ? "cl-conflict" : "invalid-request-line");
  }

  #leftAtOnce(): OwnAnswer {
    const status = this.#serving.prepared.gateway.generation === "v1" ? 0 : 499;
    return { status, ending: "CR", errorInfo: "ERRORINFO_CLIENT_CLOSED_REQUEST" };
  }

  #waitForBody(): void {
    const { wheel, limits } = this.#serving;
    if (!this.#bodyPaused) wheel.set(this.#timer, this.#pace.dueMs(loopNowMs(), limits));
  }

  #clearTimer(): void {
    this.#serving.wheel.clear(this.#timer);
  }
}
