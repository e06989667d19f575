import type { Listener } from "../../model/gateway.ts";
import type { Route } from "../../routing/routes.ts";
import type { ExchangeRecord, Layer4Facts } from "../exchange/exchange-record.ts";
import { errorInfoOf } from "./error-info.ts";
import { jsonInside, jsonText } from "./json-text.ts";
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
  readonly #times = new LogTimes('{"timeStamp":"', "+00:00");
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

  /**
   * In parts: a text that is put together from many is made flat before it is written, which costs the more the longer it
   * is, while what never changes is flat already.
   */
  partsOf(record: ExchangeRecord): readonly string[] {
    return record.layer4 === undefined
      ? this.#requestParts(record)
      : this.#connectionParts(record, record.layer4);
  }

  /** Of layer 4 (logs-and-metrics.md §4). */
  #connectionParts(record: ExchangeRecord, layer4: Layer4Facts): readonly string[] {
    const time = this.#times.of(record.startedAtMs + record.tookMs);
    const properties = layer4Properties(record, layer4);
    return [time, this.#constant(record), properties, "},", this.#own.textOf(record), "}\n"];
  }

  #requestParts(record: ExchangeRecord): readonly string[] {
    return [
      this.#times.of(record.startedAtMs + record.tookMs),
      this.#constant(record),
      clientPart(record),
      trafficPart(record),
      record.tls === undefined ? noTls : tlsPart(record.tls),
      record.clientCertificate === undefined ? noCertificate : certificatePart(record.clientCertificate),
      serverPart(record),
      this.#own.textOf(record),
      "}\n",
    ];
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

function clientPart(record: ExchangeRecord): string {
  const { clientAddress, clientPort, method, originalTarget, target, userAgent } = record;
  const at = target.indexOf("?");
  const uri = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? "" : target.slice(at + 1);
  return (
    `${clientAddress}","clientPort":${clientPort},"httpMethod":"${jsonInside(method)}"` +
    `,"originalRequestUriWithArgs":"${jsonInside(originalTarget)}","requestUri":"${jsonInside(uri)}"` +
    `,"requestQuery":"${jsonInside(query)}","userAgent":"${jsonInside(userAgent)}"`
  );
}

function trafficPart(record: ExchangeRecord): string {
  const { status, httpVersion, receivedBytes, sentBytes, clientResponseMs, tookMs, transactionId } = record;
  const reply = clientResponseMs === undefined ? "0" : secondsText(clientResponseMs);
  return (
    `,"httpStatus":${status},"httpVersion":"${httpVersion}","receivedBytes":${receivedBytes}` +
    `,"sentBytes":${sentBytes},"clientResponseTime":${reply},"timeTaken":${secondsText(tookMs)}` +
    `,"WAFEvaluationTime":"","WAFMode":"","transactionId":"${transactionId}"`
  );
}

const noTls = ',"sslEnabled":"off","sslCipher":"","sslProtocol":""';

function tlsPart({ cipher, protocol }: NonNullable<ExchangeRecord["tls"]>): string {
  return `,"sslEnabled":"on","sslCipher":${jsonText(cipher)},"sslProtocol":${jsonText(protocol)}`;
}

const noCertificate =
  ',"sslClientVerify":"NONE","sslClientCertificateFingerprint":"","sslClientCertificateIssuerName":""';

function certificatePart(shown: NonNullable<ExchangeRecord["clientCertificate"]>): string {
  const { verification, fingerprint, issuer } = shown;
  return `,"sslClientVerify":${jsonText(verification)},"sslClientCertificateFingerprint":"${fingerprint}","sslClientCertificateIssuerName":${jsonText(issuer)}`;
}

function serverPart(record: ExchangeRecord): string {
  const { routed, status, latency } = serverFields(record.attempts);
  const { originalHost, host, contentType } = record;
  return (
    `,"serverRouted":"${jsonInside(routed)}","serverStatus":"${status}","serverResponseLatency":"${latency}"` +
    `,"upstreamSourcePort":"","originalHost":"${jsonInside(originalHost)}","host":"${jsonInside(host)}"` +
    `,"contentType":"${jsonInside(contentType)}","error_info":"${errorInfoOf(record)}"},`
  );
}
