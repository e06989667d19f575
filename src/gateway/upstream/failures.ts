import type { AttemptFailure } from "../../model/attempt.ts";
import { isShortage } from "../../model/own-shortage.ts";
import { tcpOutcomeOf } from "../../probe/connect.ts";
import { errnoOf } from "../../probe/errno.ts";
import { alertInError } from "../../wire/tls/alerts.ts";

export type FailureKind = AttemptFailure["kind"];

/** What went wrong, before it is known what that means for the attempt. */
export interface Fault {
  readonly kind: FailureKind;
  readonly detail?: string | undefined;
  readonly offset?: number | undefined;
}

/** With what the server showed, where that tells what is wrong. */
export type FaultSeen = Fault & Pick<AttemptFailure, "chain" | "firstBytes">;

const connectKinds = {
  refused: "connect-refused",
  "timed-out": "connect-timeout",
  unreachable: "connect-unreachable",
  reset: "connect-reset",
  failed: "connect-failed",
} as const;

/** A connection that did not come about. */
export function connectFault(error: Error): Fault {
  const errno = errnoOf(error);
  const outcome = tcpOutcomeOf(errno);
  return { kind: outcome === "connected" ? "connect-failed" : connectKinds[outcome], detail: errno };
}

/** By which OpenSSL says that what came is no record of TLS. */
const notTls: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_HTTPS_PROXY_REQUEST",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** What the system says when the other side went away; Node.js says it for a close within the handshake as well. */
const cut: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

/** A handshake that failed. A close and a reset are told apart by `detail`: only a reset has an errno. */
export function tlsFault(error: Error): Fault {
  const alert = alertInError(error);
  if (alert !== undefined) return { kind: "tls-alert", detail: alert };
  const errno = errnoOf(error);
  if (notTls.has(errno)) return { kind: "tls-not-tls", detail: errno };
  // The error of a system call names the call; the other is the TLS library's word for a close.
  if (cut.has(errno)) return { kind: "tls-closed", detail: "syscall" in error ? errno : undefined };
  if (errno === "ETIMEDOUT") return { kind: "tls-timeout", detail: errno };
  return { kind: "tls-failed", detail: errno };
}

/**
 * A connection that broke after it was made. `awaited`: no byte of the response's final head has been told yet. A TLS
 * 1.3 server refuses a missing client certificate only here (RFC 8446 §4.4.2.4).
 */
export function brokenFault(error: Error, awaited: boolean): Fault {
  const alert = alertInError(error);
  if (alert !== undefined && awaited) return { kind: "tls-alert", detail: alert };
  const detail = alert ?? errnoOf(error);
  if (!awaited) return { kind: "relay-reset", detail };
  const writing = "syscall" in error && error.syscall === "write";
  return { kind: writing ? "send-reset" : "response-reset", detail };
}

/** Whether it is the gateway itself that could not connect or ask, so that it tells nothing of the server. */
export function isOwnShortage({ kind, detail }: Fault): boolean {
  return (kind === "connect-failed" || kind === "dns") && isShortage(detail);
}

/** By which a reused connection may turn out to have been ended by the server before it was used. */
export const endsOfConnection: ReadonlySet<FailureKind> = new Set([
  "send-reset",
  "response-reset",
  "response-closed",
  "tls-alert",
]);

/** What a fault means for an attempt. `awaitsReused`: it went over a reused connection, and no byte of a response has come. */
export function failureOf(
  { kind, detail, offset, chain, firstBytes }: FaultSeen,
  { nothingSent, awaitsReused }: { readonly nothingSent: boolean; readonly awaitsReused: boolean },
): AttemptFailure {
  return {
    kind,
    detail,
    offset,
    nothingSent,
    stale: awaitsReused && endsOfConnection.has(kind),
    ...(chain === undefined ? {} : { chain }),
    ...(firstBytes === undefined ? {} : { firstBytes }),
  };
}
