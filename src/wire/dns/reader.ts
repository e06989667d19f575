import { DnsFaultError } from "./fault.ts";
import { labelText } from "./name.ts";

/**
 * A name has at most 127 labels, so an honest one is in at most as many pieces; more pointers only cost time.
 */
const maxPointers = 127;
const maxNameBytes = 255;

/** Reads fields of one message in order. Every read past the end is a fault, never a zero. */
export class DnsReader {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  uint8(): number {
    const value = this.bytes[this.offset];
    if (value === undefined) throw new DnsFaultError("short", this.offset);
    this.offset += 1;
    return value;
  }

  uint16(): number {
    return this.uint8() * 0x100 + this.uint8();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  take(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new DnsFaultError("short", this.bytes.length);
    const taken = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }

  /**
   * A name, compressed or not (RFC 1035 §4.1.4), in the text form of `name.ts`. A pointer must lead to a place before
   * the piece it stands in: so no chain of pointers can be a circle, and reading ends.
   */
  name(): string {
    const labels: string[] = [];
    let after: number | undefined;
    let pieceStart = this.offset;
    let total = 1;
    let pointers = 0;
    for (;;) {
      const at = this.offset;
      const length = this.uint8();
      if (length === 0) break;
      if (length >= 0xc0) {
        const target = (length & 0x3f) * 0x100 + this.uint8();
        pointers += 1;
        if (target >= pieceStart || pointers > maxPointers) throw new DnsFaultError("pointer", at);
        after ??= this.offset;
        pieceStart = target;
        this.offset = target;
        continue;
      }
      if (length >= 0x40) throw new DnsFaultError("label-type", at);
      total += length + 1;
      if (total > maxNameBytes) throw new DnsFaultError("name-too-long", at);
      labels.push(labelText(this.take(length)));
    }
    this.offset = after ?? this.offset;
    return labels.length === 0 ? "." : labels.join(".");
  }
}
