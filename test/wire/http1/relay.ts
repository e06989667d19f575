import { chunkEnd, chunkStart, lastChunkWith } from "../../../src/wire/http1/chunk-writer.ts";
import { EndToEnd } from "../../../src/wire/http1/hop-by-hop.ts";
import {
  connectionLine,
  requestFramingLine,
  responseFraming,
} from "../../../src/wire/http1/relayed-framing.ts";
import { type RequestHead, RequestReader } from "../../../src/wire/http1/request-reader.ts";
import { type ResponseHead, ResponseReader } from "../../../src/wire/http1/response-reader.ts";
import { statusLine } from "../../../src/wire/http1/response-writer.ts";

/** One message as it was understood. */
export interface Understood {
  /** `GET /x` or `200` */
  readonly line: string;
  /** `Name: value` of what goes on to the next hop, in order. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** What a relay makes of the bytes of a connection: the messages it took whole, and what it sends for each. */
export interface Relayed {
  readonly messages: readonly Understood[];
  readonly sent: readonly string[];
  /** It read to the end of the bytes without a fault, and the connection might go on. */
  readonly clean: boolean;
}

const linesOf = (text: string): string[] => text.split("\r\n").slice(0, -1);

/** One message on its way through: read, understood, written anew. */
class Passing {
  line = "";
  lines = "";
  body = "";
  sent = "";
  keepAlive = true;
  done = false;
  fault = false;
  #chunked = false;
  readonly #endToEnd = new EndToEnd();

  start(line: string, written: string, head: RequestHead | ResponseHead, framing: string): void {
    this.#endToEnd.read(head.fields);
    this.line = line;
    this.lines = this.#endToEnd.lines();
    this.keepAlive = head.keepAlive;
    this.#chunked = framing.startsWith("Transfer-Encoding");
    this.sent = `${written}${this.lines}${framing}`;
  }

  data(buffer: Buffer, from: number, to: number): void {
    const text = buffer.toString("latin1", from, to);
    this.body += text;
    this.sent += this.#chunked ? `${chunkStart(to - from)}${text}${chunkEnd}` : text;
  }

  end(trailers: string): void {
    if (this.#chunked) this.sent += trailers;
    this.done = true;
  }

  get understood(): Understood {
    return { line: this.line, fields: linesOf(this.lines), body: this.body };
  }
}

/** Reads pipelined requests as a gateway does, each after the one before, and writes them anew. */
export function relayRequests(bytes: Buffer): Relayed {
  const messages: Understood[] = [];
  const sent: string[] = [];
  let passing = new Passing();
  let trailers = "0\r\n\r\n";
  const reader = new RequestReader({
    head: (head) => {
      const host = head.host === undefined ? "Host: from-http10\r\n" : "";
      const framing = requestFramingLine(head.body, head.contentLength);
      passing.start(
        `${head.method} ${head.target}`,
        `${head.method} ${head.target} HTTP/1.1\r\n${host}`,
        head,
        `${framing}\r\n`,
      );
    },
    data: (buffer, from, to) => passing.data(buffer, from, to),
    trailers: (fields) => {
      trailers = lastChunkWith(fields);
    },
    end: () => passing.end(trailers),
    fault: () => {
      passing.fault = true;
    },
  });
  let at = 0;
  while (at < bytes.length && !reader.failed) {
    at += reader.feed(bytes, at);
    if (!reader.ended) break;
    messages.push(passing.understood);
    sent.push(passing.sent);
    if (!passing.keepAlive) return { messages, sent, clean: at === bytes.length };
    passing = new Passing();
    trailers = "0\r\n\r\n";
    reader.next();
  }
  reader.finish();
  return { messages, sent, clean: !reader.failed };
}

/** Reads one response to GET and writes it anew for a client of HTTP/1.1. */
export function relayResponse(bytes: Buffer): Relayed {
  const passing = new Passing();
  let trailers = "0\r\n\r\n";
  const reader = new ResponseReader({
    interim: () => {},
    head: (head) => {
      const framing = responseFraming(head, 1);
      const line = `${statusLine(head.status, head.reason)}${connectionLine(false, 1)}`;
      passing.start(`${head.status}`, line, head, `${framing.line}\r\n`);
    },
    data: (buffer, from, to) => passing.data(buffer, from, to),
    trailers: (fields) => {
      trailers = lastChunkWith(fields);
    },
    end: () => passing.end(trailers),
    fault: () => {
      passing.fault = true;
    },
  });
  reader.feed(bytes);
  reader.finish();
  const took = passing.done && !passing.fault;
  return { messages: took ? [passing.understood] : [], sent: took ? [passing.sent] : [], clean: took };
}
