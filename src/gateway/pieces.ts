/** What is read at once, with a head and the framing of a chunk, fits into one. */
export const pieceBytes = 144 * 1024;
/** Pieces that wait for their next use. */
const mostFree = 128;

/**
 * Memory for a copy of bytes that are only lent, used again when nobody holds it any more: to allocate what is read, and to
 * have it collected, costs several times what it costs to copy it. Whoever forgets to let go costs the reuse, and nothing
 * else: such memory is collected as any other.
 */
export class Piece {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(pieceBytes);
  #holders = 0;

  /** One that nobody holds. */
  static take(): Piece {
    return free.pop() ?? new Piece();
  }

  constructor() {
    pieceOf.set(this.bytes.buffer, this);
  }

  /** Returns what is to be called, once, when whoever holds it needs it no longer. */
  hold(): () => void {
    this.#holders += 1;
    return this.#let;
  }

  readonly #let = (): void => {
    this.#holders -= 1;
    if (this.#holders === 0 && free.length < mostFree) free.push(this);
  };
}

const free: Piece[] = [];
const pieceOf = new WeakMap<ArrayBufferLike, Piece>();

/** What is read below this size is copied into memory of its own size. */
const leastPieceBytes = 64 * 1024;

/** A copy of bytes that are only lent. Where it lies in a piece, whoever keeps it is to hold that. */
export function copyOfLent(lent: Buffer, from: number, to: number): Buffer {
  const bytes = to - from;
  if (bytes < leastPieceBytes || bytes > pieceBytes) return Buffer.from(lent.subarray(from, to));
  const piece = Piece.take();
  lent.copy(piece.bytes, 0, from, to);
  return piece.bytes.subarray(0, bytes);
}

/** What is to be called when these bytes are needed no longer; undefined = they are in no piece. */
export function holdOf(bytes: Buffer): (() => void) | undefined {
  return pieceWith(bytes)?.hold();
}

/** Bytes of memory that these bytes keep from others. */
export function memoryOf(bytes: Buffer): number {
  return pieceWith(bytes) === undefined ? bytes.length : pieceBytes;
}

function pieceWith(bytes: Buffer): Piece | undefined {
  return bytes.length < leastPieceBytes ? undefined : pieceOf.get(bytes.buffer);
}
