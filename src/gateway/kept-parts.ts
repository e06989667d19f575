import { holdOf } from "./pieces.ts";

/** Smaller parts are copied together: each buffer takes some hundred bytes beside what it holds. */
const smallBytes = 4096;
const leastBlockBytes = 1024;
const mostBlockBytes = 16 * 1024;

/**
 * Bytes that are kept in order, in few buffers, however small the parts in which they came: a client that sends a byte at
 * a time must not take more than what is counted. Large parts are kept as they are.
 */
export class KeptParts {
  readonly #parts: Buffer[] = [];
  /** To let go of the pieces in which parts lie. */
  readonly #held: (() => void)[] = [];
  #block: Buffer | undefined;
  #used = 0;
  /** Where in the block the last of the parts begins; undefined = it is not in the block. */
  #lastFrom: number | undefined;
  #bytes = 0;

  /** Each stays as it is, but the last may be another after `add`. */
  get parts(): readonly Buffer[] {
    return this.#parts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nobody writes to it any more. */
  add(part: Buffer): void {
    this.#bytes += part.length;
    const letGo = holdOf(part);
    if (letGo !== undefined) this.#held.push(letGo);
    // Most bodies are one part.
    if (part.length >= smallBytes || this.#parts.length === 0) {
      this.#parts.push(part);
      this.#lastFrom = undefined;
    } else this.#copy(part);
  }

  clear(): void {
    if (this.#bytes === 0) return;
    this.#parts.length = 0;
    for (const letGo of this.#held.splice(0)) letGo();
    this.#block = undefined;
    this.#lastFrom = undefined;
    this.#bytes = 0;
  }

  #copy(part: Buffer): void {
    const block = this.#roomFor(part.length);
    part.copy(block, this.#used);
    const end = this.#used + part.length;
    const from = this.#lastFrom;
    if (from === undefined) {
      this.#lastFrom = this.#used;
      this.#parts.push(block.subarray(this.#used, end));
    } else this.#parts[this.#parts.length - 1] = block.subarray(from, end);
    this.#used = end;
  }

  #roomFor(bytes: number): Buffer {
    const block = this.#block;
    if (block !== undefined && this.#used + bytes <= block.length) return block;
    const size = Math.min(mostBlockBytes, Math.max(leastBlockBytes, this.#bytes));
    const fresh = Buffer.allocUnsafeSlow(Math.max(size, bytes));
    this.#block = fresh;
    this.#used = 0;
    this.#lastFrom = undefined;
    return fresh;
  }
}
