import { chunkEnd, chunkStart, lastChunk } from "../../wire/http1/chunk-writer.ts";
import { connectionLine, responseFraming } from "../../wire/http1/relayed-framing.ts";
import { statusLine } from "../../wire/http1/response-writer.ts";
import type { ClientResponse } from "../exchange/client-side.ts";
import { type PieceSink, writeLent } from "./lent-copies.ts";

/** Where bytes go: a socket. */
export interface ByteSink extends PieceSink {
  write(text: string, encoding: "latin1"): boolean;
  write(bytes: Buffer, taken: () => void): boolean;
}

/** What is put together as text before it is written: head and small body go out as one. */
const gatheredBytes = 16 * 1024;
/** Up to here, bytes are cheaper to send as text than as a buffer of their own. */
const textBytes = 4096;

/**
 * Writes responses to one client of HTTP/1.1, framed anew. What is small is gathered as text until the response ends or
 * this turn of the event loop does.
 */
export class ResponseWriter {
  readonly #onFull: () => void;
  #text = "";
  #framing: "none" | "length" | "chunked" | "until-close" = "none";
  #scheduled = false;
  /** Bytes handed over or gathered since it was set to 0. */
  sentBytes = 0;
  /** Where bytes go; changed only between responses. */
  sink: ByteSink;

  /** `onFull`: the sink takes no more until it drains. */
  constructor(sink: ByteSink, onFull: () => void) {
    this.sink = sink;
    this.#onFull = onFull;
  }

  /** The body of this response, or what stands for it, ends only with the connection. */
  get untilClose(): boolean {
    return this.#framing === "until-close";
  }

  interim(status: number, reason: string, lines: string): void {
    this.#add(`${statusLine(status, reason)}${lines}\r\n`);
    this.flush();
  }

  /** Returns whether the connection may live on behind it. */
  head(response: ClientResponse, keepAlive: boolean, minorVersion: 0 | 1): boolean {
    const framing = responseFraming(response, minorVersion);
    const livesOn = keepAlive && framing.body !== "until-close";
    const connection = response.status === 101 ? "" : connectionLine(livesOn, minorVersion);
    this.#framing = response.body === "tunnel" ? "until-close" : framing.body;
    this.#add(
      `${statusLine(response.status, response.reason)}${response.lines}${framing.line}${connection}\r\n`,
    );
    this.#schedule();
    return livesOn;
  }

  /** The buffer is lent. */
  data(buffer: Buffer, from: number, to: number): void {
    if (this.#framing === "none" || from === to) return;
    const chunked = this.#framing === "chunked";
    const [start, end] = chunked ? [chunkStart(to - from), chunkEnd] : ["", ""];
    if (to - from > textBytes) return void this.#send(start, buffer, from, to, end);
    this.#add(start + buffer.toString("latin1", from, to) + end);
    if (this.#text.length >= gatheredBytes) this.flush();
    else this.#schedule();
  }

  end(): void {
    if (this.#framing === "chunked") this.#add(lastChunk);
    this.#framing = "none";
    this.flush();
  }

  /** Hands over what was gathered. */
  flush(): void {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    if (!this.sink.write(text, "latin1")) this.#onFull();
  }

  /** What was gathered goes out with it. */
  #send(start: string, buffer: Buffer, from: number, to: number, end: string): void {
    const before = this.#text + start;
    this.#text = "";
    this.sentBytes += start.length + (to - from) + end.length;
    if (!writeLent(this.sink, before, buffer, from, to, end)) this.#onFull();
  }

  #add(text: string): void {
    this.#text += text;
    this.sentBytes += text.length;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#later);
  }

  readonly #later = (): void => {
    this.#scheduled = false;
    this.flush();
  };
}
