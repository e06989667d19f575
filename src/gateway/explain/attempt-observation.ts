import { makerFactsOf } from "../../health/answer-maker.ts";
import { isLayer7 } from "../../health/exchange.ts";
import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import type {
  DnsPhase,
  HttpPhase,
  ProbeObservation,
  TcpPhase,
  TlsPhase,
} from "../../model/probe-observation.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";

/** How each failure looks as the end of a phase; no entry = the phase before went well. */
const tcpOutcomes: Partial<Record<AttemptFailure["kind"], TcpPhase["outcome"]>> = {
  "connect-refused": "refused",
  "connect-timeout": "timed-out",
  "connect-unreachable": "unreachable",
  "connect-reset": "reset",
  "connect-failed": "failed",
};

const tlsOutcomes: Partial<Record<AttemptFailure["kind"], TlsPhase["outcome"]>> = {
  "tls-alert": "alert",
  "tls-not-tls": "not-tls",
  "tls-timeout": "timed-out",
  "tls-closed": "closed",
  "tls-failed": "failed",
};

const httpOutcomes: Partial<Record<AttemptFailure["kind"], HttpPhase["outcome"]>> = {
  "send-reset": "reset-before-first-byte",
  "response-timeout": "timed-out-before-first-byte",
  "response-reset": "reset-before-first-byte",
  "response-closed": "closed-before-first-byte",
  "response-invalid": "invalid",
  "relay-timeout": "timed-out-midway",
  "relay-reset": "reset-midway",
  "relay-closed": "closed-midway",
  "relay-invalid": "invalid",
};

/** By the gateway, and nothing that the server did tells of it. */
const givenUp: ReadonlySet<AttemptFailure["kind"]> = new Set([
  "aborted",
  "response-drained",
  "relay-drained",
]);

/**
 * An attempt as what a probe would have seen, so that the diagnosis judges it like anything that was sent; undefined when
 * it was given up before anything could be seen. `plan` is what the gateway sends for the request. A reused connection
 * that had died is told as a second request after so long a pause: a fresh one need not fail.
 */
export function observationOf(
  attempt: Attempt,
  plan: ExchangePlan,
  { startedAtMs, answeredBy }: Pick<ExchangeRecord, "startedAtMs" | "answeredBy">,
): ProbeObservation | undefined {
  const { failure, member } = attempt;
  if (failure !== undefined && givenUp.has(failure.kind)) return undefined;
  const stale = failure?.stale === true;
  const manner = stale ? { ...plan.manner, afterIdleMs: Math.round(attempt.idleMs ?? 0) } : plan.manner;
  const begun = {
    startedAtMs: Math.round(startedAtMs + attempt.startedMs),
    fromAddress: undefined,
    sent: { ...plan, manner, target: member },
  };
  if (failure?.kind === "dns") {
    return { ...begun, dns: dnsPhase(attempt, failure), tcp: undefined, tls: undefined, http: undefined };
  }
  const tcp = tcpPhase(attempt, plan);
  const tls = tcp.outcome === "connected" && plan.tls !== undefined ? tlsPhase(attempt, plan) : undefined;
  if (!isLayer7(plan.protocol)) return { ...begun, dns: undefined, tcp, tls, http: undefined };
  const through = tcp.outcome === "connected" && (tls === undefined || tls.outcome === "established");
  const http = through && failure?.kind !== "tls-certificate" ? httpPhase(attempt, answeredBy) : undefined;
  return { ...begun, dns: undefined, tcp, tls, http };
}

function dnsPhase({ member, startedMs, endedMs }: Attempt, { detail }: AttemptFailure): DnsPhase {
  const rcode =
    detail !== undefined && /^(NXDOMAIN|NOERROR|SERVFAIL|REFUSED)$/.test(detail) ? detail : undefined;
  const tookMs = endedMs - startedMs;
  return {
    name: member,
    unaskable: undefined,
    answers: [
      {
        server: "system",
        role: "system",
        type: undefined,
        outcome:
          rcode === undefined && detail !== "ENOTFOUND" && detail !== "ENODATA" ? "no-answer" : "answered",
        transport: "system",
        rcode,
        errno: rcode === undefined ? detail : undefined,
        fault: undefined,
        addresses: [],
        canonicalNames: [],
        chain: "complete",
        ttlS: undefined,
        sent: 1,
        ignored: 0,
        tookMs,
      },
    ],
    differing: { amongGatewayServers: false, withOthers: false },
    used: [],
    tookMs,
  };
}

function tcpPhase(
  { server, startedMs, connectedMs, endedMs, failure }: Attempt,
  plan: ExchangePlan,
): TcpPhase {
  const outcome = (failure && tcpOutcomes[failure.kind]) ?? "connected";
  const at = server.lastIndexOf(":");
  return {
    address: server.slice(0, at).replace(/^\[|\]$/g, ""),
    port: Number(server.slice(at + 1)) || plan.port,
    outcome,
    errno: outcome === "connected" ? undefined : failure?.detail,
    localAddress: undefined,
    tookMs: (connectedMs ?? endedMs) - startedMs,
  };
}

function tlsPhase(
  { connectedMs, startedMs, tlsMs, endedMs, failure }: Attempt,
  plan: ExchangePlan,
): TlsPhase {
  const outcome = (failure && tlsOutcomes[failure.kind]) ?? "established";
  return {
    outcome,
    sniSent: plan.sni,
    version: undefined,
    cipher: undefined,
    alpn: undefined,
    alert: outcome === "alert" ? failure?.detail : undefined,
    lateAlert: undefined,
    warnings: [],
    chain: failure?.chain?.map((der) => ({ derBase64: der.toString("base64") })),
    clientCertificateRequested: failure?.detail === "certificate_required",
    messages: [],
    fault: undefined,
    firstBytesBase64: outcome === "not-tls" ? firstBytesOf(failure) : undefined,
    errno: outcome === "established" || outcome === "alert" ? undefined : failure?.detail,
    tookMs: (tlsMs ?? endedMs) - (connectedMs ?? startedMs),
  };
}

function httpPhase(attempt: Attempt, answeredBy: ExchangeRecord["answeredBy"]): HttpPhase {
  const { status, startedMs, sentMs, firstByteMs, endedMs, bytesSent, failure } = attempt;
  const outcome = (failure && httpOutcomes[failure.kind]) ?? "answered";
  const since = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : ms - startedMs;
  const invalid = outcome === "invalid";
  return {
    outcome,
    bytesSent,
    version: status === undefined ? undefined : "HTTP/1.1",
    status,
    reason: undefined,
    // An error that is passed on is the last attempt's; no other has a status of 5xx.
    ...makerFactsOf((status ?? 0) >= 500 ? answeredBy : undefined),
    bodyHolds: undefined,
    interim: [],
    bodyBytes: 0,
    bodyComplete: failure === undefined,
    extraBytes: 0,
    fault: invalid ? { kind: failure?.detail ?? "unknown", offset: failure?.offset ?? 0 } : undefined,
    firstBytesBase64: invalid ? firstBytesOf(failure) : undefined,
    errno: outcome.startsWith("reset") ? failure?.detail : undefined,
    firstByteMs: since(firstByteMs),
    completeMs: failure === undefined ? since(endedMs) : undefined,
    endedBy: outcome.startsWith("reset") || outcome.startsWith("closed") ? "server" : "us",
    endedMs: endedMs - startedMs,
    idle: failure?.stale
      ? { reusable: true, closedAfterMs: undefined, byReset: outcome.startsWith("reset"), unaskedBytes: 0 }
      : undefined,
    tookMs: endedMs - (sentMs ?? startedMs),
  };
}

/** As many as observations keep. */
function firstBytesOf(failure: AttemptFailure | undefined): string | undefined {
  return failure?.firstBytes?.subarray(0, 64).toString("base64");
}
