import type { CertificateFault, CertificateFaultKind } from "./faults.ts";

/** The causes that a certificate message, or a chain, can mean. */
export type CertificateCause =
  | "tls-name-probe"
  | "tls-expired"
  | "tls-private-ca-no-root"
  | "tls-root-mismatch"
  | "tls-intermediate-missing"
  | "tls-leaf-missing"
  | "tls-order"
  | "tls-selfsigned-nonca"
  | "tls-v1-authcert"
  | "tls-root-not-ca"
  | "tls-revoked"
  | "tls-verify-other";

const byKind: Readonly<Record<CertificateFaultKind, CertificateCause>> = {
  unreadable: "tls-verify-other",
  "leaf-missing": "tls-leaf-missing",
  "leaf-not-first": "tls-order",
  "order-after-leaf": "tls-order",
  "self-signed-not-ca": "tls-selfsigned-nonca",
  "intermediate-missing": "tls-intermediate-missing",
  "private-ca-no-root": "tls-private-ca-no-root",
  "wrong-root": "tls-root-mismatch",
  "issuer-not-ca": "tls-root-not-ca",
  "not-for-servers": "tls-verify-other",
  expired: "tls-expired",
  "not-yet-valid": "tls-expired",
  "name-mismatch": "tls-name-probe",
  "not-an-authentication-certificate": "tls-v1-authcert",
};

/** The cause that a fault of a chain is. An authority without the flag is a matter of the root only where it was uploaded. */
export function causeOfFault({ kind, about }: Pick<CertificateFault, "kind" | "about">): CertificateCause {
  if (kind === "issuer-not-ca" && about?.from !== "uploaded") return "tls-verify-other";
  return byKind[kind];
}

/** The same for a fault that is known by its name only; undefined = there is no such fault. */
export function causeOfFaultNamed(kind: string): CertificateCause | undefined {
  if (!Object.hasOwn(byKind, kind)) return undefined;
  return causeOfFault({ kind: kind as CertificateFaultKind, about: undefined });
}
