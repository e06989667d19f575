import { Piece, pieceBytes } from "../pieces.ts";

/** Below that, memory of the right size costs no more than a piece. */
const leastBytes = 16 * 1024;

/** Who takes bytes, and tells when it needs them no longer. */
export interface PieceSink {
  write(bytes: Buffer, taken: () => void): boolean;
  /** Bytes that wait for the system. */
  readonly writableLength: number;
}

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
  return sink.write(bytes.subarray(0, whole), piece?.hold() ?? nothing) || sink.writableLength === 0;
}

/** A client that is slow already does not keep a whole piece for what is small. */
function pieceFor(bytes: number, { writableLength }: PieceSink): Piece | undefined {
  const fits = bytes >= leastBytes && bytes <= pieceBytes && writableLength === 0;
  return fits ? Piece.take() : undefined;
}
