import { isMeantFor, type ReadCertificate, readCertificate } from "./certificate.ts";
import { findPath, type Link } from "./path.ts";
import { TrustStore } from "./trust-store.ts";

/** Why a client's certificate is not accepted, in OpenSSL's words where it has some. */
export type ClientChainFault =
  | "certificate has expired"
  | "certificate is not yet valid"
  | "invalid CA certificate"
  | "issuer DN mismatch"
  | "self-signed certificate"
  | "unable to get local issuer certificate"
  | "unreadable certificate"
  | "unsuitable certificate purpose";

export interface ClientChain {
  /** DER, as the client sent it, its own first. */
  readonly chain: readonly Buffer[];
  /** Where chains may end: roots, or intermediates that stand for themselves. */
  readonly authorities: TrustStore;
  /** The issuer of the client's certificate has to be one of the authorities. */
  readonly verifyIssuerName: boolean;
  readonly nowMs: number;
}

const nobody = new TrustStore([]);

/** Undefined = it is accepted (request-handling.md §9). Revocation is not asked about. */
export function clientChainFault(input: ClientChain): ClientChainFault | undefined {
  const { chain, authorities, verifyIssuerName, nowMs } = input;
  const sent = chain.flatMap((der, index): Link[] => {
    const certificate = readCertificate(der);
    return certificate === undefined ? [] : [{ certificate, from: "sent", index }];
  });
  const [leaf] = sent;
  if (leaf === undefined || leaf.index !== 0) return "unreadable certificate";
  const { links, anchor } = findPath(leaf, { sent, uploaded: authorities, wellKnown: nobody, nowMs });
  const trusted = links.findIndex(({ from }) => from === "uploaded");
  if (anchor === undefined && trusted < 0) {
    const top = links.at(-1)?.certificate;
    return top?.selfSigned === true ? "self-signed certificate" : "unable to get local issuer certificate";
  }
  const needed = trusted < 0 ? links : links.slice(0, trusted + 1);
  return (
    faultAlong(
      needed.map(({ certificate }) => certificate),
      nowMs,
    ) ??
    (isMeantFor(leaf.certificate, "clients") ? undefined : "unsuitable certificate purpose") ??
    (verifyIssuerName && authorities.named(leaf.certificate.issuer).length === 0
      ? "issuer DN mismatch"
      : undefined)
  );
}

function faultAlong(path: readonly ReadCertificate[], nowMs: number): ClientChainFault | undefined {
  if (path.slice(1).some(({ isCa }) => !isCa)) return "invalid CA certificate";
  if (path.some(({ notAfterMs }) => nowMs > notAfterMs)) return "certificate has expired";
  return path.some(({ notBeforeMs }) => nowMs < notBeforeMs) ? "certificate is not yet valid" : undefined;
}
