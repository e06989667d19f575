import { X509Certificate } from "node:crypto";

/** One certificate as a judgement needs it. */
export interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** May sign others: CA:TRUE, or a self-signed one of version 1, which cannot say it (RFC 5280 §4.1). */
  readonly isCa: boolean;
  readonly selfSigned: boolean;
}

const shownChars = 300;

/** A subject or issuer as it is shown: in one line, and cut where somebody made it long. */
export function shownName(name: string): string {
  const line = name.slice(0, shownChars + 1).replaceAll("\n", ", ");
  return line.length > shownChars ? `${line.slice(0, shownChars)}…` : line;
}

/** Undefined when the bytes are no certificate. */
export function readCertificate(encoded: Buffer | string): ReadCertificate | undefined {
  try {
    const x509 = new X509Certificate(encoded);
    const selfSigned = isIssuedBy(x509, x509);
    return {
      x509,
      subject: x509.subject,
      issuer: x509.issuer,
      notBeforeMs: x509.validFromDate.getTime(),
      notAfterMs: x509.validToDate.getTime(),
      isCa: x509.ca || (selfSigned && isVersion1(x509.raw)),
      selfSigned,
    };
  } catch {
    return undefined;
  }
}

export function sameCertificate(one: ReadCertificate, other: ReadCertificate): boolean {
  return one.x509.raw.equals(other.x509.raw);
}

/** By name, key identifier, key usage (RFC 5280 §6.1) and signature. A key that cannot be read has signed nothing. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

const forUse = {
  servers: "1.3.6.1.5.5.7.3.1",
  clients: "1.3.6.1.5.5.7.3.2",
  anything: "2.5.29.37.0",
} as const;

/** Where its extended key usage says what it is for (RFC 5280 §4.2.1.12): these, or anything. */
export function isMeantFor({ x509 }: ReadCertificate, whom: "servers" | "clients"): boolean {
  // Node.js calls it `keyUsage`; undefined = the extension is not there.
  const uses: readonly string[] | undefined = x509.keyUsage;
  return uses === undefined || uses.includes(forUse[whom]) || uses.includes(forUse.anything);
}

/** Version 2 and later begin the inner sequence with the explicit tag [0] (RFC 5280 §4.1). */
function isVersion1(der: Buffer): boolean {
  const inner = contentOffset(der, contentOffset(der, 0));
  return der[inner] === 0x02;
}

/** Where the content of the DER element at `offset` begins. */
function contentOffset(der: Buffer, offset: number): number {
  const length = der[offset + 1] ?? 0;
  return offset + 2 + (length < 0x80 ? 0 : length - 0x80);
}
