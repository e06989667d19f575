import type { WireFault } from "../../wire/http1/fault.ts";

/** A response that was none, as much of it as helps to see why. It may hold what is secret: mask it before it is shown. */
export interface InvalidResponse {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** `ip:port` */
  readonly server: string;
  readonly fault: WireFault;
  /** Around the fault, at most `keptBytes`. */
  readonly bytes: Buffer;
  /** Where in the response they begin. */
  readonly bytesFrom: number;
}

const keptBytes = 2048;
const keptBehind = 512;
const firstBytesKept = 512;

/**
 * The beginning of the response being read, for as long as its head is incomplete: a fault is shown with what stood before
 * it, also where that came in another packet. Copies nothing of heads that come whole.
 */
export class ResponseBeginning {
  #kept: Buffer | undefined;
  /** Offset of the first byte kept. */
  #from = 0;

  clear(): void {
    this.#kept = undefined;
    this.#from = 0;
  }

  /** A head that goes on in what comes next. */
  keep(chunk: Buffer): void {
    const joined = this.#kept === undefined ? Buffer.from(chunk) : Buffer.concat([this.#kept, chunk]);
    const excess = Math.max(0, joined.length - keptBytes);
    this.#kept = excess === 0 ? joined : Buffer.from(joined.subarray(excess));
    this.#from += excess;
  }

  /** `chunkFrom`: the offset in the response of the chunk in which it turned out to be none. */
  invalid(fault: WireFault, chunk: Buffer, chunkFrom: number): Pick<InvalidResponse, "bytes" | "bytesFrom"> {
    const kept = this.#kept;
    const whole = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
    const wholeFrom = kept === undefined ? chunkFrom : this.#from;
    const end = Math.min(whole.length, Math.max(0, fault.offset - wholeFrom) + keptBehind);
    const start = Math.max(0, end - keptBytes);
    return { bytes: Buffer.from(whole.subarray(start, end)), bytesFrom: wholeFrom + start };
  }

  /** How the response begins; undefined when that was not kept. */
  first(chunk: Buffer, chunkFrom: number): Buffer | undefined {
    const kept = this.#kept;
    if ((kept === undefined ? chunkFrom : this.#from) !== 0) return undefined;
    const whole = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
    return Buffer.from(whole.subarray(0, firstBytesKept));
  }
}
