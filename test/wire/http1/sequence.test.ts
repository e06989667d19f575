import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../../src/wire/http1/limits.ts";
import { type RequestHead, RequestReader } from "../../../src/wire/http1/request-reader.ts";
import { ResponseReader } from "../../../src/wire/http1/response-reader.ts";
import { requestBodyCases } from "./cases/request-bodies.ts";
import { responseCases } from "./cases/responses.ts";
import { damaged } from "./mutation.ts";
import { bytesOf } from "./transcript.ts";

const ignore = (): void => {};
const quiet = { data: ignore, trailers: ignore, end: ignore, interim: ignore, fault: ignore };

const requests = [
  "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
  "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n\r\n",
  "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n",
];

/** Reads pipelined requests the way a server does: what one message leaves is the beginning of the next. */
function pipelined(chunks: readonly Buffer[]): string[] {
  const told: string[] = [];
  const head = ({ target }: RequestHead): void => void told.push(target);
  const data = (buffer: Buffer, from: number, to: number): void =>
    void told.push(...buffer.toString("latin1", from, to));
  const reader = new RequestReader({ ...quiet, head, data, fault: ({ kind }) => void told.push(kind) });
  for (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length && !reader.failed) {
      at += reader.feed(chunk, at);
      if (reader.ended) reader.next();
    }
  }
  reader.finish();
  return told;
}

describe("one message after the other", () => {
  const message = Buffer.from(requests.join(""), "latin1");
  const expected = ["/1", "/2", "a", "b", "c", "/3", "a", "b", "c", "/4"];

  test("pipelined requests in one chunk", () => {
    expect(pipelined([message])).toEqual(expected);
  });

  test("pipelined requests, cut into any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(message.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((one, other) => one - other), message.length];
        expect(pipelined(edges.slice(1).map((edge, index) => message.subarray(edges[index], edge)))).toEqual(
          expected,
        );
      }),
    );
  });

  test("a reader made ready again knows nothing of what was before", () => {
    for (const wireCase of responseCases) {
      const faults: string[] = [];
      const statuses: number[] = [];
      const reader = new ResponseReader({
        ...quiet,
        head: ({ status }) => void statuses.push(status),
        fault: ({ kind, offset }) => void faults.push(`${kind}@${offset}`),
      });
      reader.feed(bytesOf(wireCase).message);
      reader.next({ method: "GET", upgrade: false });
      faults.length = 0;
      const taken = reader.feed(Buffer.from("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nok\n"));
      expect([statuses.at(-1), taken, reader.extraBytes, reader.messageBytes, reader.ended, faults]).toEqual([
        404,
        40,
        1,
        40,
        true,
        [],
      ]);
    }
  });

  test("a part of a buffer is read as a buffer of its own", () => {
    for (const wireCase of requestBodyCases) {
      const { message: bytes } = bytesOf(wireCase);
      const faultOf = (before: number, behind: number): unknown[] => {
        const told: unknown[] = [];
        const reader = new RequestReader({
          ...quiet,
          head: ({ target }) => void told.push(target),
          data: (buffer, from, to) => void told.push(buffer.toString("latin1", from, to)),
          fault: (fault) => void told.push(fault),
        });
        const padded = Buffer.concat([Buffer.alloc(before, "x"), bytes, Buffer.alloc(behind, "y")]);
        told.push(reader.feed(padded, before, before + bytes.length), reader.extraBytes);
        return told;
      };
      expect(faultOf(7, 9), wireCase.about).toEqual(faultOf(0, 0));
    }
  });
});

describe("hostile bytes", () => {
  const requestMessages = [
    ...requestBodyCases.map((wireCase) => bytesOf(wireCase).message),
    ...requests.map((text) => Buffer.from(text)),
  ];
  const responseMessages = responseCases.map((wireCase) => bytesOf(wireCase).message);

  /** Reads the chunks and checks on the way what must hold for any bytes at all. */
  function readAnything(subject: string, chunks: readonly Buffer[]): string[] {
    const told: string[] = [];
    let current: Buffer = Buffer.alloc(0);
    let body = 0;
    const handler = {
      ...quiet,
      interim: () => void told.push("interim"),
      head: () => void told.push("head"),
      data: (buffer: Buffer, from: number, to: number) => {
        expect(buffer).toBe(current);
        expect(from >= 0 && from < to && to <= buffer.length).toBe(true);
        body += to - from;
      },
      end: () => void told.push(`end ${body}`),
      fault: ({ kind, offset }: { kind: string; offset: number }) => void told.push(`${kind}@${offset}`),
    };
    const limits = { ...defaultLimits, headBytes: 200, lineBytes: 80, fieldCount: 4, chunkExtensionBytes: 8 };
    const reader =
      subject === "request"
        ? new RequestReader(handler, limits)
        : new ResponseReader(handler, { method: "GET", upgrade: false }, limits);
    let total = 0;
    for (const chunk of chunks) {
      current = chunk;
      total += chunk.length;
      const taken = reader.feed(chunk);
      expect(taken >= 0 && taken <= chunk.length).toBe(true);
    }
    reader.finish();
    for (const fault of told.filter((entry) => entry.includes("@"))) {
      expect(Number(fault.split("@")[1])).toBeLessThanOrEqual(total);
    }
    return [...told, `body ${body}`, `extra ${reader.extraBytes}`];
  }

  test.each([
    ["request", requestMessages],
    ["response", responseMessages],
  ])("damaged %ss never throw, and tell the same in one chunk as in several", (subject, messages) => {
    fc.assert(
      fc.property(damaged(messages, 6), fc.array(fc.nat(400), { maxLength: 4 }), (message, cuts) => {
        const edges = [0, ...cuts.sort((one, other) => one - other), message.length];
        const pieces = edges.slice(1).map((edge, index) => message.subarray(edges[index], edge));
        expect(readAnything(subject, pieces)).toEqual(readAnything(subject, [message]));
      }),
      { numRuns: 3000 },
    );
  });

  test("so do bytes at random", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("request", "response"),
        fc.uint8Array({ maxLength: 300 }),
        (subject, bytes) => {
          readAnything(subject, [Buffer.from(bytes)]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
