import type { HealthMessageKey } from "../message.ts";

export type CertificateFaultKind =
  /** A certificate of the chain is not one. */
  | "unreadable"
  /** Nothing but CA certificates, or nothing at all. */
  | "leaf-missing"
  /** The leaf is there, but not first. */
  | "leaf-not-first"
  /** The certificates after the leaf do not follow each other; accepted by the gateway. */
  | "order-after-leaf"
  | "self-signed-not-ca"
  | "intermediate-missing"
  /** The chain ends at a CA that is not well known, and no root was uploaded. */
  | "private-ca-no-root"
  /** Roots were uploaded, and none of them is the one the chain ends at. */
  | "wrong-root"
  /** A certificate that signed another one of the chain may not sign. */
  | "issuer-not-ca"
  /** The extended key usage of the leaf names other uses than a server's. */
  | "not-for-servers"
  | "expired"
  | "not-yet-valid"
  | "name-mismatch"
  /** v1: the leaf is none of the authentication certificates. */
  | "not-an-authentication-certificate";

export type ChainPosition = "leaf" | "intermediate" | "root";

/** A certificate in a judgement: where it came from, and what tells it from others. */
export interface JudgedCertificate {
  readonly from: "sent" | "uploaded" | "well-known";
  /** In the list it came from. */
  readonly index: number;
  /** e.g. `CN=shop.contoso.example, O=Contoso` */
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Hexadecimal in capitals with colons. */
  readonly sha256: string;
}

export interface CertificateFault {
  readonly kind: CertificateFaultKind;
  /** Undefined when there is none: an empty chain, or one that cannot be read. */
  readonly about: JudgedCertificate | undefined;
  readonly position: ChainPosition | undefined;
  /** The backend-health message the gateway has for it (health-probes.md §8). */
  readonly message: HealthMessageKey | undefined;
  /** Whether the gateway refuses the server for it, by the switches of the setting. */
  readonly enforced: boolean;
  /** What else the same chain could come from: certificates nobody sent are unknown. Empty = this and nothing else. */
  readonly rivals: readonly CertificateFaultKind[];
}
