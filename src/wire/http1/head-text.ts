const NOTHING = Buffer.alloc(0);

/** The text of one head: decoded once from where it lies, or, when it came in pieces, from a copy of these. */
export class HeadText {
  #kept = NOTHING;
  #length = 0;

  clear(): void {
    this.#kept = NOTHING;
    this.#length = 0;
  }

  /** Copies bytes of a head that is not complete; the caller bounds how many. */
  keep(buffer: Buffer, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, 2 * needed));
      this.#kept.copy(larger, 0, 0, this.#length);
      this.#kept = larger;
    }
    buffer.copy(this.#kept, this.#length, from, to);
    this.#length = needed;
  }

  /** The whole text, whose last bytes these are. Lets go of the copy, so that an idle connection holds none. */
  complete(buffer: Buffer, from: number, to: number): string {
    if (this.#length === 0) return buffer.toString("latin1", from, to);
    this.keep(buffer, from, to);
    const text = this.#kept.toString("latin1", 0, this.#length);
    this.clear();
    return text;
  }
}
