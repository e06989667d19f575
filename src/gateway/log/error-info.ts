import type { ExchangeRecord } from "../exchange/exchange-record.ts";

/** The v2 log's word for how it ended (logs-and-metrics.md §5); TLS faults with a server have none of their own. */
export function errorInfoOf(record: ExchangeRecord): string {
  const { errorInfo, status, ending, noServer, backendError, attempts } = record;
  if (errorInfo !== undefined) return errorInfo;
  if (ending === "--" || backendError) return "ERRORINFO_NO_ERROR";
  const by = ending.charAt(0);
  if (by === "C") return "ERRORINFO_CLIENT_CLOSED_REQUEST";
  if (by === "c") return "ERRORINFO_CLIENT_TIMED_OUT";
  if (noServer !== undefined && noServer !== "all-tried") return "ERRORINFO_UPSTREAM_NO_LIVE";
  if (status === 504) return "ERRORINFO_UPSTREAM_TIMED_OUT";
  const failed = attempts.length > 0 && attempts[attempts.length - 1]?.failure !== undefined;
  return failed ? "ERRORINFO_UPSTREAM_CLOSED_CONNECTION" : "ERRORINFO_NO_ERROR";
}
