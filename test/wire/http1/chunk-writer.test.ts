import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chunkEnd,
  chunkStart,
  lastChunk,
  lastChunkWith,
  writeChunk,
} from "../../../src/wire/http1/chunk-writer.ts";
import { requestHead } from "../../../src/wire/http1/writer.ts";
import { trailersOf } from "./heads.ts";
import { refusalOf } from "./refusal.ts";
import { read } from "./transcript.ts";

const head = requestHead({
  method: "POST",
  target: "/",
  fields: [
    { name: "Host", value: "a" },
    { name: "Transfer-Encoding", value: "chunked" },
  ],
});

/** Keeps what is written, in the order and the pieces in which it leaves. */
class Wire {
  readonly writes: Buffer[] = [];
  #corked: Buffer[] | undefined;

  cork(): void {
    this.#corked = [];
  }

  uncork(): void {
    this.writes.push(Buffer.concat(this.#corked ?? []));
    this.#corked = undefined;
  }

  write(data: string | Buffer, _then?: "latin1" | (() => void)): boolean {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    if (this.#corked === undefined) this.writes.push(bytes);
    else this.#corked.push(bytes);
    return false;
  }
}

const latin1 = (piece: string | Buffer): string =>
  typeof piece === "string" ? piece : piece.toString("latin1");

const ways: readonly (readonly [string, (data: Buffer) => string])[] = [
  ["in three parts", (data) => `${chunkStart(data.length)}${latin1(data)}${chunkEnd}`],
  [
    "to a socket",
    (data) => {
      const wire = new Wire();
      expect(writeChunk(wire, data)).toBe(false);
      expect(wire.writes).toHaveLength(1);
      return latin1(Buffer.concat(wire.writes));
    },
  ],
];

describe.each(ways)("chunks written %s", (_way, chunkOf) => {
  test("are read back as the data they carry", () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(pieces, (data) => {
        const body = data.map((piece) => chunkOf(Buffer.from(piece))).join("");
        const { entries } = read("request", [Buffer.from(`${head}${body}${lastChunk}`, "latin1")]);
        const text = latin1(Buffer.concat(data));
        expect(entries).toEqual(["POST / host=a chunked", ...(text === "" ? [] : [`data ${text}`]), "end"]);
      }),
      { numRuns: 200 },
    );
  });

  test.each([15, 16, 4095, 4096, 4097, 65_536, 1_048_577])("of %i bytes", (size) => {
    const data = Buffer.alloc(size, "\xff\r\n0", "latin1");
    const bytes = Buffer.from(`${head}${chunkOf(data)}${lastChunk}`, "latin1");
    const { entries } = read("request", [bytes]);
    expect(entries).toEqual(["POST / host=a chunked", `data ${latin1(data)}`, "end"]);
  });
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("a chunk of %s bytes is refused", (size) => {
  expect(refusalOf(() => chunkStart(size))).toBe("invalid-chunk");
});

test("a chunk without data would end the body: nothing is written", () => {
  const wire = new Wire();
  expect(refusalOf(() => writeChunk(wire, Buffer.alloc(0)))).toBe("invalid-chunk");
  expect(wire.writes).toEqual([]);
});

test("trailers are passed on, but for those that must not be any", () => {
  const trailers = trailersOf(
    "Server-Timing:\ttotal;dur=1 ",
    "Content-Length: 7",
    "transfer-encoding: chunked",
    "HOST: b",
    "Set-Cookie: a=b",
    "Connection: close",
    "X-Checksum: 1",
    "Trailer: x",
  );
  expect(lastChunkWith(trailers)).toBe("0\r\nServer-Timing: total;dur=1\r\nX-Checksum: 1\r\n\r\n");
  expect(lastChunkWith(trailersOf("Content-Length: 7"))).toBe(lastChunk);
});
