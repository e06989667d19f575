import { createDecipheriv, createHmac } from "node:crypto";
import { MalformedTls } from "./byte-reader.ts";
import type { TlsRecord } from "./record-reader.ts";

interface Suite {
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly keyBytes: number;
  readonly hash: "sha256" | "sha384";
}

/** RFC 8446 §B.4. The two CCM suites are offered by no client of ours. */
const suites: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { cipher: "aes-128-gcm", keyBytes: 16, hash: "sha256" }],
  [0x1302, { cipher: "aes-256-gcm", keyBytes: 32, hash: "sha384" }],
  [0x1303, { cipher: "chacha20-poly1305", keyBytes: 32, hash: "sha256" }],
]);

const tagBytes = 16;
const nonceBytes = 12;

/** What was inside a protected record: TLSInnerPlaintext without its padding (RFC 8446 §5.2). */
export interface InnerPlaintext {
  readonly type: number;
  readonly content: Buffer;
}

/** Opens the records one traffic secret protects, in their order. */
export class RecordProtection {
  readonly #suite: Suite;
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #sequence = 0;

  /** @throws MalformedTls for a cipher suite that is none of TLS 1.3's. */
  constructor(cipherCode: number, secret: Buffer) {
    const suite = suites.get(cipherCode);
    if (suite === undefined) throw new MalformedTls(`cipher suite ${cipherCode} in TLS 1.3`);
    this.#suite = suite;
    this.#key = expandLabel(suite.hash, secret, "key", suite.keyBytes);
    this.#iv = expandLabel(suite.hash, secret, "iv", nonceBytes);
  }

  /** @throws MalformedTls when the record was not protected with this secret, or is empty. */
  open(record: TlsRecord): InnerPlaintext {
    const split = record.fragment.length - tagBytes;
    if (split < 1) throw new MalformedTls("protected record too short");
    const plain = this.#decrypt(
      record.header,
      record.fragment.subarray(0, split),
      record.fragment.subarray(split),
    );
    this.#sequence += 1;
    let end = plain.length;
    while (end > 0 && plain[end - 1] === 0) end -= 1;
    const type = plain[end - 1];
    if (type === undefined) throw new MalformedTls("protected record without content type");
    return { type, content: plain.subarray(0, end - 1) };
  }

  #decrypt(header: Buffer, sealed: Buffer, tag: Buffer): Buffer {
    try {
      const options = { authTagLength: tagBytes };
      // The types know the two modes apart; the calls are the same.
      const decipher =
        this.#suite.cipher === "chacha20-poly1305"
          ? createDecipheriv(this.#suite.cipher, this.#key, this.#nonce(), options)
          : createDecipheriv(this.#suite.cipher, this.#key, this.#nonce(), options);
      decipher.setAAD(header, { plaintextLength: sealed.length });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]);
    } catch {
      throw new MalformedTls("record does not open with the key of the connection");
    }
  }

  /** RFC 8446 §5.3: the sequence number over the end of the IV. */
  #nonce(): Buffer {
    const nonce = Buffer.from(this.#iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence) >>> 0, 8);
    return nonce;
  }
}

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1). All lengths asked for fit the first block of RFC 5869 §2.3. */
export function expandLabel(
  hash: "sha256" | "sha384",
  secret: Buffer,
  label: string,
  length: number,
): Buffer {
  const name = Buffer.from(`tls13 ${label}`, "latin1");
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}
