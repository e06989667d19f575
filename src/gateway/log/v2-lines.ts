import type { Listener } from "../../model/gateway.ts";
import type { Route } from "../../routing/routes.ts";
import type { ExchangeRecord, Layer4Facts } from "../exchange/exchange-record.ts";
import { errorInfoOf } from "./error-info.ts";
import { jsonText } from "./json-text.ts";
import { layer4Properties } from "./layer4-fields.ts";
import { LogTimes } from "./log-time.ts";
import { OwnFields } from "./own-fields.ts";
import { secondsText, serverFields } from "./server-fields.ts";

/** Which gateway, and which of its workers, writes. */
export interface LogIdentity {
  readonly gatewayId: string;
  readonly worker: number;
}

/**
 * Rows of the v2 access log (logs-and-metrics.md §2), each with its line end. What does not change between rows is joined
 * once, for each route.
 */
export class V2Lines {
  readonly #times = new LogTimes("+00:00");
  readonly #own = new OwnFields("v2");
  readonly #resource: string;
  readonly #instance: string;
  readonly #byRoute = new WeakMap<Route, string>();
  readonly #byListener = new WeakMap<Listener, string>();
  readonly #nowhere: string;

  constructor({ gatewayId, worker }: LogIdentity) {
    this.#resource = `","resourceId":${jsonText(gatewayId.toUpperCase())}`;
    this.#instance = `"operationName":"ApplicationGatewayAccess","category":"ApplicationGatewayAccessLog","properties":{"instanceId":"appgw_causeway_${worker}","clientIP":"`;
    this.#nowhere = this.#names("", "", "", "");
  }

  lineOf(record: ExchangeRecord): string {
    return record.layer4 === undefined
      ? this.#requestLine(record)
      : this.#connectionLine(record, record.layer4);
  }

  /** Of layer 4 (logs-and-metrics.md §4). */
  #connectionLine(record: ExchangeRecord, layer4: Layer4Facts): string {
    const time = this.#times.of(record.startedAtMs + record.tookMs);
    const properties = layer4Properties(record, layer4);
    return `{"timeStamp":"${time}${this.#constant(record)}${properties}},${this.#own.textOf(record)}}\n`;
  }

  #requestLine(record: ExchangeRecord): string {
    const { status, target, tls } = record;
    const { routed, status: serverStatus, latency } = serverFields(record.attempts);
    const at = target.indexOf("?");
    const uri = at < 0 ? target : target.slice(0, at);
    const query = at < 0 ? "" : target.slice(at + 1);
    const ssl =
      tls === undefined
        ? '"sslEnabled":"off","sslCipher":"","sslProtocol":""'
        : `"sslEnabled":"on","sslCipher":${jsonText(tls.cipher)},"sslProtocol":${jsonText(tls.protocol)}`;
    const reply = record.clientResponseMs === undefined ? "0" : secondsText(record.clientResponseMs);
    return (
      `{"timeStamp":"${this.#times.of(record.startedAtMs + record.tookMs)}${this.#constant(record)}` +
      `${record.clientAddress}","clientPort":${record.clientPort},"httpMethod":${jsonText(record.method)}` +
      `,"originalRequestUriWithArgs":${jsonText(record.originalTarget)},"requestUri":${jsonText(uri)}` +
      `,"requestQuery":${jsonText(query)},"userAgent":${jsonText(record.userAgent)},"httpStatus":${status}` +
      `,"httpVersion":"${record.httpVersion}","receivedBytes":${record.receivedBytes},"sentBytes":${record.sentBytes}` +
      `,"clientResponseTime":${reply},"timeTaken":${secondsText(record.tookMs)}` +
      `,"WAFEvaluationTime":"","WAFMode":"","transactionId":"${record.transactionId}",${ssl}` +
      clientFields(record) +
      `,"serverRouted":${jsonText(routed)},"serverStatus":"${serverStatus}","serverResponseLatency":"${latency}"` +
      `,"upstreamSourcePort":"","originalHost":${jsonText(record.originalHost)},"host":${jsonText(record.host)}` +
      `,"contentType":${jsonText(record.contentType)},"error_info":"${errorInfoOf(record)}"},${this.#own.textOf(record)}}\n`
    );
  }

  /** What is the same for all rows of a route, or of a listener where the request took none. */
  #constant({ route, listener }: ExchangeRecord): string {
    if (route !== undefined) {
      const known = this.#byRoute.get(route);
      if (known !== undefined) return known;
      const { pool, setting } = route.leadsTo;
      const text = this.#names(
        route.listener?.name ?? "",
        route.rule.name,
        pool?.target?.name ?? "",
        setting?.target?.name ?? "",
      );
      this.#byRoute.set(route, text);
      return text;
    }
    if (listener === undefined) return this.#nowhere;
    const known = this.#byListener.get(listener) ?? this.#names(listener.name, "", "", "");
    this.#byListener.set(listener, known);
    return known;
  }

  #names(listener: string, rule: string, pool: string, setting: string): string {
    const names = `"listenerName":${jsonText(listener)},"ruleName":${jsonText(rule)},"backendPoolName":${jsonText(pool)},"backendSettingName":${jsonText(setting)}`;
    return `${this.#resource},${names},${this.#instance}`;
  }
}

const noCertificate =
  ',"sslClientVerify":"NONE","sslClientCertificateFingerprint":"","sslClientCertificateIssuerName":""';

function clientFields({ clientCertificate }: ExchangeRecord): string {
  if (clientCertificate === undefined) return noCertificate;
  const { verification, fingerprint, issuer } = clientCertificate;
  return `,"sslClientVerify":${jsonText(verification)},"sslClientCertificateFingerprint":"${fingerprint}","sslClientCertificateIssuerName":${jsonText(issuer)}`;
}
