import type { Certificate } from "../../../model/gateway.ts";
import { defineCause } from "../../cause.ts";
import type { FixProposal } from "../../finding.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attachRoots, onlyProbeShows, unusedRoots } from "./attached-roots.ts";
import { trustTrials } from "./known-certificates.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";
import { onlyFault } from "./seen-faults.ts";
import { attachFitting, type FittingRoot, fittingRoot, missingRoot } from "./trust-fix.ts";

interface Match extends Reported {
  /** Roots that were uploaded and attached to nothing. */
  readonly waiting: readonly Certificate[];
  readonly fitting: FittingRoot | undefined;
}

export default defineCause({
  id: "tls-private-ca-no-root",
  title: "Private authority of the server is not trusted by the setting",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "health", "plans", "services", "live", "certificates", "clock"],
  explainedBy: wrongServerCauses,
  about: `The server's certificate was issued by an authority of its own, and the backend setting has no trusted root, so that
the gateway knows only the public authorities and refuses. Upload the root certificate of that authority (not the
server's, not an intermediate) and attach it to the setting; uploading alone does nothing. The health message says that
the certificate is not signed by a well-known authority. Live evidence has the chain itself, which is judged again as if its root, or one
that was uploaded, were trusted.`,
  find: (facets) => {
    const { gateway, certificates, clock } = facets;
    return reported(facets, "tls-private-ca-no-root").map((match) => {
      const waiting = unusedRoots(gateway, certificates, clock.nowMs).map(({ certificate }) => certificate);
      return { ...foundReported(match), match: { ...match, waiting, fitting: fittingRoot(facets, match) } };
    });
  },
  trials: (facets, failing) =>
    onlyFault(facets, failing, "private-ca-no-root") === undefined ? [] : trustTrials(facets, failing),
  say: (match) => ({
    summary: `The certificate of ${presenters(match)} comes from a private authority${authorityWords(match)}, and backend setting ${match.pair.setting.name} trusts no root but the public ones`,
    subjects: [settingSubject(match.pair.setting), poolSubject(match.pair.pool)],
    evidence: [
      evidence(
        "no trusted root certificate is attached to the setting",
        match.pair.setting.source.at("trustedRootCertificates"),
      ),
      ...match.waiting.map(({ name, source }) =>
        evidence(`trusted root ${name} was uploaded and is attached to no setting`, source),
      ),
      ...reportEvidence(match),
    ],
  }),
  fix: (match: Match): FixProposal => {
    const { gateway, pair, waiting, first, fitting } = match;
    if (fitting !== undefined) return attachFitting(match, fitting);
    if (waiting.length > 0 && first.exchange === undefined) {
      return { ...attachRoots(gateway, pair.setting, waiting), notVerifiable: onlyProbeShows };
    }
    return {
      summary: `Upload the root certificate ${missingRoot(first) ?? `of the authority that issued the certificate of ${first.server.address ?? pair.pool.name}`} (CER) and attach it to backend setting ${pair.setting.name}.`,
      changes: [],
      sideEffects: [],
    };
  },
});

function authorityWords({ first: { exchange } }: Reported): string {
  const top = exchange?.chain?.path.at(-1);
  return top === undefined ? "" : ` (${top.issuer})`;
}
