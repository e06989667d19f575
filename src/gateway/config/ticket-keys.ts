import { hkdfSync } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/** What the TLS library encrypts session tickets with: 16 bytes of name, two keys. */
const ticketKeyBytes = 48;
/** Tickets themselves are good for minutes; a reload after this long begins with another secret. */
const secretLastsMs = 24 * 60 * 60 * 1000;

/**
 * By which keys a listener's session tickets are made: the same in every worker and after a reload, so that clients go on
 * with a short handshake, and others as soon as anything is shown or allowed that was not before.
 */
export function ticketKeys(
  secret: Buffer,
  listenerId: string,
  certificateDigest: string,
  { minVersion, maxVersion, ciphers }: SecureContextOptions,
): Buffer {
  const what = JSON.stringify([listenerId, certificateDigest, minVersion, maxVersion, ciphers]);
  return Buffer.from(hkdfSync("sha256", secret, "", what, ticketKeyBytes));
}

/** The secret of one run, renewed now and then. */
export class TicketSecret {
  readonly #random: (bytes: number) => Buffer;
  #secret: Buffer | undefined;
  #sinceMs = 0;

  constructor(random: (bytes: number) => Buffer) {
    this.#random = random;
  }

  /** For a configuration that is made ready now, in epoch milliseconds. */
  at(nowMs: number): Buffer {
    if (this.#secret === undefined || nowMs - this.#sinceMs >= secretLastsMs) {
      this.#secret = this.#random(32);
      this.#sinceMs = nowMs;
    }
    return this.#secret;
  }
}
