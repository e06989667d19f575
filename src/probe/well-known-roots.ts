import { rootCertificates } from "node:tls";
import { TrustStore } from "../health/certificates/trust-store.ts";

let wellKnown: TrustStore | undefined;

/** The well-known roots and others that somebody trusts as well; PEM or DER. Read when first needed. */
export function rootsBeside(others: readonly (string | Buffer)[]): () => TrustStore {
  if (others.length === 0) return wellKnownRoots;
  let all: TrustStore | undefined;
  return () => {
    all ??= new TrustStore([...rootCertificates, ...others]);
    return all;
  };
}

/** The roots that browsers trust too; read when first needed. */
export function wellKnownRoots(): TrustStore {
  wellKnown ??= new TrustStore(rootCertificates);
  return wellKnown;
}
