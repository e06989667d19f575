import { type ReadCertificate, readCertificate } from "../../health/certificates/certificate.ts";
import { encodedCertificates } from "../../health/certificates/encoded.ts";
import { isForName } from "../../health/certificates/names.ts";
import type { Certificate } from "../../model/gateway.ts";
import type { Certificates, ParsedCertificate } from "../facets.ts";
import { remembered } from "./plans.ts";

/** Reads the public certificates a gateway carries: base64 DER or PEM. What cannot be read yields nothing. */
export function certificateReader(): Certificates {
  const known = new Map<string, readonly ParsedCertificate[]>();
  return {
    read: ({ data }: Certificate) => (data === undefined ? [] : remembered(known, data, () => parse(data))),
  };
}

function parse(data: string): readonly ParsedCertificate[] {
  return encodedCertificates(data).flatMap((one) => {
    const certificate = readCertificate(one);
    return certificate === undefined ? [] : [facts(certificate)];
  });
}

function facts({ x509, subject, issuer, ...rest }: ReadCertificate): ParsedCertificate {
  return {
    subject: subject.replaceAll("\n", ", "),
    issuer: issuer.replaceAll("\n", ", "),
    isCa: rest.isCa,
    selfSigned: rest.selfSigned,
    notBeforeMs: rest.notBeforeMs,
    notAfterMs: rest.notAfterMs,
    isFor: (name) => isForName(x509, name),
  };
}
