import { X509Certificate } from "node:crypto";
import type { Certificate } from "../../model/gateway.ts";
import type { Certificates, ParsedCertificate } from "../facets.ts";
import { remembered } from "./plans.ts";

/** Longest certificate text looked at; Azure's own limit is 25 KB (gateway-resource.md §6). */
const limitChars = 65_536;

/** Reads the public certificates a gateway carries: base64 DER or PEM. What cannot be read yields nothing. */
export function certificateReader(): Certificates {
  const known = new Map<string, readonly ParsedCertificate[]>();
  return {
    read: ({ data }: Certificate) =>
      data === undefined || data.length > limitChars ? [] : remembered(known, data, () => parse(data)),
  };
}

function parse(data: string): readonly ParsedCertificate[] {
  const text = data.includes("-----BEGIN") ? data : Buffer.from(data, "base64").toString("latin1");
  const blocks = text
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((block) => block.includes("-----BEGIN"));
  const encoded: (string | Buffer)[] = blocks.length > 0 ? blocks : [Buffer.from(data, "base64")];
  return encoded.flatMap((one) => {
    try {
      return [facts(new X509Certificate(one))];
    } catch {
      return [];
    }
  });
}

function facts(certificate: X509Certificate): ParsedCertificate {
  const alternative = [...(certificate.subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)].map((match) =>
    (match[1] ?? "").toLowerCase(),
  );
  const common = /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1]?.trim().toLowerCase();
  const selfSigned = certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: certificate.issuer.replaceAll("\n", ", "),
    isCa: certificate.ca || (selfSigned && isVersion1(certificate.raw)),
    selfSigned,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    names: alternative.length > 0 ? alternative : common === undefined ? [] : [common],
  };
}

/**
 * Certificates of version 1 have no extensions, hence no CA flag; self-signed ones are accepted as roots all the same.
 * Version 2 and later begin the inner sequence with the explicit tag [0] (RFC 5280 §4.1).
 */
function isVersion1(der: Buffer): boolean {
  const outer = contentOffset(der, 0);
  return outer !== undefined && der[contentOffset(der, outer) ?? der.length] === 0x02;
}

/** Where the content of the DER element at `offset` begins. */
function contentOffset(der: Buffer, offset: number): number | undefined {
  const length = der[offset + 1];
  if (length === undefined) return undefined;
  return offset + 2 + (length < 0x80 ? 0 : length - 0x80);
}
