const headEnd = Buffer.from("\r\n\r\n");
const maxHeadBytes = 64 * 1024;

/** What the bytes given so far amount to. */
export type Progress = "more" | "complete" | "malformed";

/**
 * Reads answers to GET and POST, one after another, and keeps nothing but the status. Knows lengths, chunks and bodies that
 * end with the connection. A reader of its own, so that the gateway is not measured with its own yardstick.
 */
export class AnswerReader {
  status = 0;
  /** The server said that it will close the connection. */
  closes = false;
  /** At least one byte of the answer came. */
  begun = false;
  #head: Buffer | undefined;
  #state: "head" | "length" | "size" | "chunk" | "after-chunk" | "trailer" | "until-close" = "head";
  #left = 0;
  #line = "";

  reset(): void {
    this.begun = false;
    this.closes = false;
    this.#head = undefined;
    this.#state = "head";
    this.#line = "";
  }

  /** Bytes behind the end of an answer are not expected by anybody who did not ask again, and malformed. */
  take(bytes: Buffer): Progress {
    this.begun = true;
    let at = 0;
    while (true) {
      if (this.#state === "head") {
        const after = this.#takeHead(at === 0 ? bytes : bytes.subarray(at));
        if (typeof after === "string") return after;
        at += after;
      } else if (this.#state === "until-close") return "more";
      else if (this.#state === "length" || this.#state === "chunk") {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left > 0) return "more";
        if (this.#state === "length") return at === bytes.length ? "complete" : "malformed";
        this.#state = "after-chunk";
      } else {
        const end = bytes.indexOf(10, at);
        this.#line += bytes.toString("latin1", at, end < 0 ? bytes.length : end);
        if (this.#line.length > maxHeadBytes) return "malformed";
        if (end < 0) return "more";
        at = end + 1;
        const line = this.#line.replace(/\r$/, "");
        this.#line = "";
        const over = this.#takeLine(line);
        if (over !== undefined) return over === "complete" && at !== bytes.length ? "malformed" : over;
      }
    }
  }

  /** The connection has ended: whether that is how the answer ends. */
  get endsWithConnection(): boolean {
    return this.#state === "until-close";
  }

  /** A line between chunks; a progress = the answer is over. */
  #takeLine(line: string): Progress | undefined {
    if (this.#state === "after-chunk") {
      if (line !== "") return "malformed";
      this.#state = "size";
    } else if (this.#state === "trailer") {
      if (line === "") return "complete";
    } else {
      const digits = /^[0-9a-f]{1,8}/i.exec(line)?.[0];
      if (digits === undefined) return "malformed";
      this.#left = Number.parseInt(digits, 16);
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    }
    return undefined;
  }

  /** How many of these bytes belong to heads. Interim answers are passed over. */
  #takeHead(bytes: Buffer): number | Progress {
    const before = this.#head?.length ?? 0;
    const all = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(headEnd);
    if (end < 0) {
      this.#head = Buffer.from(all);
      return all.length > maxHeadBytes ? "malformed" : "more";
    }
    this.#head = undefined;
    const text = all.toString("latin1", 0, end);
    this.status = Number(text.slice(9, 12));
    if (!text.startsWith("HTTP/1.") || !(this.status >= 100 && this.status <= 999)) return "malformed";
    if (this.status >= 200 && !this.#frame(text.toLowerCase())) return "malformed";
    return end + headEnd.length - before;
  }

  #frame(head: string): boolean {
    this.closes =
      /\r\nconnection: *close\b/.test(head) || (head.startsWith("http/1.0") && !head.includes("keep-alive"));
    if (this.status === 204 || this.status === 304) {
      this.#left = 0;
      this.#state = "length";
    } else if (/\r\ntransfer-encoding: *chunked/.test(head)) this.#state = "size";
    else {
      const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
      if (length === undefined) this.#state = "until-close";
      else {
        this.#left = Number(length);
        this.#state = "length";
      }
    }
    return true;
  }
}
