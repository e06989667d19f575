import { feed, type LogParser } from "./byte-window.ts";
import { CsvParser } from "./csv-parser.ts";
import { JsonRows } from "./json-row.ts";
import { JsonStreamParser } from "./json-stream-parser.ts";
import { NdjsonParser } from "./ndjson-parser.ts";
import { RowIntake } from "./row-intake.ts";
import type { TrafficFolder } from "./traffic-folder.ts";

/**
 * How a log is written down (logs-and-metrics.md §1, §7): lines of a storage account; `{"records":[…]}` of event hub, also
 * several of them, one a line; a JSON export of Log Analytics, as row objects or as tables; its CSV export.
 */
export type AccessLogNotation = "ndjson" | "records" | "json-array" | "csv";

export interface AccessLogResult {
  /** Access rows folded. */
  readonly rows: number;
  /** Records that could not be read. */
  readonly skipped: number;
  /** Rows of which only the vendor's fields could be read, not what our own gateway says beyond them; absent = none. */
  readonly ownUnread?: number;
  /** What was wrong with the document as a whole, with its line; rows before it count. */
  readonly problem?: string;
}

/**
 * Reads one access log into `folder`, in constant memory at any size. `chunks` are its bytes as UTF-8, unpacked, cut
 * anywhere. Rows of other categories and of the gateway's own requests are counted by the folder and otherwise ignored.
 * Rejects only when `chunks` does.
 */
export async function readAccessLog(
  document: string,
  notation: AccessLogNotation,
  chunks: AsyncIterable<Uint8Array>,
  folder: TrafficFolder,
): Promise<AccessLogResult> {
  const intake = new RowIntake(document, folder);
  await feed(chunks, parserOf(notation, intake));
  const { rows, skipped, ownUnread, problem } = intake;
  return {
    rows,
    skipped,
    ...(ownUnread === 0 ? {} : { ownUnread }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function parserOf(notation: AccessLogNotation, intake: RowIntake): LogParser {
  if (notation === "ndjson") return linesOf(intake);
  if (notation === "csv") return new CsvParser(intake);
  return new JsonStreamParser(intake, notation === "records");
}

function linesOf(intake: RowIntake): LogParser {
  const rows = new JsonRows(intake);
  return new NdjsonParser({
    line: (bytes, start, end, line) => rows.line(bytes, start, end, line),
    tooLong: (line) => intake.skip(line),
  });
}
