import type { LiveExchange } from "../../model/observations.ts";
import { ShapeFault } from "../../model/shape.ts";
import { isObject, Source } from "../../model/source.ts";
import { UnreadableDocument } from "../document-set.ts";
import { feed } from "../logs/byte-window.ts";
import { type LineTaker, NdjsonParser } from "../logs/ndjson-parser.ts";
import { parseJson } from "../parse.ts";
import { observationShape } from "./observation-shape.ts";
import { headShape, type RecordingHead, recordingFormat } from "./recording.ts";

/** More than a day of probes to ten servers twice a minute; every line costs memory. */
const mostLines = 200_000;

/** Of so many lines it is said what is wrong with them; the others are counted. */
const mostFaults = 10;

/** A line that could not be read. */
export interface LineFault {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly reason: string;
}

export interface Recording {
  readonly exchanges: readonly LiveExchange[];
  /** Of the first; undefined when that line is damaged. */
  readonly head: RecordingHead | undefined;
  readonly faults: readonly LineFault[];
  /** Lines that could not be read and are not among `faults`. */
  readonly moreFaults: number;
  /** Why the recording was not read to its end, or has none. */
  readonly ending: string | undefined;
}

/**
 * The `format` that a document's first line names, when it is one of a recording of any version. A first line that was cut
 * off is told by how it begins.
 */
export function recordingFormatOf(head: string): string | undefined {
  const line = head.trimStart().split("\n", 1)[0] ?? "";
  if (!line.includes("causeway/observations/")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const format = isObject(value) ? value.format : undefined;
    return typeof format === "string" && format.startsWith("causeway/observations/") ? format : undefined;
  } catch {
    return /^\{\s*"format"\s*:\s*"(causeway\/observations\/[\w.-]{1,20})"/.exec(line)?.[1];
  }
}

/** Refuses a recording whose format is another than the one that is read. */
export function refuseOtherFormat(format: string): void {
  if (format === recordingFormat) return;
  const named = JSON.stringify(format.slice(0, 60));
  throw new UnreadableDocument(
    `a recording in the format ${named}, which this version of Causeway does not read; take a newer one`,
    `"${recordingFormat}"`,
    { line: 1, column: 1 },
  );
}

/**
 * Reads a recording line by line: what is wrong with one costs that line. Recordings written one behind another are read
 * as one. Rejects only when `chunks` does, except where packed data is damaged: what came before it counts.
 */
export async function readRecording(
  document: string,
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Recording> {
  const lines = new RecordedLines(document);
  await feed(upToLimit(chunks, lines, limitBytes), new NdjsonParser(lines));
  return lines.result();
}

async function* upToLimit(
  chunks: AsyncIterable<Uint8Array>,
  lines: RecordedLines,
  limitBytes: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > limitBytes) lines.end(`it is larger than ${Math.round(limitBytes / 1024 / 1024)} MiB`);
      if (lines.ended) return;
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    lines.end(error.message);
  }
}

class RecordedLines implements LineTaker {
  private readonly document: string;
  private readonly exchanges: LiveExchange[] = [];
  private readonly faults: LineFault[] = [];
  /** Lines that are no JSON, whose place of fault is found in the end. */
  private readonly broken: { readonly line: number; readonly text: string }[] = [];
  private head: RecordingHead | undefined;
  private faulty = 0;
  private ending: string | undefined;

  constructor(document: string) {
    this.document = document;
  }

  get ended(): boolean {
    return this.ending !== undefined;
  }

  /** Nothing more is read; the line that was being read is none. */
  end(why: string): void {
    this.ending ??= why;
  }

  line(bytes: Buffer, start: number, end: number, line: number, ended: boolean): void {
    if (this.ended) return;
    if (line > mostLines) {
      this.end(`it has more than ${mostLines} lines`);
      return;
    }
    const text = bytes.toString("utf8", start, end);
    if (text.trim() === "") return;
    const value = parsed(text);
    if (value !== undefined) this.take(value, line);
    else if (ended) this.countFault(() => this.broken.push({ line, text }));
    else this.end(`line ${line} is cut off: the recording was ended while it was written`);
  }

  tooLong(line: number): void {
    if (this.ended) return;
    const expected = "a line of at most 1 MiB";
    this.countFault(() => this.faults.push({ line, column: 1, expected, reason: "the line is longer" }));
  }

  async result(): Promise<Recording> {
    const broken = await Promise.all(this.broken.map(({ line, text }) => faultOf(line, text)));
    const faults = [...this.faults, ...broken].sort((a, b) => a.line - b.line);
    const { exchanges, head, ending } = this;
    return { exchanges, head, faults, moreFaults: this.faulty - faults.length, ending };
  }

  private take(value: unknown, line: number): void {
    try {
      if (isObject(value) && "format" in value) {
        const head = headShape.read(value, "");
        this.head ??= head;
        return;
      }
      const observation = observationShape.read(value, "");
      const source = new Source(this.document, `line ${line}`, observation);
      this.exchanges.push({ source, observation });
    } catch (error) {
      if (!(error instanceof ShapeFault)) throw error;
      const { expected, message: reason } = error;
      this.countFault(() => this.faults.push({ line, column: 1, expected, reason }));
    }
  }

  private countFault(keep: () => void): void {
    this.faulty++;
    if (this.faulty <= mostFaults) keep();
  }
}

/** Undefined where the text is no JSON; no JSON value is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where a line stops being JSON. */
async function faultOf(line: number, text: string): Promise<LineFault> {
  try {
    await parseJson(text);
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    return {
      line,
      column: error.column ?? 1,
      expected: error.expected,
      reason: "the line is not valid JSON",
    };
  }
  return { line, column: 1, expected: "one object a line", reason: "there are several" };
}
