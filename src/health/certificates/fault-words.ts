import type { CertificateFault, CertificateFaultKind } from "./faults.ts";

type Words = (subject: string, name: string) => string;

const words: Readonly<Record<CertificateFaultKind, Words>> = {
  unreadable: () => "a certificate of the chain cannot be read",
  "leaf-missing": () => "the server sends no certificate of its own, only those of its issuers or none",
  "leaf-not-first": (subject) => `the server's own certificate ${subject} is sent, but not first`,
  "order-after-leaf": (subject) => `${subject} is out of order, which the gateway accepts`,
  "self-signed-not-ca": (subject) =>
    `${subject} is signed by itself and is no CA certificate, which no uploaded root can make good`,
  "intermediate-missing": (subject) => `the server does not send the certificate that issued ${subject}`,
  "private-ca-no-root": (subject) =>
    `the chain ends at ${subject}, which is not well known, and the backend setting has no root certificate`,
  "wrong-root": (subject) =>
    `the chain ends at ${subject}, which is not what the root certificates of the backend setting are for`,
  "issuer-not-ca": (subject) => `${subject} has signed another certificate and is no CA certificate`,
  "not-for-servers": (subject) => `${subject} is not meant for servers, by its extended key usage`,
  expired: (subject) => `${subject} has expired`,
  "not-yet-valid": (subject) => `${subject} is not valid yet`,
  "name-mismatch": (subject, name) => `${subject} is not for ${name}`,
  "not-an-authentication-certificate": (subject) =>
    `${subject} is none of the authentication certificates of the backend setting`,
};

/** What a fault is, as a clause; `name` is the one the certificate has to be for. */
export function certificateFaultSays({ kind, about }: CertificateFault, name: string | undefined): string {
  const subject = about === undefined || about.subject === "" ? "the certificate" : about.subject;
  return words[kind](subject, name ?? "the name asked for");
}
