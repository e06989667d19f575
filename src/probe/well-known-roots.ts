import { rootCertificates } from "node:tls";
import { TrustStore } from "../health/certificates/trust-store.ts";

let wellKnown: TrustStore | undefined;

/** The roots that browsers trust too; read when first needed. */
export function wellKnownRoots(): TrustStore {
  wellKnown ??= new TrustStore(rootCertificates);
  return wellKnown;
}
