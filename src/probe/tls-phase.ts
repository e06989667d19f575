import { keptFirstBytes } from "../model/kept-values.ts";
import type { TlsPhase } from "../model/probe-observation.ts";
import type { HandshakeFacts } from "../wire/tls/handshake.ts";

/** A handshake as it is kept. */
export function tlsPhaseOf(facts: HandshakeFacts, lateAlert: string | undefined): TlsPhase {
  const { outcome, sniSent, version, cipher, alpn, alert, warnings, fault, errno, tookMs } = facts;
  return {
    outcome,
    sniSent,
    version,
    cipher,
    alpn,
    alert,
    lateAlert,
    warnings,
    chain: facts.chain?.map((der) => ({ derBase64: der.toString("base64") })),
    clientCertificateRequested: facts.clientCertificateRequested,
    messages: facts.messages,
    fault,
    firstBytesBase64: facts.firstBytes && keptFirstBytes(facts.firstBytes.toString("base64")),
    errno,
    tookMs,
  };
}
