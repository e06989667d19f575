import type { TlsOptions } from "node:tls";
import {
  type CertificateWish,
  dayMs,
  makeCertificate,
  type TestCertificate,
  testNowMs,
} from "../../support/certificates.ts";

/** The name that probe, listener and, unless told otherwise, certificates have. */
export const host = "app.contoso.example";

/** Both at the moment of sending and at the one the tests are asked in. */
const moments = [Date.now(), testNowMs];
const period = {
  notBeforeMs: Math.min(...moments) - 30 * dayMs,
  notAfterMs: Math.max(...moments) + 3650 * dayMs,
};

/** A certificate of which only what is wished is out of the ordinary: valid now, for `host`, no authority. */
export function certificate(wish: CertificateWish): TestCertificate {
  return makeCertificate({ ...period, commonName: host, names: [host], ...wish });
}

export function authority(commonName: string, wish: CertificateWish = {}): TestCertificate {
  return makeCertificate({ ...period, commonName, ca: true, ...wish });
}

export const root = authority("Contoso Root");
export const intermediate = authority("Contoso Issuing", { issuer: root });
export const leaf = certificate({ issuer: intermediate });

/** A server's certificates in the order given; the key is that of the first. */
export function sending(...chain: readonly TestCertificate[]): TlsOptions {
  return { key: chain[0]?.keyPem, cert: chain.map(({ pem }) => pem).join("") };
}
