import type { JudgedExchange } from "../../live-evidence.ts";

const ends: ReadonlySet<JudgedExchange["kind"]> = new Set([
  "tls-alert",
  "client-certificate-wanted",
  "tls-not-tls",
  "tls-timed-out",
  "tls-cut",
  "tls-failed",
  "certificate",
]);

/** Whether an exchange ended in TLS: in the handshake or with the certificate. */
export function isTlsEnd(kind: JudgedExchange["kind"]): boolean {
  return ends.has(kind);
}

/** The server broke off the handshake before anything about its certificates could be judged. */
export function isHandshakeRefused({ kind }: Pick<JudgedExchange, "kind">): boolean {
  return kind === "tls-alert" || kind === "tls-cut" || kind === "tls-failed";
}
