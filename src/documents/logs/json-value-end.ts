const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What a byte means outside of a JSON string. */
const OTHER = 0;
const STRING = 1;
const OPEN = 2;
const CLOSE = 3;
const SEPARATOR = 4;

const MEANING = new Uint8Array(256).fill(OTHER);
MEANING[QUOTE] = STRING;
for (const letter of "{[") MEANING[letter.charCodeAt(0)] = OPEN;
for (const letter of "}]") MEANING[letter.charCodeAt(0)] = CLOSE;
for (const letter of ", \t\r\n") MEANING[letter.charCodeAt(0)] = SEPARATOR;

/** Finds where a JSON value ends, by brackets and strings alone; the value may come in any number of pieces. */
export class JsonValueEnd {
  private depth = 0;
  private inString = false;
  private escaped = false;

  begin(): void {
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
  }

  /** Goes on at `start`: one past the value's end, or -1 when it goes on beyond `end`. */
  find(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      if (this.inString) {
        at = this.passString(bytes, at, end);
        if (!this.inString && this.depth === 0) return at;
        continue;
      }
      const meaning = MEANING[bytes[at] as number];
      if (meaning === STRING) this.inString = true;
      else if (meaning === OPEN) this.depth++;
      else if (meaning !== OTHER && this.depth === 0)
        return at; // ends a number or a literal
      else if (meaning === CLOSE && --this.depth === 0) return at + 1;
      at++;
    }
    return -1;
  }

  /** To after the closing quote, or to `end`. */
  private passString(bytes: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        return at + 1;
      }
    }
    return end;
  }
}
