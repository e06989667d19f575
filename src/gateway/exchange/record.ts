import type { Attempt } from "../../model/attempt.ts";
import type { Listener } from "../../model/gateway.ts";
import type { Route } from "../../routing/routes.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { ClientPlace, ClientSide } from "./client-side.ts";
import type { Ending, ExchangeRecord } from "./exchange-record.ts";
import type { RequestSeen } from "./request-seen.ts";

/** What becomes known of an exchange as it goes on. */
export interface Outcome {
  transactionId: string;
  route: Route | undefined;
  host: string;
  target: string;
  /** 0 = nothing was answered yet. */
  status: number;
  /** When the response began, by `loopNowMs()`. */
  responseMs: number | undefined;
  backendError: boolean;
  answeredBy: ExchangeRecord["answeredBy"];
}

/** Nothing is known yet. */
export function noOutcome(transactionId: string): Outcome {
  return {
    transactionId,
    route: undefined,
    host: "",
    target: "",
    status: 0,
    responseMs: undefined,
    backendError: false,
    answeredBy: undefined,
  };
}

export interface RecordContext {
  readonly client: ClientSide;
  readonly request: RequestSeen | undefined;
  readonly outcome: Outcome;
  readonly attempts: readonly Attempt[];
  readonly sinceMs: number;
  /** The listener, where the route does not say. */
  readonly listener: Listener | undefined;
}

/** How it ended. */
export interface Ended {
  readonly status: number;
  readonly ending: Ending;
  readonly errorInfo: string | undefined;
  readonly fault?: ExchangeRecord["fault"];
  readonly noServer?: ExchangeRecord["noServer"];
  readonly limit?: ExchangeRecord["limit"];
}

/** The record without its cause. */
export function recordOf(
  context: RecordContext,
  { status, ending, errorInfo, fault, noServer, limit }: Ended,
): ExchangeRecord {
  const { client, request, outcome, attempts, sinceMs } = context;
  const nowMs = loopNowMs();
  return {
    transactionId: outcome.transactionId,
    startedAtMs: performance.timeOrigin + sinceMs,
    clientAddress: client.place.address,
    clientPort: client.place.port,
    listener: outcome.route?.listener ?? context.listener,
    route: outcome.route,
    method: request?.method ?? "",
    httpVersion: request?.httpVersion ?? (client.place.http2 ? "HTTP/2.0" : "HTTP/1.1"),
    originalHost: request?.host ?? "",
    host: outcome.host,
    originalTarget: request?.originalTarget ?? "",
    target: outcome.target,
    userAgent: request?.userAgent ?? "",
    contentType: request?.contentType ?? "",
    status,
    ending,
    cause: undefined,
    errorInfo,
    fault,
    noServer,
    limit,
    backendError: outcome.backendError,
    answeredBy: outcome.answeredBy,
    attempts,
    receivedBytes: client.receivedBytes,
    sentBytes: client.sentBytes,
    tls: client.place.tls,
    ...shownBy(client.place),
    tookMs: nowMs - sinceMs,
    clientResponseMs: outcome.responseMs === undefined ? undefined : nowMs - outcome.responseMs,
  };
}

/** The certificate itself stays out of records. */
export function shownBy({ clientCertificate }: ClientPlace): Pick<ExchangeRecord, "clientCertificate"> {
  if (clientCertificate === undefined) return {};
  const { verification, fingerprint, issuer } = clientCertificate;
  return { clientCertificate: { verification, fingerprint, issuer } };
}
