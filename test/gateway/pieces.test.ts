import { describe, expect, test } from "vitest";
import { copyOfLent, holdOf, memoryOf, Piece, pieceBytes } from "../../src/gateway/pieces.ts";

const lent = Buffer.alloc(pieceBytes + 1, 7);

describe("copies of bytes that are only lent", () => {
  test.each([
    { bytes: 1, memory: 1 },
    { bytes: 64 * 1024 - 1, memory: 64 * 1024 - 1 },
    { bytes: 64 * 1024, memory: pieceBytes },
    { bytes: pieceBytes, memory: pieceBytes },
    { bytes: pieceBytes + 1, memory: pieceBytes + 1 },
  ])("$bytes bytes take $memory of memory", ({ bytes, memory }) => {
    const copy = copyOfLent(lent, 0, bytes);
    expect([copy.length, memoryOf(copy), copy.every((byte) => byte === 7)]).toEqual([bytes, memory, true]);
    expect(holdOf(copy) !== undefined).toBe(memory > bytes || bytes === pieceBytes);
  });

  test("stay as they are while anybody holds them, and are used again then", () => {
    const copy = copyOfLent(lent, 0, 100_000);
    const [one, other] = [holdOf(copy), holdOf(copy)];
    one?.();
    expect(copyOfLent(lent, 0, 100_000).buffer).not.toBe(copy.buffer);
    const again = holdOf(copy);
    other?.();
    expect(copyOfLent(lent, 0, 100_000).buffer).not.toBe(copy.buffer);
    again?.();
    expect(copyOfLent(lent, 0, 100_000).buffer).toBe(copy.buffer);
  });

  test("a part of them is held with the whole", () => {
    const copy = copyOfLent(lent, 0, 100_000);
    const letGo = holdOf(copy.subarray(20_000));
    expect(letGo).toBeTypeOf("function");
    expect(Piece.take().bytes.buffer).not.toBe(copy.buffer);
    letGo?.();
    expect(Piece.take().bytes.buffer).toBe(copy.buffer);
  });
});
