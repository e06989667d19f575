/** How the bytes of a cell are written. */
export const PLAIN = 1;
export const JSON_ESCAPED = 2;
export const CSV_DOUBLED = 3;
export const NUMBER = 4;

const SLOT_BYTES = 256;

/**
 * The text of cells that come again and again (names, servers, paths): bytes → the same string object, without making
 * garbage. Direct-mapped and fixed in size: a text that falls on a taken slot replaces what is there, so a hostile log
 * costs speed, never memory.
 */
export class TextCache {
  private readonly finish: (text: string) => string;
  private readonly mask: number;
  private readonly arena: Uint8Array;
  private readonly arenaView: DataView;
  /** The buffer that was last compared with, and the same for comparing four bytes at a time. */
  private bytes: Buffer | undefined;
  private bytesView: DataView = new DataView(new ArrayBuffer(0));
  /** Length and notation of what a slot holds; -1 is none. */
  private readonly marks: Int32Array;
  private readonly texts: string[];

  /** `slots`: a power of two. `finish` is applied once to every decoded text. */
  constructor(slots: number, finish: (text: string) => string) {
    this.finish = finish;
    this.mask = slots - 1;
    this.arena = new Uint8Array(slots * SLOT_BYTES);
    this.arenaView = new DataView(this.arena.buffer);
    this.marks = new Int32Array(slots).fill(-1);
    this.texts = new Array<string>(slots).fill("");
  }

  /** The text of `bytes[start, end)`, written in `notation`. */
  text(bytes: Buffer, start: number, end: number, notation: number): string {
    const length = end - start;
    if (length > SLOT_BYTES) return this.finish(decode(bytes, start, end, notation));
    const mark = length * 8 + notation;
    const slot = sampleHash(bytes, start, end, mark) & this.mask;
    if (this.marks[slot] === mark && this.holds(slot, bytes, start, end)) return this.texts[slot] as string;
    const text = this.finish(decode(bytes, start, end, notation));
    this.marks[slot] = mark;
    this.texts[slot] = text;
    const base = slot * SLOT_BYTES;
    for (let i = 0; i < length; i++) this.arena[base + i] = bytes[start + i] as number;
    return text;
  }

  private holds(slot: number, bytes: Buffer, start: number, end: number): boolean {
    const { arena, arenaView } = this;
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.bytesView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.bytesView;
    let at = start;
    let own = slot * SLOT_BYTES;
    for (const last = end - 4; at <= last; at += 4, own += 4) {
      if (arenaView.getInt32(own, true) !== view.getInt32(at, true)) return false;
    }
    for (; at < end; at++, own++) if (arena[own] !== bytes[at]) return false;
    return true;
  }
}

/** Up to eight bytes spread over the text, and its last four, where paths and addresses differ. */
function sampleHash(bytes: Buffer, start: number, end: number, seed: number): number {
  let hash = seed;
  const step = ((end - start) >> 3) + 1;
  for (let at = start; at < end; at += step) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  for (let at = Math.max(end - 4, start); at < end; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** The text of a cell's bytes. `JSON_ESCAPED` bytes must have been checked to be the inside of a JSON string. */
export function decode(bytes: Buffer, start: number, end: number, notation: number): string {
  const raw = bytes.toString("utf8", start, end);
  if (notation === JSON_ESCAPED) return JSON.parse(`"${raw}"`) as string;
  if (notation === CSV_DOUBLED) return raw.replaceAll('""', '"');
  if (notation === NUMBER) return String(Number(raw));
  return raw;
}
