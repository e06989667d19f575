/** What comes from a server in one read, with a head and the framing of a chunk, fits into one. */
const pieceBytes = 144 * 1024;
/** Below that, memory of the right size costs no more than a piece. */
const leastBytes = 16 * 1024;
/** Pieces that wait for their next use; where many are under way at a time, more are made and not kept. */
const mostKept = 16;

/** Who takes bytes, and tells when it needs them no longer. */
export interface PieceSink {
  write(bytes: Buffer, taken: () => void): boolean;
  /** Bytes that wait for the system. */
  readonly writableLength: number;
}

/**
 * Memory for a copy of bytes that are only lent. It is used again when the system has taken them, most often in the same
 * turn of the event loop: to allocate 64 KiB, and to have them collected, costs several times what it costs to copy them.
 */
class Piece {
  readonly bytes = Buffer.allocUnsafeSlow(pieceBytes);
  readonly taken = (): void => {
    if (kept.length < mostKept) kept.push(this);
  };
}

const kept: Piece[] = [];
const nothing = (): void => {};

/**
 * Writes text, bytes that are only lent, and text behind them, all at once; texts as Latin-1. Returns false where the
 * sink wants no more until it drains.
 */
export function writeLent(
  sink: PieceSink,
  before: string,
  lent: Buffer,
  from: number,
  to: number,
  after: string,
): boolean {
  const end = before.length + to - from;
  const whole = end + after.length;
  const piece = pieceFor(whole, sink);
  const bytes = piece?.bytes ?? Buffer.allocUnsafeSlow(whole);
  if (before !== "") bytes.write(before, 0, "latin1");
  lent.copy(bytes, before.length, from, to);
  if (after !== "") bytes.write(after, end, "latin1");
  // A stream asks to wait by the size of what it is given, even when the system has taken all of it at once.
  return sink.write(bytes.subarray(0, whole), piece?.taken ?? nothing) || sink.writableLength === 0;
}

/** A client that is slow already does not keep a whole piece for what is small. */
function pieceFor(bytes: number, { writableLength }: PieceSink): Piece | undefined {
  if (bytes < leastBytes || bytes > pieceBytes || writableLength > 0) return undefined;
  return kept.pop() ?? new Piece();
}
