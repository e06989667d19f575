import type { RowReading } from "../../model/observations.ts";
import { cleanText } from "./clean-text.ts";
import { F, type RowFields } from "./fields.ts";

/** One access-log row. Texts are cleaned and "" when unset; numbers and times are NaN when unset. */
export interface AccessRow {
  readonly version: "v1" | "v2";
  readonly timeMs: number;
  readonly gatewayId: string;
  readonly instanceId: string;
  readonly listenerName: string;
  readonly ruleName: string;
  readonly poolName: string;
  readonly settingName: string;
  readonly method: string;
  /** As the client sent it, else as rewritten. */
  readonly host: string;
  /** After rewrite, else as the client sent it; never with its query. */
  readonly uri: string;
  readonly httpStatus: number;
  /** Of the last attempt. */
  readonly serverRouted: string;
  readonly serverStatus: number;
  readonly serverLatencyS: number;
  /** Servers tried, 0 when nothing was routed; the earlier ones by name. */
  readonly attempts: number;
  readonly earlierServers: readonly string[];
  readonly timeTakenS: number;
  /** Upper case, without `ERRORINFO_`. */
  readonly errorInfo: string;
}

/** What a record of the log is. Only `access` fills the row. */
export type RecordKind = "access" | "internal" | "other-category" | "unreadable";

const NONE: readonly string[] = [];

/** Reads rows of both generations, in any notation. One object serves all rows: copy what must outlive the next. */
export class RowReader implements AccessRow {
  version: "v1" | "v2" = "v2";
  timeMs = Number.NaN;
  gatewayId = "";
  instanceId = "";
  listenerName = "";
  ruleName = "";
  poolName = "";
  settingName = "";
  method = "";
  host = "";
  uri = "";
  httpStatus = Number.NaN;
  serverRouted = "";
  serverStatus = Number.NaN;
  serverLatencyS = Number.NaN;
  attempts = 0;
  earlierServers: readonly string[] = NONE;
  timeTakenS = Number.NaN;
  errorInfo = "";
  /** Of the record last read, also when it was none of the access log. */
  category = "";
  private readonly errorInfos = new Map<string, string>();

  read(fields: RowFields): RecordKind {
    this.category = categoryOf(fields);
    if (this.category !== ACCESS && this.category !== "") return "other-category";
    this.httpStatus = fields.number(F.httpStatus);
    if (!(this.httpStatus >= 0 && this.httpStatus <= 999)) {
      if (this.category === "") return "unreadable";
      this.category = WITHOUT_STATUS; // layer-4 proxy rows share the category (logs-and-metrics.md §4)
      return "other-category";
    }
    if (fields.is(F.clientIp, "127.0.0.1") && !isOurs(fields.text(F.instanceId))) return "internal";
    this.readRequest(fields);
    this.readNames(fields);
    this.readServer(fields);
    return "access";
  }

  private readRequest(fields: RowFields): void {
    this.timeMs = fields.timeMs(F.timeStamp);
    if (Number.isNaN(this.timeMs)) this.timeMs = fields.timeMs(F.time);
    if (Number.isNaN(this.timeMs)) this.timeMs = fields.timeMs(F.timeGenerated);
    this.method = fields.text(F.httpMethod);
    this.host = named(fields.text(F.originalHost)) || named(fields.text(F.host));
    this.uri = fields.path(F.requestUri) || fields.path(F.originalUri);
    this.timeTakenS = fields.number(F.timeTaken);
  }

  private readNames(fields: RowFields): void {
    this.gatewayId = fields.text(F.resourceId) || fields.text(F.ownResourceId);
    this.instanceId = named(fields.text(F.instanceId));
    this.listenerName = named(fields.text(F.listenerName));
    this.ruleName = named(fields.text(F.ruleName));
    this.poolName = named(fields.text(F.poolName));
    this.settingName = named(fields.text(F.settingName));
    this.errorInfo = this.plainErrorInfo(fields.text(F.errorInfo));
  }

  private readServer(fields: RowFields): void {
    const routed = fields.text(F.serverRouted);
    this.version = this.generation(fields, routed);
    if (this.version === "v1") this.readV1Server(fields.raw(F.requestQuery));
    else {
      this.setServer(routed);
      this.serverStatus = numberOrLast(fields, F.serverStatus);
      this.serverLatencyS = numberOrLast(fields, F.serverLatency);
    }
  }

  /** v1 keeps the server's answer in the query, and times in milliseconds (logs-and-metrics.md §3). */
  private readV1Server(query: string): void {
    this.setServer(queryValue(query, "SERVER-ROUTED="));
    this.serverStatus = lastNumber(queryValue(query, "SERVER-STATUS="));
    this.serverLatencyS = Number.NaN;
    this.timeTakenS /= 1000;
  }

  private setServer(routed: string): void {
    this.serverRouted = named(routed);
    this.attempts = this.serverRouted === "" ? 0 : 1;
    this.earlierServers = NONE;
    if (!isList(routed)) return;
    const servers = listItems(routed).filter((server) => server !== "");
    this.serverRouted = servers.at(-1) ?? "";
    this.attempts = servers.length;
    this.earlierServers = servers.slice(0, -1);
  }

  /** The instance name tells; without it, fields that only v2 has, then the query pairs that only v1 adds. */
  private generation(fields: RowFields, routed: string): "v1" | "v2" {
    if (this.instanceId.startsWith("appgw")) return "v2";
    if (this.instanceId.startsWith("ApplicationGatewayRole")) return "v1";
    if (routed !== "" || this.errorInfo !== "" || this.ruleName !== "" || this.listenerName !== "")
      return "v2";
    if (!Number.isNaN(fields.timeMs(F.timeStamp)) || fields.text(F.serverStatus) !== "") return "v2";
    return fields.raw(F.requestQuery).includes("SERVER-ROUTED=") ? "v1" : "v2";
  }

  private plainErrorInfo(text: string): string {
    const known = this.errorInfos.get(text);
    if (known !== undefined) return known;
    const plain = named(text)
      .toUpperCase()
      .replace(/^ERRORINFO_/, "");
    if (this.errorInfos.size < 64) this.errorInfos.set(text, plain);
    return plain;
  }
}

const ACCESS = "ApplicationGatewayAccessLog";
const WITHOUT_STATUS = "ApplicationGatewayAccessLog without httpStatus";

/** `category` of the storage and event hub forms; the table name of the resource-specific one; "" when neither tells. */
function categoryOf(fields: RowFields): string {
  if (fields.is(F.category, ACCESS)) return ACCESS;
  const category = fields.text(F.category);
  if (category !== "") return category.toLowerCase() === ACCESS.toLowerCase() ? ACCESS : category;
  if (fields.is(F.table, "AGWAccessLogs")) return ACCESS;
  const table = fields.text(F.table);
  if (/^AGW/i.test(table)) return table.toLowerCase() === "agwaccesslogs" ? ACCESS : table;
  const operation = fields.text(F.operationName);
  if (/^ApplicationGateway(Firewall|Performance)$/i.test(operation)) return operation;
  return operation.toLowerCase() === "applicationgatewayaccess" ? ACCESS : "";
}

/** A row of Causeway's own gateway: there, clients on the same machine are real ones (docs/gateway-log.md). */
function isOurs(instanceId: string): boolean {
  return instanceId.includes("_causeway_");
}

/** A lone `-` means none. */
function named(text: string): string {
  return text === "-" ? "" : text;
}

function numberOrLast(fields: RowFields, field: number): number {
  const number = fields.number(field);
  return Number.isNaN(number) ? lastNumber(fields.text(field)) : number;
}

/** Several attempts, as nginx lists them: `a, b`, and ` : ` after an internal redirect. */
function isList(text: string): boolean {
  return text.includes(",") || text.includes(" : ");
}

function listItems(text: string): string[] {
  return text
    .replaceAll(" : ", ",")
    .split(",")
    .map((item) => named(item.trim()));
}

/** The last item of a list of numbers; NaN when it is none or `-`. */
function lastNumber(text: string): number {
  if (text === "") return Number.NaN;
  const last = listItems(text).at(-1) as string;
  return /^\d{1,9}(\.\d{1,9})?$/.test(last) ? Number(last) : Number.NaN;
}

/** The last such pair of the query: what a client wrote comes before what the gateway added. */
function queryValue(query: string, name: string): string {
  const at = query.lastIndexOf(name);
  if (at < 0 || (at > 0 && query[at - 1] !== "&" && query[at - 1] !== "?")) return "";
  const start = at + name.length;
  const end = query.indexOf("&", start);
  return cleanText(query.slice(start, end < 0 ? query.length : end));
}

/** Every reading; the failing ones from 1 to `LAST_FAILING`. */
export const READINGS: readonly RowReading[] = [
  "served",
  "no-live-server",
  "upstream-closed",
  "timeout-v1",
  "timeout-v2",
  "backend-error",
  "gateway-error",
  "unreached",
  "drained",
  "client-closed",
  "no-listener",
];

const LAST_FAILING = 8;

export const R = {
  served: 0,
  noLiveServer: 1,
  upstreamClosed: 2,
  timeoutV1: 3,
  timeoutV2: 4,
  backendError: 5,
  gatewayError: 6,
  unreached: 7,
  drained: 8,
  clientClosed: 9,
  noListener: 10,
} as const;

export function isFailing(reading: number): boolean {
  return reading >= R.noLiveServer && reading <= LAST_FAILING;
}

/** A v1 502 at least this slow may be a request time-out, whose shortest value is 1 s (gateway-resource.md). */
const V1_TIMEOUT_FLOOR_S = 1;

/** Reading of a row by logs-and-metrics.md §6, as an index of `READINGS`. */
export function readingOf(row: AccessRow): number {
  const { httpStatus, errorInfo } = row;
  if (httpStatus === 499 || httpStatus === 0) return R.clientClosed;
  if (httpStatus < 500) return httpStatus === 404 && errorInfo === "INVALID_HOST" ? R.noListener : R.served;
  if (errorInfo === "CLIENT_CLOSED_REQUEST") return R.clientClosed;
  if (errorInfo === "UPSTREAM_NO_LIVE") return R.noLiveServer;
  if (errorInfo === "UPSTREAM_CLOSED_CONNECTION") return R.upstreamClosed;
  if (errorInfo === "UPSTREAM_TIMED_OUT") return R.timeoutV2;
  if (row.serverStatus >= 500) return R.backendError;
  if (!Number.isNaN(row.serverStatus)) return R.gatewayError; // e.g. a 204 with a body (causes-of-502.md http-204-body)
  return row.version === "v1" ? unansweredV1(row) : unansweredV2(row);
}

/** v1 says no more than the status, the server and the time. 503 reads like 502 (causes-of-502.md J). */
function unansweredV1(row: AccessRow): number {
  if (row.httpStatus !== 502 && row.httpStatus !== 503) return R.gatewayError;
  if (row.timeTakenS >= V1_TIMEOUT_FLOOR_S) return R.timeoutV1;
  return row.serverRouted === "" ? R.noLiveServer : R.upstreamClosed;
}

/** v2 rows without a telling `error_info`: old logs, and faults that have no value of their own (TLS to the server). */
function unansweredV2(row: AccessRow): number {
  if (row.httpStatus === 504) return R.timeoutV2;
  const nothingTried = row.serverRouted === "" && !(row.serverLatencyS > 0);
  if (nothingTried && row.errorInfo === "" && (row.httpStatus === 502 || row.httpStatus === 503)) {
    return R.noLiveServer;
  }
  return R.gatewayError;
}
