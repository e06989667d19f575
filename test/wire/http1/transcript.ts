import type { WireFault } from "../../../src/wire/http1/fault.ts";
import type { HeaderFields } from "../../../src/wire/http1/fields.ts";
import { defaultLimits, type Http1Limits } from "../../../src/wire/http1/limits.ts";
import { type RequestHead, RequestReader } from "../../../src/wire/http1/request-reader.ts";
import {
  type RequestContext,
  type ResponseHead,
  ResponseReader,
} from "../../../src/wire/http1/response-reader.ts";

/** Stands in the bytes of a case where the fault is expected; it is no byte of the message. */
export const FAULT_MARK = "▲";

export interface WireCase {
  readonly about: string;
  /** Latin-1, with the fault mark. */
  readonly bytes: string;
  /** What the reader tells, joined by ` | `; see `headOf…` for how heads are written. */
  readonly tells: string;
  /** Of the request that a response answers. */
  readonly method?: string;
  readonly upgrade?: true;
  /** The connection stays open: the end of the stream is not told. */
  readonly open?: true;
  readonly limits?: Partial<Http1Limits>;
}

export interface Feedable {
  feed(chunk: Buffer): number;
  finish(): void;
  readonly extraBytes: number;
}

export type Subject = "request" | "response";

/** The bytes of a case and the offset of its mark; without one, their number. */
export function bytesOf({ bytes }: WireCase): { readonly message: Buffer; readonly faultOffset: number } {
  const at = bytes.indexOf(FAULT_MARK);
  const message = Buffer.from(bytes.replace(FAULT_MARK, ""), "latin1");
  return { message, faultOffset: at < 0 ? message.length : at };
}

/** `200 length=5`, with `1.0` and `close` where they apply. */
function headOfResponse(head: ResponseHead): string {
  return [head.status, ...bodyAndConnection(head)].join(" ");
}

/** `GET / host=a none`, with `1.0`, `close` and `upgrade` where they apply. */
function headOfRequest(head: RequestHead): string {
  const host = head.host === undefined ? [] : [`host=${head.host}`];
  return [
    head.method,
    head.target,
    ...host,
    ...bodyAndConnection(head),
    ...(head.upgrade ? ["upgrade"] : []),
  ].join(" ");
}

function bodyAndConnection(head: RequestHead | ResponseHead): string[] {
  const body = head.body === "length" ? `length=${head.contentLength}` : head.body;
  return [body, ...(head.minorVersion === 0 ? ["1.0"] : []), ...(head.keepAlive ? [] : ["close"])];
}

const linesOf = (fields: HeaderFields): string =>
  fields
    .list()
    .map(({ name, value }) => `${name}: ${value}`)
    .join(", ");

/** Writes down what a reader tells; neighbouring pieces of a body become one. */
export class Transcript {
  readonly entries: string[] = [];
  /** Field lines of every head, in order. */
  readonly heads: string[] = [];
  #body = "";

  handlerFor(chunkLengths: { readonly longest: number }) {
    return {
      interim: (head: ResponseHead) => this.#head(`interim ${headOfResponse(head)}`, head.fields),
      data: (buffer: Buffer, from: number, to: number) => {
        if (from >= to || from < 0 || to > buffer.length || buffer.length > chunkLengths.longest) {
          throw new Error(`data ${from}..${to} of ${buffer.length}`);
        }
        this.#body += buffer.toString("latin1", from, to);
      },
      trailers: (fields: HeaderFields) => this.#add(`trailers ${linesOf(fields)}`),
      end: () => this.#add("end"),
      fault: ({ kind, offset }: WireFault) => this.#add(`fault ${kind}@${offset}`),
      request: (head: RequestHead) => this.#head(headOfRequest(head), head.fields),
      response: (head: ResponseHead) => this.#head(headOfResponse(head), head.fields),
    };
  }

  finish(extraBytes: number): void {
    this.#flush();
    if (extraBytes > 0) this.entries.push(`extra ${extraBytes}`);
  }

  #head(text: string, fields: HeaderFields): void {
    this.#add(text);
    this.heads.push(linesOf(fields));
  }

  #add(entry: string): void {
    this.#flush();
    this.entries.push(entry);
  }

  #flush(): void {
    if (this.#body !== "") this.entries.push(`data ${this.#body}`);
    this.#body = "";
  }
}

export interface HowToRead extends Partial<RequestContext> {
  readonly limits?: Partial<Http1Limits>;
  readonly open?: boolean;
}

function readerOf(subject: Subject, transcript: Transcript, longest: number, how: HowToRead): Feedable {
  const limits = { ...defaultLimits, ...how.limits };
  const { request, response, ...rest } = transcript.handlerFor({ longest });
  if (subject === "request") return new RequestReader({ ...rest, head: request }, limits);
  const context = { method: how.method ?? "GET", upgrade: how.upgrade ?? false };
  return new ResponseReader({ ...rest, head: response }, context, limits);
}

/** Feeds the chunks one after the other and gives the transcript. */
export function read(subject: Subject, chunks: readonly Buffer[], how: HowToRead = {}): Transcript {
  const transcript = new Transcript();
  const reader = readerOf(subject, transcript, Math.max(0, ...chunks.map((chunk) => chunk.length)), how);
  for (const chunk of chunks) reader.feed(chunk);
  if (how.open !== true) reader.finish();
  transcript.finish(reader.extraBytes);
  return transcript;
}

/** What a case expects, with the offset of its mark put behind the fault. */
export function expectedOf(wireCase: WireCase): string[] {
  const { faultOffset } = bytesOf(wireCase);
  return wireCase.tells
    .split(" | ")
    .map((entry) => (entry.startsWith("fault ") ? `${entry}@${faultOffset}` : entry));
}
