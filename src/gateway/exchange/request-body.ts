import { KeptParts } from "../kept-parts.ts";
import { copyOfLent, memoryOf } from "../pieces.ts";

/** What all request bodies together may hold in memory. */
export class BodyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/**
 * The body of one request as far as it has come. It is whole as long as nothing was let go: then it can be sent from its
 * beginning, to whomever.
 */
export class RequestBody {
  readonly #kept = new KeptParts();
  #budget: BodyBudget | undefined;
  #limit = 0;
  #taken = 0;
  /** Bytes that came. */
  bytes = 0;
  /** The last byte has come. */
  ended = false;
  /** Every byte that came is kept. */
  whole = true;
  /** More than is to be kept: whoever can let it go does. */
  tooLarge = false;

  /** For the next request; lets go what was kept. */
  start(limit: number, budget: BodyBudget): void {
    this.release();
    this.#budget = budget;
    this.#limit = limit;
    this.bytes = 0;
    this.ended = false;
    this.whole = true;
    this.tooLarge = false;
  }

  get parts(): readonly Buffer[] {
    return this.#kept.parts;
  }

  /** Takes a copy of what is only lent, and keeps it as long as the body is whole. Returns the copy. */
  add(lent: Buffer, from: number, to: number): Buffer {
    const part = copyOfLent(lent, from, to);
    this.bytes += part.length;
    if (!this.whole) return part;
    this.#kept.add(part);
    const takes = memoryOf(part);
    const fits = !this.tooLarge && this.bytes <= this.#limit && this.#budget?.take(takes) === true;
    if (fits) this.#taken += takes;
    else this.tooLarge = true;
    return part;
  }

  /** Nothing of it will be sent again. */
  release(): void {
    if (this.bytes > 0) this.whole = false;
    if (this.#taken > 0) this.#budget?.give(this.#taken);
    this.#kept.clear();
    this.#taken = 0;
  }
}
