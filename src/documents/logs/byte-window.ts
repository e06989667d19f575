/** Longest record that is read; a longer one is skipped. Real rows have 1–3 KB, and a URL at most 32 KB. */
export const LONGEST_RECORD = 1024 * 1024;

/** Pieces are no longer than this, so that one huge chunk costs no more memory than many small ones. */
const PIECE = 64 * 1024;

/** Reads a log's bytes as they come; both calls may pass on any number of rows. */
export interface LogParser {
  push(piece: Uint8Array): void;
  finish(): void;
}

/** The bytes between a record's beginning and the newest that came. `start` and `at` are the parser's to move. */
export class ByteWindow {
  bytes: Buffer = Buffer.allocUnsafe(4 * PIECE);
  /** First byte still needed. */
  start = 0;
  /** Next byte to look at. */
  at = 0;
  /** One past the newest byte; what lies beyond is rubbish. */
  end = 0;
  /** Whether the open record has grown too long: its bytes are dropped as they are passed, up to its end. */
  dropping = false;

  push(piece: Uint8Array): void {
    if (this.start > 0) this.moveToFront();
    if (this.end + piece.length > this.bytes.length) this.grow(this.end + piece.length);
    this.bytes.set(piece, this.end);
    this.end += piece.length;
  }

  /** To be called when all bytes were looked at and the record is not over: bounds what is held. */
  hold(): void {
    if (this.at - this.start > LONGEST_RECORD) this.dropping = true;
    if (this.dropping) this.start = this.at;
  }

  /** The record ends before `at`; true when it was too long to be read. */
  close(): boolean {
    const dropped = this.dropping || this.at - this.start > LONGEST_RECORD;
    this.dropping = false;
    this.start = this.at;
    return dropped;
  }

  private moveToFront(): void {
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.at -= this.start;
    this.start = 0;
  }

  private grow(needed: number): void {
    const wider = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(wider, 0, 0, this.end);
    this.bytes = wider;
  }
}

/** Feeds a parser; a UTF-8 byte order mark at the very beginning is taken off. */
export async function feed(chunks: AsyncIterable<Uint8Array>, parser: LogParser): Promise<void> {
  const head: number[] = [];
  let begun = false;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (!begun && rest.length > 0) {
      head.push(rest[0] as number);
      rest = rest.subarray(1);
      begun = head.length === 3 || head.at(-1) !== MARK[head.length - 1];
      if (begun) pushHead(head, parser);
    }
    for (let at = 0; at < rest.length; at += PIECE) parser.push(rest.subarray(at, at + PIECE));
  }
  if (!begun && head.length > 0) pushHead(head, parser);
  parser.finish();
}

const MARK = [0xef, 0xbb, 0xbf];

function pushHead(head: readonly number[], parser: LogParser): void {
  const isMark = head.length === 3 && head.every((byte, index) => byte === MARK[index]);
  if (!isMark) parser.push(Uint8Array.from(head));
}
