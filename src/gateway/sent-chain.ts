import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** As many as are looked at when they are judged. */
const chainLimit = 32;

/**
 * The certificates in the order in which the other side sent them. To be called once a connection, and only when it was
 * not resumed. What the library calls the issuer of a certificate is here simply the next one sent (held by a test against
 * what the handshake itself says); `getPeerCertificate` would sort them, and leave out what does not fit.
 */
export function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < chainLimit) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
