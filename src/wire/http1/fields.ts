import { HTAB, matchesAt, SP } from "./bytes.ts";

/** One field line as a pair that may be kept. */
export interface FieldLine {
  readonly name: string;
  readonly value: string;
}

const isBlank = (code: number): boolean => code === SP || code === HTAB;

/**
 * The field lines of one head, in order and as received, as marks into its text: nothing is cut out before it is asked
 * for. It belongs to the reader and is written anew with the next head; the strings it hands out may be kept.
 */
export class HeaderFields {
  #text = "";
  #origin = 0;
  #count = 0;
  /** Every line stands as we would write it: `Name: value`, without further blanks. */
  #plain = true;
  /** Four a field: name start, name end, value start, value end. */
  readonly #marks: number[] = [];

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.#plain = true;
  }

  /** Notes a field line by offsets into the text that `seal` brings; blanks may stand around its value. */
  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#plain = false;
    this.#mark4(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** Notes a line of the form `Name: value` and CRLF that begins behind the one before, its value without blanks around. */
  addPlain(nameStart: number, nameEnd: number, valueEnd: number): void {
    this.#mark4(nameStart, nameEnd, nameEnd + 2, valueEnd);
  }

  #mark4(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.#count * 4;
    this.#marks[at] = nameStart;
    this.#marks[at + 1] = nameEnd;
    this.#marks[at + 2] = valueStart;
    this.#marks[at + 3] = valueEnd;
    this.#count += 1;
  }

  /** `origin`: the offset of the text within the message. Cuts the blanks after values (RFC 9112 §5.1). */
  seal(text: string, origin: number): void {
    this.#text = text;
    this.#origin = origin;
    if (this.#plain) return;
    for (let index = 0; index < this.#count; index++) {
      const start = this.#mark(index, 2);
      let end = this.#mark(index, 3);
      while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
      this.#marks[index * 4 + 3] = end;
    }
  }

  /** The lines from `from` up to `to`, each as `Name: value` and CRLF, whatever blanks stood around the values. */
  lines(from = 0, to = this.#count): string {
    if (from >= to) return "";
    if (this.#plain) return this.#text.slice(this.#mark(from, 0), this.#mark(to - 1, 3) + 2);
    let lines = "";
    for (let index = from; index < to; index++) lines += `${this.name(index)}: ${this.value(index)}\r\n`;
    return lines;
  }

  /** As received: names differ in case. */
  name(index: number): string {
    return this.#text.slice(this.#mark(index, 0), this.#mark(index, 1));
  }

  /** Bytes as Latin-1, without the blanks around them. */
  value(index: number): string {
    return this.#text.slice(this.#mark(index, 2), this.#mark(index, 3));
  }

  nameLength(index: number): number {
    return this.#mark(index, 1) - this.#mark(index, 0);
  }

  /** `lower`: the name in lower case. */
  isNamed(index: number, lower: string): boolean {
    return this.nameLength(index) === lower.length && matchesAt(this.#text, this.#mark(index, 0), lower);
  }

  /** Whether the value is `lower` (which is in lower case), ASCII case aside. */
  isValue(index: number, lower: string): boolean {
    const start = this.#mark(index, 2);
    return this.#mark(index, 3) - start === lower.length && matchesAt(this.#text, start, lower);
  }

  /** The first index from `from` on with this lower-case name, or -1. */
  find(lower: string, from = 0): number {
    for (let index = from; index < this.#count; index++) {
      if (this.isNamed(index, lower)) return index;
    }
    return -1;
  }

  /** The value of the first field line with this lower-case name. */
  get(lower: string): string | undefined {
    const index = this.find(lower);
    return index < 0 ? undefined : this.value(index);
  }

  /** A copy to keep. */
  list(): FieldLine[] {
    return Array.from({ length: this.#count }, (_, index) => ({
      name: this.name(index),
      value: this.value(index),
    }));
  }

  /** Where in the message the name stands. */
  nameOffset(index: number): number {
    return this.#origin + this.#mark(index, 0);
  }

  /** Where in the message the value stands. */
  valueOffset(index: number): number {
    return this.#origin + this.#mark(index, 2);
  }

  #mark(index: number, which: number): number {
    return this.#marks[index * 4 + which] ?? 0;
  }
}
