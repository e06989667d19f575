/** The bytes break the grammar of the message they are read as. */
export class MalformedTls extends Error {
  override readonly name = "MalformedTls";
}

/**
 * Reads the presentation language of RFC 8446 §3 strictly: no length may point past its container, and no byte may be
 * left over. Views into the given bytes, no copies.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new MalformedTls(`${count} bytes announced, ${this.left} there`);
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }

  /** An unsigned integer of 1 to 3 bytes. */
  uint(size: 1 | 2 | 3): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** A vector whose length stands before it in `size` bytes. */
  vector(size: 1 | 2 | 3): Buffer {
    return this.take(this.uint(size));
  }

  /** The same, to be read on. */
  inside(size: 1 | 2 | 3): ByteReader {
    return new ByteReader(this.vector(size));
  }

  end(): void {
    if (this.left > 0) throw new MalformedTls(`${this.left} bytes left over`);
  }
}
