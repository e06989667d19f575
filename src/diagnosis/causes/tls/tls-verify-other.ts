import { certificateFaultSays } from "../../../health/certificates/fault-words.ts";
import { defineCause } from "../../cause.ts";
import { poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";

/** X509_V_ERR_* by number, for those that have no cause of their own (openssl-verification-options(1)). */
const meanings: Readonly<Record<number, string>> = {
  3: "the revocation list of an authority could not be had",
  7: "the signature of a certificate is not valid",
  8: "the signature of a revocation list is not valid",
  11: "a revocation list is not valid yet",
  12: "a revocation list is too old",
  13: "a date in a certificate cannot be read",
  18: "the server's certificate is signed by itself and nobody vouches for it",
  22: "the chain is longer than allowed",
  25: "an authority in the chain may not have so many authorities below it",
  26: "a certificate is not meant for servers (extended key usage)",
  27: "the root is not trusted for this purpose",
  28: "the root is marked as rejected",
  66: "the key of the server's certificate is too short",
  67: "the key of an authority is too short",
  68: "the digest of a signature is too weak",
};

export default defineCause({
  id: "tls-verify-other",
  title: "Certificate check of the server fails for another reason",
  layer: "tls",
  decidedBy: ["health", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "health", "plans", "services", "live"],
  explainedBy: [...wrongServerCauses, "crl-blocked"],
  about: `The gateway's message carries an error number of the OpenSSL library that is none of the usual ones: a bad signature,
a key that is too short, a certificate that is not meant for servers, an unusable revocation list. The number says which;
\`openssl verify\` with the chain of the server repeats it. Live evidence shows it where a certificate cannot be read, or where
one that was sent signs another without being an authority. The certificate named has to be issued anew.`,
  find: (facets) => reported(facets, "tls-verify-other").map((match) => foundReported(match)),
  say: (match) => ({
    summary: `The certificate of ${presenters(match)} does not pass verification: ${reasonOf(match)}`,
    subjects: [poolSubject(match.pair.pool), settingSubject(match.pair.setting)],
    evidence: reportEvidence(match),
  }),
  fix: (match) => ({
    summary: `Issue the certificate of ${presenters(match)} anew so that this no longer holds: ${reasonOf(match)}.`,
    changes: [],
    sideEffects: [],
  }),
});

function reasonOf({ first: { seen, exchange, message } }: Reported): string {
  if (seen?.fault !== undefined) return certificateFaultSays(seen.fault, exchange?.plan.sni);
  const verifyError = message?.verifyError;
  if (verifyError === undefined) return "the message gives no error number";
  const meaning = meanings[verifyError];
  return meaning === undefined ? `OpenSSL error ${verifyError}` : `${meaning} (OpenSSL error ${verifyError})`;
}
