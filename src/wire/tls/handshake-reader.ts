import { MalformedTls } from "./byte-reader.ts";

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
}

const headerBytes = 4;
/** A little more than OpenSSL takes of a certificate list (100 KiB), so that what it refuses can still be named. */
export const messageLimit = 128 * 1024;

/**
 * Puts handshake messages together from the fragments of records (RFC 8446 §5.1: a message may span records, a record
 * may hold several messages). Memory grows with the bytes that came, never with the length that was announced.
 */
export class HandshakeReader {
  #held = Buffer.alloc(1024);
  #heldBytes = 0;

  /** Whether a message is begun and not ended: keys may not change here (RFC 8446 §5.1). */
  get midway(): boolean {
    return this.#heldBytes > 0;
  }

  /** @throws MalformedTls when a message announces more than the limit. */
  push(fragment: Buffer): HandshakeMessage[] {
    this.#append(fragment);
    const messages: HandshakeMessage[] = [];
    let offset = 0;
    while (this.#heldBytes - offset >= headerBytes) {
      const length = this.#held.readUIntBE(offset + 1, 3);
      if (length > messageLimit) throw new MalformedTls(`handshake message of ${length} bytes`);
      const end = offset + headerBytes + length;
      if (end > this.#heldBytes) break;
      const body = Buffer.from(this.#held.subarray(offset + headerBytes, end));
      messages.push({ type: this.#held.readUInt8(offset), body });
      offset = end;
    }
    this.#held.copyWithin(0, offset, this.#heldBytes);
    this.#heldBytes -= offset;
    return messages;
  }

  #append(fragment: Buffer): void {
    const needed = this.#heldBytes + fragment.length;
    if (needed > this.#held.length) {
      const larger = Buffer.alloc(Math.max(needed, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    fragment.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
  }
}
