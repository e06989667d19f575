import type { Observations } from "../model/observations.ts";
import { decode, textOf } from "./decode.ts";
import {
  type DocumentFailure,
  type DocumentInput,
  type DocumentNote,
  type DocumentSet,
  UnreadableDocument,
} from "./document-set.ts";
import { DocumentTally, emptyHarvest, type Harvest } from "./harvest.ts";
import { logNatureOf } from "./log-notation.ts";
import { type AccessLogNotation, readAccessLog } from "./logs/access-log.ts";
import { inOrder } from "./observations/in-order.ts";
import { recordingFormatOf, refuseOtherFormat } from "./observations/read-recording.ts";
import { takeRecording } from "./observations/take-recording.ts";
import { parseJson } from "./parse.ts";
import { recognise } from "./recognise.ts";
import { countOf } from "./resource-kinds.ts";
import { settle } from "./settle.ts";
import {
  isShortValue,
  mayBeShortYaml,
  mostShortBytes,
  shallBeYaml,
  takeShort,
  takeShortValue,
} from "./short/read-short.ts";
import { whyTextIsNotRead } from "./text-kinds.ts";

export interface ReadOptions {
  /** Largest JSON document; logs have no limit. */
  readonly limitBytes?: number;
}

const defaultLimitBytes = 256 * 1024 * 1024;

/**
 * Reads documents of any mix of notations, told apart by their content alone. Nothing in them makes this throw: what
 * cannot be read is a failure with its place, what is of no use is noted with the reason.
 */
export async function readDocuments(
  inputs: Iterable<DocumentInput> | AsyncIterable<DocumentInput>,
  options: ReadOptions = {},
): Promise<DocumentSet> {
  const reading = new Reading(options.limitBytes ?? defaultLimitBytes);
  for await (const input of inputs) await reading.read(input);
  return reading.result();
}

/** An input that is in memory already. */
export function documentOf(name: string, content: string | Uint8Array): DocumentInput {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return {
    name,
    async *open() {
      yield bytes;
    },
  };
}

class Reading {
  private readonly harvest: Harvest = emptyHarvest();
  private readonly failures: DocumentFailure[] = [];
  /** By document name; a failed document has its note already. */
  private readonly notes: (() => DocumentNote)[] = [];
  private readonly tallies = new Map<string, DocumentTally>();
  private readonly limitBytes: number;
  private sawLog = false;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  async read(input: DocumentInput): Promise<void> {
    const tally = new DocumentTally();
    try {
      await this.readOne(input, tally);
      this.notes.push(() => tally.note(input.name));
    } catch (error) {
      this.fail(input.name, error);
    }
  }

  result(): DocumentSet {
    const records = settle(this.harvest, this.tallies);
    const observations: Observations = {
      healthReports: this.harvest.healthReports,
      live: inOrder(this.harvest.live, this.tallies),
      traffic: this.sawLog ? this.harvest.traffic.result() : undefined,
      activities: this.harvest.activities,
    };
    return {
      records,
      listedTypes: this.harvest.listedTypes,
      observations,
      documents: this.notes.map((note) => note()),
      failures: this.failures,
    };
  }

  private async readOne(input: DocumentInput, tally: DocumentTally): Promise<void> {
    const { head, complete, chunks } = await decode(input.open());
    const format = recordingFormatOf(head);
    if (format !== undefined) return this.readRecording(input.name, format, chunks, tally);
    const nature = logNatureOf(head);
    if (nature?.log === "access") return this.readLog(input.name, nature.notation, chunks, tally);
    if (nature !== undefined) {
      tally.ignore(
        `${nature.log} log`,
        `a ${nature.log} log does not tell the cause of a 502; give the access log`,
      );
      return;
    }
    // Each text of a JSON sequence (RFC 7464) begins with a record separator.
    if (/^[{[]/.test(head.replace("\u001e", "").trimStart()))
      return this.readJson(input.name, await textOf(chunks, this.limitBytes), tally);
    if (mayBeShortYaml(head)) return this.readShort(input.name, await textOf(chunks, mostShortBytes), tally);
    const { kind, reason } = whyTextIsNotRead(head);
    const json = messagesEnd(head) === undefined ? undefined : await textOf(chunks, this.limitBytes);
    if (json !== undefined) {
      tally.remark("the messages before the JSON were left out");
      return this.readJson(input.name, json.slice(messagesEnd(head)), tally);
    }
    if (complete && shallBeYaml(input.name, head, kind)) {
      const { refuseBrokenYaml } = await import("./short/parse-yaml.ts");
      refuseBrokenYaml(head);
    }
    tally.ignore(kind, reason);
  }

  private async readJson(name: string, text: string, tally: DocumentTally): Promise<void> {
    const values = await parseJson(text);
    // Read once more, with the place of everything in it.
    if (values.length === 1 && text.length <= mostShortBytes && isShortValue(values[0]))
      return this.readShort(name, text, tally);
    for (const [index, value] of values.entries()) {
      const document = values.length === 1 ? name : `${name} (document ${index + 1})`;
      this.tallies.set(document, tally);
      if (isShortValue(value)) {
        takeShortValue(document, value, this.harvest, tally);
        continue;
      }
      const logRows = recognise(document, value, this.harvest, tally);
      if (logRows.length > 0) await this.readLog(document, "ndjson", linesOf(logRows), tally);
    }
  }

  /** The parser of YAML is loaded only when there is some. */
  private async readShort(name: string, text: string, tally: DocumentTally): Promise<void> {
    const { parseYaml } = await import("./short/parse-yaml.ts");
    const written = parseYaml(text);
    for (const [index, one] of written.entries()) {
      const document = written.length === 1 ? name : `${name} (document ${index + 1})`;
      this.tallies.set(document, tally);
      takeShort(document, one, this.harvest, tally);
    }
  }

  private async readRecording(
    name: string,
    format: string,
    chunks: AsyncIterable<Uint8Array>,
    tally: DocumentTally,
  ): Promise<void> {
    refuseOtherFormat(format);
    this.tallies.set(name, tally);
    const failures = await takeRecording(name, chunks, this.limitBytes, this.harvest.live, tally);
    this.failures.push(...failures);
  }

  private async readLog(
    name: string,
    notation: AccessLogNotation,
    chunks: AsyncIterable<Uint8Array>,
    tally: DocumentTally,
  ): Promise<void> {
    this.harvest.traffic.addDocument(name);
    this.sawLog = true;
    const read = await readAccessLog(name, notation, chunks, this.harvest.traffic);
    const { rows, skipped, ownUnread = 0, problem } = read;
    if (rows > 0) tally.take("access log row", rows, "access log");
    else tally.ignore("access log", "an access log without a single request row");
    if (skipped > 0) tally.remark(`${skipped} rows could not be read and were left out`);
    if (ownUnread > 0)
      tally.remark(
        `the member "causeway" of ${countOf(ownUnread, "row")} is not as this version writes it: ignored`,
      );
    if (problem === undefined) return;
    tally.remark(problem);
    const expected = "a complete access log";
    this.failures.push({
      path: name,
      expected,
      message: `${name}: ${problem}. The rows before it were read`,
    });
  }

  private fail(path: string, error: unknown): void {
    const fault = error instanceof UnreadableDocument ? error : systemFault(error);
    const { line, column, expected } = fault;
    const place = line === undefined ? path : `${path}:${line}:${column}`;
    this.failures.push({
      path,
      ...(line === undefined || column === undefined ? {} : { line, column }),
      expected,
      message: `${place}: ${fault.message}`,
    });
    const where = line === undefined ? "" : `line ${line}, column ${column}: expected ${expected}; `;
    const note = `not read: ${where}${fault.message}`;
    this.notes.push(() => ({ path, kind: "unreadable", used: false, note }));
  }
}

/** `az … > file 2>&1` puts warnings before the JSON: the offset behind them, when there is nothing else. */
function messagesEnd(head: string): number | undefined {
  const messages = /^\s*((WARNING|ERROR|INFO|DEBUG|cli\.[\w.]+)\s*:.*\r?\n\s*)+(?=[{[])/.exec(head);
  return messages?.[0].length;
}

async function* linesOf(rows: readonly unknown[]): AsyncIterable<Uint8Array> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`, "utf8");
}

/** errno names and zlib's codes; anything else is a fault of Causeway and must not pass for a bad document. */
const systemCode = /^(?!ERR_)(E[A-Z0-9]+|Z_[A-Z_]+)$/;

/** What the file system or the stream says; never the content. */
function systemFault(error: unknown): UnreadableDocument {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !systemCode.test(code)) throw error;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "no permission to read it",
    EISDIR: "it is a folder",
    ENOENT: "there is no such file",
    EPERM: "no permission to read it",
  };
  const reason = reasons[code] ?? `it could not be read (${code})`;
  return new UnreadableDocument(reason, "a readable file");
}
