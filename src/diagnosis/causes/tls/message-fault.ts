import type { CertificateCause } from "../../../health/certificates/chain-causes.ts";
import type { HealthMessageKey } from "../../../health/message.ts";
import type { HealthEntry } from "../../facets.ts";

const byKey: Partial<Record<HealthMessageKey, CertificateCause>> = {
  "cn-v2": "tls-name-probe",
  "cn-old": "tls-name-probe",
  expired: "tls-expired",
  "no-intermediate": "tls-intermediate-missing",
  "no-leaf": "tls-leaf-missing",
  "leaf-order": "tls-order",
  "root-mismatch-int": "tls-root-mismatch",
  // The portal also says this of a server that leaves its intermediates out (causes-of-502.md §L.6).
  "root-mismatch": "tls-intermediate-missing",
  "v1-cert": "tls-v1-authcert",
};

/** OpenSSL's X509_V_ERR_* numbers that mean exactly one thing. 24 is "invalid CA" in 1.x, 79 in 3.x. */
const byVerifyError: Readonly<Record<number, CertificateCause>> = {
  9: "tls-expired",
  10: "tls-expired",
  20: "tls-intermediate-missing",
  21: "tls-intermediate-missing",
  23: "tls-revoked",
  24: "tls-root-not-ca",
  62: "tls-name-probe",
  64: "tls-name-probe",
  79: "tls-root-not-ca",
};

/** An untrusted root at the end of the chain the server sends. */
const selfSignedInChain = 19;

/**
 * What a failing server's message means when nothing but the message is known; undefined = not a certificate fault. Of a
 * chain that was seen live `seenFaults` tells instead.
 */
export function messageFault({ observation, message, server }: HealthEntry): CertificateCause | undefined {
  const { key, verifyError } = message;
  if (observation.health !== "unhealthy" || key === undefined) return undefined;
  const rooted = server.pair.setting.trustedRootCertificates.length > 0;
  if (key.startsWith("unknown-ca")) return rooted ? "tls-root-mismatch" : "tls-private-ca-no-root";
  if (key !== "verify") return byKey[key];
  if (verifyError === selfSignedInChain) return rooted ? "tls-root-mismatch" : "tls-private-ca-no-root";
  const fault = (verifyError !== undefined && byVerifyError[verifyError]) || "tls-verify-other";
  // Without a root of one's own, the certificate that is no authority stands in the server's chain.
  return fault === "tls-root-not-ca" && !rooted ? "tls-verify-other" : fault;
}
