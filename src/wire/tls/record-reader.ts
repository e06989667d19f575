/** Content types of RFC 8446 §5.1. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export interface TlsRecord {
  readonly type: number;
  /** The five bytes before the fragment: what TLS 1.3 authenticates beside it (RFC 8446 §5.2). */
  readonly header: Buffer;
  readonly fragment: Buffer;
}

/** `not-tls`: the very first bytes are no record. Otherwise a later record breaks the rule named. */
export type RecordFault = "not-tls" | "record-type" | "record-version" | "record-length";

const headerBytes = 5;
/** RFC 5246 §6.2.3; TLS 1.3 allows less (2^14 + 256), which its own keys would tell. */
const fragmentLimit = 2 ** 14 + 2048;

/**
 * Cuts a byte stream into records. Holds at most one record, whatever the lengths say and however the bytes are split;
 * after a fault it reads nothing more.
 */
export class RecordReader {
  readonly #held = Buffer.alloc(headerBytes + fragmentLimit);
  #heldBytes = 0;
  #count = 0;
  #fault: RecordFault | undefined;

  get fault(): RecordFault | undefined {
    return this.#fault;
  }

  /** The records that these bytes complete; they own their memory. */
  push(bytes: Buffer): TlsRecord[] {
    const records: TlsRecord[] = [];
    let offset = 0;
    while (offset < bytes.length && this.#fault === undefined) {
      const missing = this.#wanted() - this.#heldBytes;
      const taken = bytes.copy(this.#held, this.#heldBytes, offset, Math.min(bytes.length, offset + missing));
      this.#heldBytes += taken;
      offset += taken;
      this.#fault = this.#headerFault();
      if (this.#fault === undefined && this.#complete()) records.push(this.#release());
    }
    return records;
  }

  #wanted(): number {
    return this.#heldBytes < headerBytes ? headerBytes : headerBytes + this.#held.readUInt16BE(3);
  }

  #complete(): boolean {
    return this.#heldBytes >= headerBytes && this.#heldBytes === this.#wanted();
  }

  #release(): TlsRecord {
    const bytes = Buffer.from(this.#held.subarray(0, this.#heldBytes));
    this.#heldBytes = 0;
    this.#count += 1;
    return {
      type: bytes.readUInt8(0),
      header: bytes.subarray(0, headerBytes),
      fragment: bytes.subarray(headerBytes),
    };
  }

  /** Looks at as much of the header as is there: one byte is enough to know that something is not TLS. */
  #headerFault(): RecordFault | undefined {
    const [type = 0, major] = this.#held.subarray(0, Math.min(this.#heldBytes, headerBytes));
    const first = this.#count === 0;
    const { changeCipherSpec, alert, handshake, applicationData } = contentType;
    if (first && type !== alert && type !== handshake) return "not-tls";
    if (type < changeCipherSpec || type > applicationData) return "record-type";
    if (major !== undefined && major !== 3) return first ? "not-tls" : "record-version";
    if (this.#heldBytes < headerBytes) return undefined;
    const length = this.#held.readUInt16BE(3);
    if (length > fragmentLimit) return first ? "not-tls" : "record-length";
    // RFC 8446 §5.1: only application data may be empty.
    return length === 0 && type !== applicationData ? "record-length" : undefined;
  }
}
