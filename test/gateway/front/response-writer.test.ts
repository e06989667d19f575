import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResponseWriter } from "../../../src/gateway/front/response-writer.ts";
import { type ResponseHandler, ResponseReader } from "../../../src/wire/http1/response-reader.ts";

/** A socket that has taken what it was given only when it is told to have. */
class SlowSink {
  writableLength = 0;
  readonly #waiting: { readonly bytes: Buffer; readonly given: Buffer; readonly taken: () => void }[] = [];
  readonly sent: Buffer[] = [];

  write(data: string | Buffer, then: "latin1" | (() => void)): boolean {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    const taken = typeof then === "function" ? then : () => {};
    this.#waiting.push({ bytes, given: Buffer.from(bytes), taken });
    this.writableLength += bytes.length;
    return this.writableLength < 64 * 1024;
  }

  /** The oldest ones have been taken; what they are then is what goes out. */
  take(count: number): void {
    for (const { bytes, given, taken } of this.#waiting.splice(0, count)) {
      expect(bytes.equals(given)).toBe(true);
      this.sent.push(Buffer.from(bytes));
      this.writableLength -= bytes.length;
      taken();
    }
  }
}

interface Told {
  status: number;
  body: Buffer[];
  ended: boolean;
}

function readBack(bytes: Buffer): Told {
  const told: Told = { status: 0, body: [], ended: false };
  const handler: ResponseHandler = {
    interim: () => {},
    head: ({ status }) => {
      told.status = status;
    },
    data: (buffer, from, to) => void told.body.push(Buffer.from(buffer.subarray(from, to))),
    trailers: () => {},
    end: () => {
      told.ended = true;
    },
    fault: ({ kind, offset }) => {
      throw new Error(`${kind} at ${offset}`);
    },
  };
  const reader = new ResponseReader(handler, { method: "GET", upgrade: false });
  reader.feed(bytes, 0, bytes.length);
  return told;
}

describe("a response, piece by piece", () => {
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 5000 }),
    fc.constantFrom(4096, 4097, 16_383, 16_384, 65_536, 131_072, 150_000),
  );
  const piece = fc.record({ size: sizes, take: fc.nat(4) });
  const plan = fc.record({ pieces: fc.array(piece, { maxLength: 8 }), chunked: fc.boolean() });

  test("comes out whole, however late the system takes what is lent to it", () => {
    fc.assert(
      fc.property(fc.array(plan, { minLength: 1, maxLength: 3 }), (responses) => {
        const sink = new SlowSink();
        const writer = new ResponseWriter(sink, () => {});
        // As a connection to a server does: everything is read into the same memory.
        const lent = Buffer.alloc(150_000);
        for (const { pieces, chunked } of responses) {
          const bodies: Buffer[] = [];
          const contentLength = pieces.reduce((sum, { size }) => sum + size, 0);
          const body = chunked ? "chunked" : "length";
          writer.head({ status: 200, reason: "OK", lines: "", body, contentLength, last: false }, true, 1);
          for (const { size, take } of pieces) {
            lent.fill(1 + (bodies.length % 250), 0, size);
            bodies.push(Buffer.from(lent.subarray(0, size)));
            writer.data(lent, 0, size);
            sink.take(take);
          }
          writer.end();
          sink.take(Number.POSITIVE_INFINITY);
          const told = readBack(Buffer.concat(sink.sent.splice(0)));
          expect([told.status, told.ended]).toEqual([200, true]);
          expect(Buffer.concat(told.body).equals(Buffer.concat(bodies))).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("head and body go out in one write, and a client that keeps up is not told to wait", () => {
    const writes: number[] = [];
    const sink = {
      writableLength: 0,
      write: (data: string | Buffer, then: "latin1" | (() => void)): boolean => {
        writes.push(data.length);
        if (typeof then === "function") then();
        return false;
      },
    };
    let full = 0;
    const writer = new ResponseWriter(sink, () => (full += 1));
    const contentLength = 65_536;
    writer.head(
      { status: 200, reason: "OK", lines: "", body: "length", contentLength, last: false },
      true,
      1,
    );
    writer.data(Buffer.alloc(contentLength), 0, contentLength);
    writer.end();
    expect([writes.length, full]).toEqual([1, 0]);
  });
});
