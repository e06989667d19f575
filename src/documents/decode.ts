import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UnreadableDocument } from "./document-set.ts";

type Bytes = AsyncIterable<Uint8Array>;

/** Enough of a document to tell what it is. */
const headBytes = 64 * 1024;

export interface DecodedDocument {
  /** The beginning of the text; the whole of it when `complete`. */
  readonly head: string;
  readonly complete: boolean;
  /** The whole text from its beginning, as UTF-8 without byte order mark. To be read once. */
  readonly chunks: Bytes;
}

/** Undoes gzip and UTF-16, which are told by their bytes alone, and drops the byte order mark. */
export async function decode(raw: Bytes): Promise<DecodedDocument> {
  const packed = await peek(raw, 2);
  const plain = isGzip(packed.head) ? gunzip(packed.chunks) : packed.chunks;
  const text = toUtf8(await peek(plain, 1024));
  const { head, chunks, complete } = await peek(text, headBytes);
  return { head: decodeHead(head), complete, chunks };
}

/** The text of all chunks. Refuses documents above the limit, so that no small gzip can fill the memory. */
export async function textOf(chunks: Bytes, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  const pieces: string[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > limitBytes) {
      const limit = `${Math.round(limitBytes / 1024 / 1024)} MiB`;
      throw new UnreadableDocument(
        `larger than ${limit}, which no export of single resources is; give the resources in several files`,
        `at most ${limit} of text`,
      );
    }
    pieces.push(decoder.decode(chunk, { stream: true }));
  }
  pieces.push(decoder.decode());
  return pieces.join("");
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

async function* gunzip(chunks: Bytes): Bytes {
  const unpacked = Readable.from(chunks).pipe(createGunzip({ chunkSize: headBytes }));
  try {
    yield* unpacked as Bytes;
  } catch (error) {
    throw new UnreadableDocument(
      `the gzip data is damaged or cut off (${(error as Error).message}); copy the file again`,
      "complete gzip data",
    );
  }
}

interface Peeked {
  readonly head: Uint8Array;
  readonly complete: boolean;
  readonly chunks: Bytes;
}

/** The first bytes, with the whole still to be read. */
async function peek(chunks: Bytes, size: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  let complete = false;
  while (length < size) {
    const next = await iterator.next();
    if (next.done) {
      complete = true;
      break;
    }
    taken.push(next.value);
    length += next.value.byteLength;
  }
  return {
    head: taken.length === 1 ? (taken[0] as Uint8Array) : Buffer.concat(taken),
    complete,
    chunks: follow(taken, complete ? undefined : iterator),
  };
}

async function* follow(taken: readonly Uint8Array[], rest: AsyncIterator<Uint8Array> | undefined): Bytes {
  try {
    yield* taken;
    if (rest === undefined) return;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest?.return?.();
  }
}

type Encoding = { readonly name: "utf-8" | "utf-16le" | "utf-16be"; readonly markBytes: 0 | 2 | 3 };

/** PowerShell's `>` writes UTF-16; without a mark, the zero bytes of ASCII characters give it away. */
function encodingOf(head: Uint8Array): Encoding {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: "utf-8", markBytes: 3 };
  if (a === 0xff && b === 0xfe) return { name: "utf-16le", markBytes: 2 };
  if (a === 0xfe && b === 0xff) return { name: "utf-16be", markBytes: 2 };
  if (a !== undefined && a !== 0 && b === 0) return { name: "utf-16le", markBytes: 0 };
  if (a === 0 && b !== undefined && b !== 0) return { name: "utf-16be", markBytes: 0 };
  return { name: "utf-8", markBytes: 0 };
}

async function* toUtf8({ head, chunks }: Peeked): Bytes {
  const { name, markBytes } = encodingOf(head);
  let skip: number = markBytes;
  const decoder = name === "utf-8" ? undefined : new TextDecoder(name, { ignoreBOM: true });
  for await (const chunk of chunks) {
    const body = skip === 0 ? chunk : chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.byteLength);
    if (decoder === undefined) {
      if (body.byteLength > 0) yield body;
    } else {
      yield Buffer.from(decoder.decode(body, { stream: true }), "utf8");
    }
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode(), "utf8");
}

/** A character cut in two at the end of the head is left out. */
function decodeHead(head: Uint8Array): string {
  return new TextDecoder("utf-8").decode(head, { stream: true });
}
