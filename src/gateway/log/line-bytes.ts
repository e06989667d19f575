const usualBytes = 72 * 1024;
/** One that had to become larger than this is not used again: the disk was slow for once. */
const keptBytes = 1024 * 1024;

/** Lines of ASCII text behind each other, as bytes. */
export class LineBytes {
  #buffer = Buffer.allocUnsafeSlow(usualBytes);
  #bytes = 0;
  #lines = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  /** Lent until more is added. */
  get whole(): Buffer {
    return this.#buffer.subarray(0, this.#bytes);
  }

  /** One line in parts. */
  add(parts: readonly string[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    if (this.#bytes + length > this.#buffer.length) this.#grow(length);
    for (const part of parts) this.#bytes += this.#buffer.write(part, this.#bytes, "latin1");
    this.#lines += 1;
  }

  /** For other lines. Returns whether it is worth being used again. */
  empty(): boolean {
    this.#bytes = 0;
    this.#lines = 0;
    return this.#buffer.length <= keptBytes;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#bytes + bytes));
    this.#buffer.copy(larger, 0, 0, this.#bytes);
    this.#buffer = larger;
  }
}
