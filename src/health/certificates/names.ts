import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

const namesShown = 50;

/**
 * Whether the certificate is for this name or address: if it has a SAN, that alone counts, otherwise the CN (RFC 6125
 * §6.4, request-handling.md §8.2); a wildcard stands for exactly one whole label.
 */
export function isForName(certificate: X509Certificate, name: string): boolean {
  const noSan = certificate.subjectAltName === undefined;
  if (isIP(name) !== 0) {
    return certificate.checkIP(name) !== undefined || (noSan && commonNameOf(certificate) === name);
  }
  const host = name.replace(/\.$/, "");
  // OpenSSL would take a leading dot as "anything below".
  if (host === "" || host.startsWith(".") || host.includes("\0")) return false;
  const found = certificate.checkHost(host, {
    subject: noSan ? "always" : "never",
    wildcards: true,
    partialWildcards: false,
    multiLabelWildcards: false,
  });
  return found !== undefined;
}

/** The names that count, to be shown: DNS names and addresses of the SAN, or the CN when there is no SAN. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const alternative = certificate.subjectAltName;
  if (alternative !== undefined) return alternativeNames(alternative).slice(0, namesShown);
  const common = commonNameOf(certificate);
  return common === undefined ? [] : [common];
}

/** Entries are read one after the other: a name may itself contain what looks like an entry, and is quoted then. */
function alternativeNames(text: string): string[] {
  const entries = text.matchAll(/([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy);
  return [...entries].flatMap(([, kind, value = ""]) =>
    kind === "DNS" || kind === "IP Address" ? [value] : [],
  );
}

function commonNameOf(certificate: X509Certificate): string | undefined {
  return /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1];
}
