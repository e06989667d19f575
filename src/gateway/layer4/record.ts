import type { Attempt } from "../../model/attempt.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { shownBy } from "../exchange/record.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { Arrival } from "./arrival.ts";

/** How a connection ended. */
export interface Layer4Ended extends Pick<ExchangeRecord, "ending" | "noServer" | "limit"> {
  /** As the log's `serverStatus` (request-handling.md §10). */
  readonly status: 200 | 400 | 500 | 502 | 503;
  /** The gateway ended it. */
  readonly endedFor?: "idle" | "drained";
}

/** What it leaves behind, its cause with it. */
export function recordOf(
  arrival: Arrival,
  attempts: readonly Attempt[],
  { receivedBytes, sentBytes }: Pick<ExchangeRecord, "receivedBytes" | "sentBytes">,
  { status, ending, noServer, limit, endedFor }: Layer4Ended,
): ExchangeRecord {
  const { transactionId, bound, route, place, serving, sinceMs } = arrival;
  const record: ExchangeRecord = {
    transactionId,
    startedAtMs: performance.timeOrigin + sinceMs,
    clientAddress: place.address,
    clientPort: place.port,
    listener: bound.listener,
    route,
    method: "",
    httpVersion: "",
    originalHost: "",
    host: "",
    originalTarget: "",
    target: "",
    userAgent: "",
    contentType: "",
    status,
    ending,
    cause: undefined,
    noServer,
    limit,
    backendError: false,
    attempts,
    receivedBytes,
    sentBytes,
    tls: place.tls,
    ...shownBy(place),
    tookMs: loopNowMs() - sinceMs,
    // Everything that servers send goes to the client.
    layer4: { upstreamReceivedBytes: sentBytes, endedFor },
    clientResponseMs: undefined,
  };
  return ending === "--" ? record : { ...record, cause: serving.causeOf(record) };
}
