/**
 * What reading and writing HTTP/1.1 costs, in messages per second of processor time (user and system, all threads, so
 * garbage collection counts). Every line is a process of its own; medians of five.
 *
 *   node bench/http1-reader.ts                 the table
 *   node bench/http1-reader.ts run request     one line
 */
import { execFileSync } from "node:child_process";
import { EndToEnd } from "../src/wire/http1/hop-by-hop.ts";
import { connectionLine, responseFraming } from "../src/wire/http1/relayed-framing.ts";
import { RequestReader } from "../src/wire/http1/request-reader.ts";
import { type ResponseHead, ResponseReader } from "../src/wire/http1/response-reader.ts";
import { statusLine } from "../src/wire/http1/response-writer.ts";
import { requestHead } from "../src/wire/http1/writer.ts";

const ROUNDS = 400_000;
const WARM_UP = 50_000;

const request = Buffer.from(
  "GET /catalogue/shoes?colour=red&page=2 HTTP/1.1\r\nHost: shop.contoso.example\r\n" +
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\n" +
    "Accept-Encoding: gzip, deflate, br\r\nCookie: ApplicationGatewayAffinity=0f9a8b7c6d5e4f3a2b1c\r\n" +
    "Connection: keep-alive\r\n\r\n",
);

const json = JSON.stringify({ items: Array.from({ length: 8 }, (_, id) => ({ id, price: 10 + id })) });
const padded = json.padEnd(200, " ").slice(0, 200);
const fields = "Date: Mon, 01 Jun 2026 00:00:00 GMT\r\nContent-Type: application/json\r\nServer: backend\r\n";
const response = Buffer.from(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${padded.length}\r\n\r\n${padded}`);
const chunked = Buffer.from(
  `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n${padded.length.toString(16)}\r\n${padded}\r\n0\r\n\r\n`,
);

let seen = 0;
const count = (): void => {
  seen += 1;
};
const handler = {
  interim: count,
  data: count,
  trailers: count,
  end: count,
  head: (head: { readonly fields: { get(name: string): string | undefined } }): void => {
    seen += head.fields.get("host")?.length ?? 1;
  },
  fault: ({ kind }: { readonly kind: string }): void => {
    throw new Error(kind);
  },
};

/** Reads the message over and over, in pieces of at most `piece` bytes. */
function readingOf(
  reader: RequestReader | ResponseReader,
  message: Buffer,
  piece = message.length,
): () => void {
  return () => {
    for (let at = 0; at < message.length; at += piece) {
      reader.feed(message, at, Math.min(message.length, at + piece));
    }
    reader.next();
  };
}

const toWrite = {
  method: "GET",
  target: "/catalogue/shoes?colour=red&page=2",
  fields: request
    .toString("latin1")
    .trim()
    .split("\r\n")
    .slice(1)
    .map((line) => ({ name: line.slice(0, line.indexOf(":")), value: line.slice(line.indexOf(":") + 2) })),
};

/** Reads a response and writes its head anew, as a gateway does. */
function relaying(): () => void {
  const kept = new EndToEnd();
  const head = (one: ResponseHead): void => {
    kept.read(one.fields);
    const framing = responseFraming(one, 1);
    seen +=
      `${statusLine(one.status, one.reason)}${kept.lines()}${framing.line}${connectionLine(true, 1)}\r\n`
        .length;
  };
  return readingOf(new ResponseReader({ ...handler, head }), response);
}

const lines: Readonly<Record<string, () => void>> = {
  request: readingOf(new RequestReader(handler), request),
  "request-in-64-byte-pieces": readingOf(new RequestReader(handler), request, 64),
  response: readingOf(new ResponseReader(handler), response),
  "response-chunked": readingOf(new ResponseReader(handler), chunked),
  "response-relayed": relaying(),
  "write-request-head": () => {
    seen += requestHead(toWrite).length;
  },
};

/** Messages per second of processor time. */
function measure(once: () => void): number {
  for (let round = 0; round < WARM_UP; round++) once();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) once();
  const { user, system } = process.cpuUsage(before);
  if (seen === 0) throw new Error("nothing was read");
  return Math.round((ROUNDS * 1e6) / (user + system));
}

function table(): void {
  const script = process.argv[1] ?? "";
  for (const name of Object.keys(lines)) {
    const runs = Array.from({ length: 5 }, () =>
      Number(execFileSync(process.execPath, [script, "run", name], { encoding: "utf8" })),
    ).sort((one, other) => one - other);
    const median = runs[2] ?? 0;
    console.log(
      `${name.padEnd(28)} ${median.toLocaleString("en").padStart(12)} /CPU-s ${(1e9 / median).toFixed(0).padStart(6)} ns`,
    );
  }
}

const once = lines[process.argv[3] ?? ""];
if (process.argv[2] === "run" && once !== undefined) console.log(measure(once));
else table();
