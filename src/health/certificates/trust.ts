import type { HealthMessageKey } from "../message.ts";
import type { CertificateFaultKind } from "./faults.ts";
import type { CertificatePath, Link, Sources } from "./path.ts";

export interface TrustFault {
  readonly kind: CertificateFaultKind;
  readonly about: Link;
  readonly message: HealthMessageKey;
  readonly rivals: readonly CertificateFaultKind[];
}

/**
 * Why a chain leads to no trusted root (health-probes.md §8, rows no-intermediate to root-mismatch). Where the issuer at
 * which it breaks off was neither sent nor uploaded, several faults look alike; the likeliest is named with its rivals.
 */
export function trustFault(path: CertificatePath, sources: Sources): TrustFault | undefined {
  const [leaf] = path.links;
  const top = path.links.at(-1);
  if (leaf === undefined || top === undefined) return undefined;
  // Even if uploaded as a root (request-handling.md §8.2).
  if (leaf.certificate.selfSigned && !leaf.certificate.isCa) {
    return { kind: "self-signed-not-ca", about: leaf, message: "no-intermediate", rivals: [] };
  }
  if (path.anchor !== undefined) return undefined;
  if (top.certificate.selfSigned) return untrustedRoot(path, top, sources);
  return path.links.length === 1 ? issuerOfLeafUnknown(top, sources) : issuerAboveUnknown(top, sources);
}

function untrustedRoot(path: CertificatePath, root: Link, { uploaded }: Sources): TrustFault {
  if (uploaded.certificates.length > 0) {
    return { kind: "wrong-root", about: root, message: "root-mismatch", rivals: [] };
  }
  const message = path.links.length > 2 ? "unknown-ca-int" : "unknown-ca";
  return { kind: "private-ca-no-root", about: root, message, rivals: [] };
}

/** The leaf's issuer is an intermediate nobody sent, or a private root that signed it directly. */
function issuerOfLeafUnknown(leaf: Link, { sent, uploaded }: Sources): TrustFault {
  if (uploaded.named(leaf.certificate.issuer).length > 0) {
    return { kind: "wrong-root", about: leaf, message: "root-mismatch", rivals: [] };
  }
  // A root that was sent and did not sign the leaf: something is missing between the two.
  const rootSent = sent.some(({ certificate }) => certificate.selfSigned);
  const rival = uploaded.certificates.length > 0 ? "wrong-root" : "private-ca-no-root";
  const rivals = rootSent ? [] : ([rival] as const);
  return { kind: "intermediate-missing", about: leaf, message: "no-intermediate", rivals };
}

/** The issuer of the last intermediate is a root, which need not be sent, or one more intermediate. */
function issuerAboveUnknown(top: Link, { uploaded }: Sources): TrustFault {
  if (uploaded.certificates.length === 0) {
    const rivals = ["intermediate-missing"] as const;
    return { kind: "private-ca-no-root", about: top, message: "unknown-ca-int", rivals };
  }
  // The name of the right root with another key, or an intermediate uploaded in the place of a root: nothing else fits.
  const certain = top.from === "uploaded" || uploaded.named(top.certificate.issuer).length > 0;
  const rivals = certain ? [] : (["intermediate-missing"] as const);
  return { kind: "wrong-root", about: top, message: "root-mismatch-int", rivals };
}
