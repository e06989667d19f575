import { isObject } from "../model/source.ts";
import type { AccessLogNotation } from "./logs/access-log.ts";
import { endOfValue } from "./parse.ts";
import { field, type JsonObject, textField } from "./place.ts";

/** What the beginning of a document says about it being a log. */
export type LogNature =
  | { readonly log: "access"; readonly notation: AccessLogNotation }
  | { readonly log: "firewall" | "performance" }
  | undefined;

/** Rows looked at before a mixed log is taken for one without access rows. */
const rowsLookedAt = 40;

/** Tells access logs by their first rows, without reading the rest (logs-and-metrics.md §1, §7). */
export function logNatureOf(head: string): LogNature {
  const text = head.trimStart();
  if (text.startsWith("{")) {
    const records = /^\{\s*"records"\s*:\s*\[/i.exec(text);
    if (records !== null) return natureOfRows(rowsFrom(text, records[0].length), "records");
    const table = /^\{\s*"tables"\s*:\s*\[/i.exec(text);
    if (table !== null && isAccessTable(text)) return { log: "access", notation: "json-array" };
    const end = endOfValue(text, 0);
    // A first object that is longer than the head, or stands on several lines, is a JSON document, not a row of a log.
    if (end === undefined || text.slice(0, end).includes("\n")) return undefined;
    return natureOfRows(rowsFrom(text, 0), "ndjson");
  }
  if (text.startsWith("[")) return natureOfRows(rowsFrom(text, 1), "json-array");
  return isAccessLogHeader(text) ? { log: "access", notation: "csv" } : undefined;
}

function natureOfRows(rows: readonly JsonObject[], notation: AccessLogNotation): LogNature {
  if (rows.some(isAccessRow)) return { log: "access", notation };
  const category = rows.map((row) => textField(row, "category") ?? textField(row, "type") ?? "");
  if (category.some((name) => /^ApplicationGatewayFirewallLog$|^AGWFirewallLogs$/i.test(name)))
    return { log: "firewall" };
  if (category.some((name) => /^ApplicationGatewayPerformanceLog$|^AGWPerformanceLogs$/i.test(name))) {
    return { log: "performance" };
  }
  return undefined;
}

/** One row of an access log, as stored, as sent, or as a Log Analytics table has it. */
export function isAccessRow(row: JsonObject): boolean {
  if (/^ApplicationGatewayAccessLog$/i.test(textField(row, "category") ?? "")) return true;
  const properties = field(row, "properties");
  const names = Object.keys(isObject(properties) ? properties : row);
  return names.length < 400 && isAccessLogHeaderNames(names);
}

/** Log Analytics answers its REST queries in tables: `{"tables":[{"name","columns":[{"name","type"}],"rows":[[…]]}]}`. */
function isAccessTable(text: string): boolean {
  const columns = /"columns"\s*:\s*\[/i.exec(text);
  if (columns === null) return false;
  const names = rowsFrom(text, columns.index + columns[0].length, 400).flatMap(
    (row) => textField(row, "name") ?? [],
  );
  return isAccessLogHeaderNames(names);
}

/** The objects that begin behind `from`, separated by white space or commas. */
function rowsFrom(text: string, from: number, most = rowsLookedAt): JsonObject[] {
  const rows: JsonObject[] = [];
  for (let start = skipBetween(text, from); rows.length < most; ) {
    const end = endOfValue(text, start);
    if (end === undefined) break;
    try {
      const row: unknown = JSON.parse(text.slice(start, end));
      if (!isObject(row)) break;
      rows.push(row);
    } catch {
      break;
    }
    start = skipBetween(text, end);
  }
  return rows;
}

function skipBetween(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,]/.test(text.charAt(at))) at++;
  return at;
}

function isAccessLogHeader(text: string): boolean {
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  const names = line.split(/[,;\t]/).map((name) => name.trim().replace(/^"|"$/g, ""));
  return names.length >= 3 && isAccessLogHeaderNames(names);
}

/** Columns compare without case and without the type suffix of `AzureDiagnostics`. */
function isAccessLogHeaderNames(names: readonly string[]): boolean {
  const plain = new Set(names.map((name) => name.toLowerCase().replace(/_[sdbgt]$/, "")));
  if (!plain.has("httpstatus")) return false;
  return ["requesturi", "timetaken", "clientip", "serverrouted", "instanceid"].some((name) =>
    plain.has(name),
  );
}
