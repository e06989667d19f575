import type { HeaderFields } from "../../../src/wire/http1/fields.ts";
import { type RequestHead, RequestReader } from "../../../src/wire/http1/request-reader.ts";
import { type ResponseHead, ResponseReader } from "../../../src/wire/http1/response-reader.ts";

function ignore(): void {}
const quiet = { data: ignore, trailers: ignore, end: ignore };
const fault = ({ kind, offset }: { readonly kind: string; readonly offset: number }): never => {
  throw new Error(`${kind} at ${offset}`);
};

function told<Head>(heads: readonly Head[]): Head {
  const [head] = heads;
  if (head === undefined) throw new Error("no head");
  return head;
}

/** The head of a response, Latin-1; an interim one where there is no other. `cut`: where its bytes are cut in two. */
export function responseOf(text: string, cut = 0): ResponseHead {
  const heads: ResponseHead[] = [];
  const head = (one: ResponseHead): void => void heads.push(one);
  const reader = new ResponseReader(
    { ...quiet, head, interim: head, fault },
    { method: "GET", upgrade: true },
  );
  const bytes = Buffer.from(text, "latin1");
  if (cut > 0) reader.feed(bytes.subarray(0, cut));
  reader.feed(bytes.subarray(cut));
  return told(heads);
}

/** The head of a request, Latin-1. */
export function requestOf(text: string): RequestHead {
  const heads: RequestHead[] = [];
  new RequestReader({ ...quiet, head: (one) => void heads.push(one), fault }).feed(
    Buffer.from(text, "latin1"),
  );
  return told(heads);
}

/** The field lines given, each without its line end. */
export function fieldsOf(...lines: readonly string[]): HeaderFields {
  return responseOf(`HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`).fields;
}

/** Trailers, likewise. */
export function trailersOf(...lines: readonly string[]): HeaderFields {
  const found: HeaderFields[] = [];
  const reader = new ResponseReader({
    ...quiet,
    interim: ignore,
    head: ignore,
    fault,
    trailers: (fields) => void found.push(fields),
  });
  const text = lines.map((line) => `${line}\r\n`).join("");
  reader.feed(Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${text}\r\n`, "latin1"));
  return told(found);
}
