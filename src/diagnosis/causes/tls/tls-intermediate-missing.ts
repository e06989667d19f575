import { defineCause } from "../../cause.ts";
import { poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { unusedRoots } from "./attached-roots.ts";
import { certificateWords } from "./chain-words.ts";
import { addingTrials } from "./known-certificates.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";
import { onlyFault } from "./seen-faults.ts";

export default defineCause({
  id: "tls-intermediate-missing",
  title: "Server sends an incomplete certificate chain",
  layer: "tls",
  decidedBy: ["health", "live"],
  reads: ["gateway", "health", "plans", "services", "live", "certificates", "clock"],
  explainedBy: [...wrongServerCauses, "tls-selfsigned-nonca", "tls-root-not-ca", "tls-expired"],
  about: `The server sends its own certificate without the intermediate authorities between it and the root. Browsers often
hide this, because they fetch or remember the missing ones; the gateway does not, and reports a missing intermediate or, when
a root is attached, one that does not match. \`openssl s_client -showcerts\` shows a single certificate and error 20 or 21.
Install the full chain on the server. The same text is written for a self-signed certificate without CA flag. Live evidence
has the chain as it was sent; where the missing authority is known from another server, the chain is judged with it added.`,
  find: (facets) => {
    const { gateway, certificates, clock } = facets;
    // A new root that was uploaded and never attached speaks for a root that was exchanged.
    const exchanged = unusedRoots(gateway, certificates, clock.nowMs).length > 0;
    return reported(
      facets,
      "tls-intermediate-missing",
      ({ exchange, message }) => exchange !== undefined || !(exchanged && message?.key === "root-mismatch"),
    ).map((match) => foundReported(match));
  },
  trials: (facets, failing) =>
    onlyFault(facets, failing, "intermediate-missing") === undefined ? [] : addingTrials(facets, failing),
  say: (match) => ({
    summary: `The certificate chain sent by ${presenters(match)} is incomplete${issuerWords(match)}`,
    subjects: [poolSubject(match.pair.pool), settingSubject(match.pair.setting)],
    evidence: reportEvidence(match),
  }),
  fix: (match) => ({
    summary: `Install the full chain on ${presenters(match)}: server certificate first, then every intermediate authority.`,
    changes: [],
    sideEffects: [],
  }),
});

function issuerWords({ first: { seen, exchange } }: Reported): string {
  const which = certificateWords(seen?.fault, exchange);
  const issuer = seen?.fault?.about?.issuer;
  return which === undefined ? "" : `: above ${which} stands ${issuer ?? "an authority"}, which is not sent`;
}
