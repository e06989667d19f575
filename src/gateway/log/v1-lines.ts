import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { jsonText } from "./json-text.ts";
import { LogTimes } from "./log-time.ts";
import { OwnFields } from "./own-fields.ts";
import type { LogIdentity } from "./v2-lines.ts";

/** Rows of the v1 access log (logs-and-metrics.md §3): milliseconds, and the server's part within the query. */
export class V1Lines {
  readonly #times = new LogTimes('{"time":"', "Z");
  readonly #own = new OwnFields("v1");
  readonly #constant: string;

  constructor({ gatewayId, worker }: LogIdentity) {
    this.#constant = `","resourceId":${jsonText(gatewayId.toUpperCase())},"operationName":"ApplicationGatewayAccess","category":"ApplicationGatewayAccessLog","properties":{"instanceId":"ApplicationGatewayRole_causeway_${worker}","clientIP":"`;
  }

  partsOf(record: ExchangeRecord): readonly string[] {
    const { target } = record;
    const at = target.indexOf("?");
    const uri = at < 0 ? target : target.slice(0, at);
    const query = queryOf(at < 0 ? "" : target.slice(at + 1), record);
    return [
      this.#times.of(record.startedAtMs + record.tookMs),
      this.#constant,
      `${record.clientAddress}","clientPort":${record.clientPort},"httpMethod":${jsonText(record.method)}` +
        `,"requestUri":${jsonText(uri)},"requestQuery":${jsonText(query)},"userAgent":${jsonText(record.userAgent)}` +
        `,"httpStatus":${record.status},"httpVersion":"${record.httpVersion}"` +
        `,"receivedBytes":${record.receivedBytes},"sentBytes":${record.sentBytes},"timeTaken":${Math.round(record.tookMs)}` +
        `,"sslEnabled":"${record.tls === undefined ? "off" : "on"}","host":${jsonText(record.host)}` +
        `,"originalHost":${jsonText(record.originalHost)}},`,
      this.#own.textOf(record),
      "}\n",
    ];
  }
}

/** The last attempt's server and status stand behind what the client wrote. */
function queryOf(query: string, { attempts, transactionId }: ExchangeRecord): string {
  const last = attempts[attempts.length - 1];
  const server = last?.server.replace(/:\d+$/, "") ?? "";
  const id = `${transactionId.slice(0, 8)}-${transactionId.slice(8, 12)}-${transactionId.slice(12, 16)}-${transactionId.slice(16, 20)}-${transactionId.slice(20)}`;
  const own = `X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=${server}&X-AzureApplicationGateway-LOG-ID=${id}&SERVER-STATUS=${last?.status ?? ""}`;
  return query === "" ? own : `${query}&${own}`;
}
