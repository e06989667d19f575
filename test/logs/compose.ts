import { Readable } from "node:stream";
import {
  type AccessLogNotation,
  type AccessLogResult,
  readAccessLog,
} from "../../src/documents/logs/access-log.ts";
import { TrafficFolder } from "../../src/documents/logs/traffic-folder.ts";
import type { TrafficLog, TrafficObservation } from "../../src/model/observations.ts";

type Row = Readonly<Record<string, unknown>>;

const GATEWAY =
  "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.NETWORK/APPLICATIONGATEWAYS/SHOP-GW";

const OUTER_V2 = {
  timeStamp: "2026-01-10T10:00:00+00:00",
  resourceId: GATEWAY,
  listenerName: "l443",
  ruleName: "r1",
  backendPoolName: "p1",
  backendSettingName: "s1",
  operationName: "ApplicationGatewayAccess",
  category: "ApplicationGatewayAccessLog",
};

const INNER_V2 = {
  instanceId: "appgw_0",
  clientIP: "203.0.113.9",
  clientPort: 50100,
  httpMethod: "GET",
  originalRequestUriWithArgs: "/cart?id=7",
  requestUri: "/cart",
  requestQuery: "id=7",
  userAgent: 'Mozilla/5.0 ("quoted", \\slashed)',
  httpStatus: 200,
  httpVersion: "HTTP/1.1",
  receivedBytes: 184,
  sentBytes: 466,
  clientResponseTime: 0,
  timeTaken: 0.034,
  WAFEvaluationTime: "0.000",
  WAFMode: "Detection",
  transactionId: "0123456789abcdef0123456789abcdef",
  sslEnabled: "on",
  sslCipher: "ECDHE-RSA-AES256-GCM-SHA384",
  sslProtocol: "TLSv1.2",
  serverRouted: "10.0.1.4:8080",
  serverStatus: "200",
  serverResponseLatency: "0.028",
  originalHost: "shop.example",
  host: "shop.internal",
  error_info: "ERRORINFO_NO_ERROR",
};

/** A v2 row as a storage account holds it; names of the outer record go there, the rest into `properties`. */
export function v2(changes: Row = {}): Row {
  return placed(OUTER_V2, INNER_V2, changes);
}

const OUTER_V1 = {
  resourceId: GATEWAY,
  operationName: "ApplicationGatewayAccess",
  time: "2026-01-10T10:00:00Z",
  category: "ApplicationGatewayAccessLog",
};

const INNER_V1 = {
  instanceId: "ApplicationGatewayRole_IN_0",
  clientIP: "203.0.113.9",
  clientPort: 46886,
  httpMethod: "GET",
  requestUri: "/cart",
  requestQuery: "id=7&X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=10.0.1.4&SERVER-STATUS=200",
  userAgent: "-",
  httpStatus: 200,
  httpVersion: "HTTP/1.1",
  receivedBytes: 65,
  sentBytes: 553,
  timeTaken: 205,
  sslEnabled: "off",
  host: "shop.example",
};

export function v1(changes: Row = {}): Row {
  return placed(OUTER_V1, INNER_V1, changes);
}

/** The query a v1 gateway writes. */
export function v1Query(server: string, status: string): string {
  return `X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=${server}&X-AzureApplicationGateway-LOG-ID=1&SERVER-STATUS=${status}`;
}

function placed(outer: Row, inner: Row, changes: Row): Row {
  const own = Object.entries(changes).filter(([name]) => name in outer);
  const nested = Object.entries(changes).filter(([name]) => !(name in outer));
  return {
    ...outer,
    ...Object.fromEntries(own),
    properties: { ...inner, ...Object.fromEntries(nested) },
  };
}

/** One level, as both Log Analytics forms have it. */
function flat(row: Row): Row {
  const { properties, ...outer } = row;
  return { ...outer, ...(properties as Row) };
}

/** The row as AzureDiagnostics names its columns. */
export function diagnosticsRow(row: Row): Row {
  const { timeStamp, time, resourceId, category, operationName, ...rest } = flat(row);
  const renamed: Record<string, unknown> = {
    TimeGenerated: timeStamp ?? time,
    ResourceId: resourceId,
    Category: category,
    OperationName: operationName,
    ResourceType: "APPLICATIONGATEWAYS",
    Type: "AzureDiagnostics",
  };
  for (const [name, value] of Object.entries(rest)) {
    renamed[`${name}_${typeof value === "number" ? "d" : "s"}`] = value;
  }
  return renamed;
}

/** The row as the AGWAccessLogs table names its columns. */
export function resourceRow(row: Row): Row {
  const { timeStamp, time, resourceId, error_info, category: _, ...rest } = flat(row);
  const renamed: Record<string, unknown> = { TimeGenerated: timeStamp ?? time, ErrorInfo: error_info };
  for (const [name, value] of Object.entries(rest)) {
    renamed[name.slice(0, 1).toUpperCase() + name.slice(1)] = value;
  }
  return { ...renamed, _ResourceId: resourceId, Type: "AGWAccessLogs" };
}

export function ndjson(rows: readonly Row[], newline = "\n"): string {
  return rows.map((row) => JSON.stringify(row) + newline).join("");
}

/** RFC 4180: every third cell quoted without need. */
export function csv(rows: readonly Row[], newline = "\r\n", separator = ","): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly unknown[]) =>
    cells.map((cell, index) => csvCell(String(cell ?? ""), index % 3 === 0)).join(separator) + newline;
  return line(names) + rows.map((row) => line(names.map((name) => row[name]))).join("");
}

function csvCell(text: string, quoted: boolean): string {
  return quoted || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function tables(rows: readonly Row[], space?: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => ({ name, type: "string" }));
  const table = {
    name: "PrimaryResult",
    columns,
    rows: rows.map((row) => names.map((name) => row[name] ?? null)),
  };
  return JSON.stringify({ tables: [table] }, undefined, space);
}

export interface ReadLog {
  readonly result: AccessLogResult;
  readonly log: TrafficLog;
}

export async function read(
  notation: AccessLogNotation,
  ...chunks: (string | Uint8Array)[]
): Promise<ReadLog> {
  const folder = new TrafficFolder();
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk));
  const result = await readAccessLog("access.log", notation, Readable.from(bytes), folder);
  return { result, log: folder.result() };
}

/** The one observation of a log of one route. */
export async function observe(...rows: readonly Row[]): Promise<TrafficObservation> {
  const { log } = await read("ndjson", ndjson(rows));
  if (log.observations.length !== 1) throw new Error(`${log.observations.length} observations`);
  return log.observations[0] as TrafficObservation;
}
