import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader, type Progress } from "../../bench/gateway/load/answer-reader.ts";

const length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunks =
  "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n";
const interim = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${length}`;
const empty = "HTTP/1.1 204 None\r\n\r\n";

/** What each piece led to. */
function read(reader: AnswerReader, ...pieces: readonly string[]): readonly Progress[] {
  return pieces.map((piece) => reader.take(Buffer.from(piece, "latin1")));
}

describe("answers", () => {
  test.each([
    ["by length", length, 200],
    ["in chunks", chunks, 503],
    ["after interim ones", interim, 200],
    ["without body", empty, 204],
  ])("%s end with their last byte, however they are cut", (_name, text, status) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 5 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = at
          .slice(1)
          .map((end, index) => text.slice(at[index], end))
          .filter((piece) => piece !== "");
        const reader = new AnswerReader();
        const said = read(reader, ...pieces);
        expect(said.slice(0, -1).every((progress) => progress === "more")).toBe(true);
        expect(said.at(-1)).toBe("complete");
        expect(reader.status).toBe(status);
      }),
    );
  });

  test("follow one another on a connection", () => {
    const reader = new AnswerReader();
    expect(read(reader, length)).toEqual(["complete"]);
    reader.reset();
    expect(reader.begun).toBe(false);
    expect(read(reader, chunks)).toEqual(["complete"]);
    expect(reader.status).toBe(503);
  });

  test("may end with the connection", () => {
    const reader = new AnswerReader();
    expect(read(reader, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "what", "ever")).toEqual([
      "more",
      "more",
      "more",
    ]);
    expect([reader.endsWithConnection, reader.closes]).toEqual([true, true]);
  });

  test.each([
    ["more than was announced", `${length}!`],
    ["a second one nobody asked for", length + length],
    ["no status line", "SSH-2.0-x\r\n\r\n"],
    ["no status", "HTTP/1.1 abc\r\n\r\n"],
    ["a chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"],
    ["a chunk that is longer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n"],
    ["bytes after the last chunk", `${chunks}!`],
  ])("are malformed: %s", (_name, text) => {
    expect(read(new AnswerReader(), text)).toEqual(["malformed"]);
  });
});
