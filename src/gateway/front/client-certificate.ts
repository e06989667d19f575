import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { readCertificate } from "../../health/certificates/certificate.ts";
import { clientChainFault } from "../../health/certificates/client-chain.ts";
import { TrustStore } from "../../health/certificates/trust-store.ts";
import type { ClientCertificateFacts } from "../../routing/rewrite/facts.ts";
import type { ClientCertificates } from "../config/prepared.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import { chainOf } from "../sent-chain.ts";
import { noClientCertificate, unfitClientCertificate } from "./request-faults.ts";

/** What a client showed of itself. */
export interface ClientShown {
  readonly certificate: ClientCertificateFacts | undefined;
  /** What all its requests get; undefined = it may go on. */
  readonly refusal: OwnAnswer | undefined;
}

const notAsked: ClientShown = { certificate: undefined, refusal: undefined };
const nothingShown: ClientShown = { certificate: undefined, refusal: noClientCertificate };

/** By listener: they change with the configuration only. */
const stores = new WeakMap<ClientCertificates, TrustStore>();

/**
 * Judges what a client shows on a handshake that was just made, and was not resumed: sessions are not, where clients are
 * asked (`door-tls.ts`). The library does not judge it for a `TLSSocket` that no server of its own has made.
 */
export function clientShown(
  secure: TLSSocket,
  clients: ClientCertificates | undefined,
  nowMs: number,
): ClientShown {
  if (clients === undefined) return notAsked;
  const chain = chainOf(secure);
  const [leaf] = chain;
  if (leaf === undefined) return nothingShown;
  const { verifyIssuerName } = clients;
  const fault = clientChainFault({ chain, authorities: authoritiesOf(clients), verifyIssuerName, nowMs });
  const x509 = readCertificate(leaf)?.x509;
  const verification = fault === undefined ? "SUCCESS" : (`FAILED:${fault}` as const);
  return {
    certificate: x509 === undefined ? undefined : factsOf(x509, verification),
    refusal: fault === undefined ? undefined : unfitClientCertificate,
  };
}

function authoritiesOf(clients: ClientCertificates): TrustStore {
  const known = stores.get(clients);
  if (known !== undefined) return known;
  const store = new TrustStore(clients.authorities);
  stores.set(clients, store);
  return store;
}

function factsOf(
  x509: X509Certificate,
  verification: ClientCertificateFacts["verification"],
): ClientCertificateFacts {
  return {
    pem: x509.toString(),
    subject: nameOf(x509.subject),
    issuer: nameOf(x509.issuer),
    serial: x509.serialNumber,
    startDate: x509.validFrom,
    endDate: x509.validTo,
    fingerprint: x509.fingerprint.replaceAll(":", "").toLowerCase(),
    verification,
  };
}

/** As RFC 4514 §2.1 writes names: in one line, the last part first; a character a byte. */
function nameOf(lines: string): string {
  return Buffer.from(lines.split("\n").reverse().join(",")).toString("latin1");
}
