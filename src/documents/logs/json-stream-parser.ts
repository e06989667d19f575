import { ByteWindow, type LogParser } from "./byte-window.ts";
import { fieldNamed, PROPERTIES } from "./fields.ts";
import { isSpace, JsonRows, parsedJson } from "./json-row.ts";
import { JsonValueEnd } from "./json-value-end.ts";
import type { RowIntake } from "./row-intake.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What is open around the present place, outermost first. */
type Level =
  | "document" // one value after another
  | "holder" // an object that holds rows under `records`, `rows`, `tables` …
  | "rows" // an array of rows
  | "tables"; // an array of holders

/** What the parser waits for at the present level. */
type Expect = "value" | "name" | "colon" | "member" | "comma";

/** What is done with a value that is taken as a whole. */
type Purpose = "row" | "name" | "columns" | "ignore";

/**
 * Rows inside one or more large JSON values, without holding more than a row: `{"records":[…]}` of event hub, arrays of row
 * objects, and the `{"tables":[{"columns":[…],"rows":[[…]]}]}` of Log Analytics (logs-and-metrics.md §1, §7).
 */
export class JsonStreamParser implements LogParser {
  private readonly intake: RowIntake;
  private readonly rows: JsonRows;
  private readonly lineByLine: boolean;
  private readonly window = new ByteWindow();
  private levels: Level[] = ["document"];
  private expect: Expect = "value";
  private name = "";
  private columns: readonly number[] | undefined;
  /** Whether the present value of the document had a list that rows could stand in. */
  private hadList = false;
  /** Of all bytes that came; lines are counted back from here only when one is to be named. */
  private newlines = 0;
  private record = 0;
  /** Set while a value is taken as a whole. */
  private purpose: Purpose | undefined;
  private readonly valueEnd = new JsonValueEnd();
  /** After an error: nothing more is read before the next line, or at all. */
  private lost = false;

  /** `lineByLine`: every line may begin a new value, so that a broken one costs only itself. */
  constructor(intake: RowIntake, lineByLine: boolean) {
    this.intake = intake;
    this.rows = new JsonRows(intake);
    this.lineByLine = lineByLine;
  }

  push(piece: Uint8Array): void {
    const { window } = this;
    window.push(piece);
    this.newlines += newlinesIn(window.bytes, window.end - piece.length, window.end);
    while (window.at < window.end) {
      if (this.lost) this.findNextLine();
      else if (this.purpose !== undefined) this.passOver();
      else this.step(window.bytes[window.at] as number);
      if (this.purpose === undefined) window.start = window.at;
    }
    if (this.purpose !== undefined) window.hold();
  }

  finish(): void {
    if (this.lost) return;
    if (this.purpose === "row") this.intake.skip(this.record);
    if (this.levels.length > 1 || this.purpose !== undefined) {
      const inside = this.purpose === "row" ? "a record" : "a JSON value";
      this.intake.report(`line ${this.line()}: the file ends inside ${inside}`);
    }
  }

  private step(byte: number): void {
    if (isSpace(byte)) {
      this.window.at++;
    } else if (this.expect === "value") this.stepValue(byte);
    else if (this.expect === "name") this.stepName(byte);
    else if (this.expect === "colon") this.stepColon(byte);
    else if (this.expect === "member") this.stepMember(byte);
    else this.stepComma(byte);
  }

  private stepValue(byte: number): void {
    const level = this.level();
    if (byte === CLOSE_LIST && level !== "document") this.close();
    else if (level === "rows") this.stepRow(byte);
    else if (byte === OPEN_OBJECT) this.open("holder", "name");
    else if (byte === OPEN_LIST && level === "document") this.open("rows", "value");
    else this.fail(level === "document" ? "an object or an array" : "an object");
  }

  /** Most rows are whole in the window, and the scanner finds their end and their fields in one pass. */
  private stepRow(byte: number): void {
    const { window } = this;
    this.record++;
    const after =
      byte === OPEN_OBJECT ? this.rows.scan(window.bytes, window.at, window.end, this.record) : -1;
    if (after < 0) {
      this.begin("row");
      return;
    }
    window.at = after;
    this.endValue();
  }

  private stepName(byte: number): void {
    if (byte === QUOTE) this.begin("name");
    else if (byte === CLOSE_OBJECT) this.close();
    else this.fail("a name in double quotes");
  }

  private stepColon(byte: number): void {
    if (byte !== COLON) {
      this.fail("a colon");
      return;
    }
    this.expect = "member";
    this.window.at++;
  }

  private stepMember(byte: number): void {
    const name = byte === OPEN_LIST ? this.name.toLowerCase() : "";
    if (name === "records" || name === "value" || name === "rows") this.open("rows", "value");
    else if (name === "tables") this.open("tables", "value");
    else this.begin(name === "columns" ? "columns" : "ignore");
  }

  private stepComma(byte: number): void {
    const inHolder = this.level() === "holder";
    if (byte === COMMA) {
      this.expect = inHolder ? "name" : "value";
      this.window.at++;
    } else if (byte === (inHolder ? CLOSE_OBJECT : CLOSE_LIST)) this.close();
    else this.fail(inHolder ? "a comma or }" : "a comma or ]");
  }

  private open(level: Level, expect: Expect): void {
    if (this.level() === "document") this.hadList = false;
    if (level === "holder") this.columns = undefined;
    else this.hadList = true;
    this.levels.push(level);
    this.expect = expect;
    this.window.at++;
  }

  private close(): void {
    this.levels.pop();
    this.window.at++;
    this.endValue();
    if (this.level() !== "document" || this.hadList) return;
    this.intake.skip(this.record + 1);
    this.intake.report(`line ${this.line()}: expected an object with a list "records", "value" or "tables"`);
  }

  private endValue(): void {
    this.expect = this.level() === "document" ? "value" : "comma";
  }

  private begin(purpose: Purpose): void {
    this.purpose = purpose;
    this.valueEnd.begin();
  }

  private passOver(): void {
    const { window } = this;
    const after = this.valueEnd.find(window.bytes, window.at, window.end);
    if (after < 0) {
      window.at = window.end;
      return;
    }
    const { start } = window;
    const empty = after === start && !window.dropping;
    window.at = after;
    const dropped = window.close();
    if (empty) this.fail("a value");
    else this.take(start, after, dropped);
  }

  private take(start: number, end: number, dropped: boolean): void {
    const { purpose } = this;
    this.purpose = undefined;
    this.endValue();
    if (purpose === "name") {
      const name = dropped ? undefined : parsedJson(this.window.bytes, start, end);
      this.name = typeof name === "string" ? name : "";
      this.expect = "colon";
    } else if (purpose === "columns") this.columns = dropped ? undefined : this.fieldsOf(start, end);
    else if (purpose === "row" && dropped) this.intake.skip(this.record);
    else if (purpose === "row") this.takeRow(start, end);
  }

  private takeRow(start: number, end: number): void {
    const { bytes } = this.window;
    if (bytes[start] !== OPEN_LIST) this.rows.value(bytes, start, end, this.record);
    else if (this.columns !== undefined) this.rows.array(bytes, start, end, this.columns, this.record);
    else {
      this.intake.skip(this.record);
      this.intake.report(`line ${this.line()}: a row is an array, and no columns were named before it`);
    }
  }

  /** `[{ "name": "TimeGenerated", "type": "datetime" }, …]`, or `ColumnName` in the older form. */
  private fieldsOf(start: number, end: number): readonly number[] | undefined {
    const columns = parsedJson(this.window.bytes, start, end);
    if (!Array.isArray(columns)) return undefined;
    return (columns as readonly unknown[]).map((column) => {
      const field = fieldNamed(columnName(column));
      return field === PROPERTIES ? -1 : field;
    });
  }

  private fail(expected: string): void {
    this.intake.skip(this.record + 1);
    this.intake.report(`line ${this.line()}: expected ${expected}`);
    this.purpose = undefined;
    this.lost = true;
  }

  private findNextLine(): void {
    const { window } = this;
    const newline = this.lineByLine ? window.bytes.indexOf(NEWLINE, window.at) : -1;
    const found = newline >= 0 && newline < window.end;
    window.at = found ? newline : window.end;
    if (!found) return;
    this.levels = ["document"];
    this.expect = "value";
    this.lost = false;
  }

  /** The line of the next byte. */
  private line(): number {
    const { bytes, at, end } = this.window;
    return 1 + this.newlines - newlinesIn(bytes, at, end);
  }

  private level(): Level {
    return this.levels.at(-1) as Level;
  }
}

function newlinesIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, start); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, at + 1))
    count++;
  return count;
}

function columnName(column: unknown): string {
  if (typeof column === "string") return column;
  if (typeof column !== "object" || column === null) return "";
  const { name, ColumnName } = column as { readonly name?: unknown; readonly ColumnName?: unknown };
  const named = name ?? ColumnName;
  return typeof named === "string" ? named : "";
}
