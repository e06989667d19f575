import type { ExchangeRecord, Layer4Facts } from "../exchange/exchange-record.ts";
import { jsonText } from "./json-text.ts";
import { secondsText, serverFields } from "./server-fields.ts";

/**
 * The properties of a carried connection, behind `clientIP` (logs-and-metrics.md §4). `protocol` is TCP for listeners of
 * TLS as well. `upstreamSentBytes` and `upstreamSessionTime` are of the last server that was tried.
 */
export function layer4Properties(
  { clientAddress, attempts, receivedBytes, sentBytes, tookMs, tls, status }: ExchangeRecord,
  { upstreamReceivedBytes }: Layer4Facts,
): string {
  const last = attempts[attempts.length - 1];
  const upstreamMs = last === undefined ? 0 : last.endedMs - last.startedMs;
  return (
    `${clientAddress}","protocol":"TCP","receivedBytes":${receivedBytes},"sentBytes":${sentBytes}` +
    `,"sessionTime":${secondsText(tookMs)},"upstreamSentBytes":${last?.bytesSent ?? 0}` +
    `,"upstreamReceivedBytes":${upstreamReceivedBytes},"upstreamSessionTime":${secondsText(upstreamMs)}` +
    `,"sslCipher":${jsonText(tls?.cipher ?? "")},"sslProtocol":${jsonText(tls?.protocol ?? "")}` +
    `,"serverRouted":${jsonText(serverFields(attempts).routed)},"serverStatus":"${status}"`
  );
}
