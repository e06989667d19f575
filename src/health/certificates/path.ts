import { isIssuedBy, type ReadCertificate, sameCertificate } from "./certificate.ts";
import type { TrustStore } from "./trust-store.ts";

/** A certificate and the list it was found in. */
export interface Link {
  readonly certificate: ReadCertificate;
  readonly from: "sent" | "uploaded" | "well-known";
  readonly index: number;
}

export interface CertificatePath {
  /** From the leaf upwards, as far as it leads. */
  readonly links: readonly Link[];
  /** Where the root it ends at is trusted; undefined = it ends at none. */
  readonly anchor: "uploaded" | "well-known" | undefined;
}

export interface Sources {
  /** What the server sent. */
  readonly sent: readonly Link[];
  readonly uploaded: TrustStore;
  readonly wellKnown: TrustStore;
  readonly nowMs: number;
}

/** OpenSSL's own default is 100; no chain in use is longer than five. */
const depthLimit = 10;
/** Certificates looked at in all: a server may send many that all seem to issue each other. */
const visitLimit = 64;

/**
 * The way from the leaf to a trusted root, the order in which certificates were sent set aside. Trusted issuers are tried
 * before sent ones, so that an old cross-signed certificate beside a good chain does no harm. Without a way to a root: the
 * longest.
 */
export function findPath(leaf: Link, sources: Sources): CertificatePath {
  let best: CertificatePath = { links: [leaf], anchor: undefined };
  let visits = 0;
  const walk = (links: readonly Link[], top: Link): CertificatePath | undefined => {
    visits += 1;
    const anchor = anchorOf(top, sources);
    if (anchor !== undefined) return { links, anchor };
    if (links.length > best.links.length) best = { links, anchor };
    if (top.certificate.selfSigned || links.length === depthLimit) return undefined;
    for (const issuer of issuersOf(top, sources)) {
      if (visits >= visitLimit) return undefined;
      if (links.some(({ certificate }) => sameCertificate(certificate, issuer.certificate))) continue;
      const found = walk([...links, issuer], issuer);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk([leaf], leaf) ?? best;
}

/** Only a self-signed certificate ends a path: an uploaded intermediate is a link like any other. */
function anchorOf({ certificate }: Link, { uploaded, wellKnown }: Sources): CertificatePath["anchor"] {
  if (!certificate.selfSigned) return undefined;
  const isIn = (store: TrustStore): boolean =>
    store.named(certificate.subject).some((one) => sameCertificate(one, certificate));
  if (isIn(uploaded)) return "uploaded";
  return isIn(wellKnown) ? "well-known" : undefined;
}

function issuersOf({ certificate }: Link, sources: Sources): Link[] {
  const fromStore = (store: TrustStore, from: Link["from"]): Link[] =>
    store.named(certificate.issuer).map((one) => ({
      certificate: one,
      from,
      index: store.certificates.indexOf(one),
    }));
  const candidates = [
    ...fromStore(sources.uploaded, "uploaded"),
    ...fromStore(sources.wellKnown, "well-known"),
    ...sources.sent.filter((one) => one.certificate.subject === certificate.issuer),
  ];
  const valid = (link: Link): boolean =>
    link.certificate.notBeforeMs <= sources.nowMs && sources.nowMs <= link.certificate.notAfterMs;
  const ordered = [...candidates.filter(valid), ...candidates.filter((one) => !valid(one))];
  return ordered
    .slice(0, visitLimit)
    .filter((candidate) => isIssuedBy(certificate.x509, candidate.certificate.x509));
}
