import type { Certificate } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal } from "../../finding.ts";
import { evidence, listed, poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attachRoots, onlyProbeShows, unusedRoots } from "./attached-roots.ts";
import { trustTrials } from "./known-certificates.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";
import { onlyFault } from "./seen-faults.ts";
import { attachFitting, type FittingRoot, fittingRoot, missingRoot } from "./trust-fix.ts";
import { unreadableTrust } from "./unreadable-trust.ts";

interface Match extends Reported {
  /** Roots that were uploaded and attached to nothing. */
  readonly waiting: readonly Certificate[];
  readonly fitting: FittingRoot | undefined;
}

export default defineCause({
  id: "tls-root-mismatch",
  title: "Attached trusted root did not sign the server's certificate",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "health", "plans", "services", "live", "certificates", "clock"],
  explainedBy: [
    ...wrongServerCauses,
    "tls-intermediate-missing",
    "tls-root-not-ca",
    "tls-expired",
    "tls-selfsigned-nonca",
  ],
  about: `The setting trusts a root, but the server's chain ends at another one: the authority was renewed or exchanged, the
certificate comes from another authority, or the wrong file was uploaded. It starts on the day the server gets its new
certificate. The gateway writes nearly the same text when the server leaves out intermediates, which is therefore the
likelier reading where the text alone is known; live evidence has the chain itself, and judges it again with roots that are
known.`,
  find: (facets) => {
    const { gateway, certificates, clock } = facets;
    const waiting = unusedRoots(gateway, certificates, clock.nowMs).map(({ certificate }) => certificate);
    const certain = reported(facets, "tls-root-mismatch").map((match) => foundReported(match));
    const ambiguous = reported(
      facets,
      "tls-intermediate-missing",
      ({ message, exchange }) => exchange === undefined && message?.key === "root-mismatch",
    ).map((match) => foundReported(match, waiting.length > 0 ? "observed-likely" : "observed-possible"));
    const found = [...certain, ...ambiguous].map(
      (one): Decision<Match> => ({
        ...one,
        match: { ...one.match, waiting, fitting: fittingRoot(facets, one.match) },
      }),
    );
    return [...found, ...unreadableTrust(facets, "v2")];
  },
  trials: (facets, failing) =>
    onlyFault(facets, failing, "wrong-root") === undefined ? [] : trustTrials(facets, failing),
  say: (match) => {
    const { setting, pool } = match.pair;
    const roots = listed(setting.trustedRootCertificates.map(({ target, id }) => target?.name ?? id));
    return {
      summary: `The trusted root of backend setting ${setting.name} (${roots}) is not the one above the certificate of ${presenters(match)}${authorityWords(match)}`,
      subjects: [settingSubject(setting), poolSubject(pool)],
      evidence: [
        evidence(`attached to the setting: ${roots}`, setting.source.at("trustedRootCertificates")),
        ...match.waiting.map(({ name, source }) =>
          evidence(`trusted root ${name} was uploaded and is attached to no setting`, source),
        ),
        ...reportEvidence(match),
      ],
    };
  },
  fix: (match: Match): FixProposal => {
    const { gateway, pair, waiting, first, fitting } = match;
    if (fitting !== undefined) return attachFitting(match, fitting);
    if (waiting.length > 0 && first.exchange === undefined) {
      const present = pair.setting.trustedRootCertificates.flatMap(({ target }) => target ?? []);
      const both = attachRoots(gateway, pair.setting, [...present, ...waiting]);
      return { ...both, notVerifiable: onlyProbeShows };
    }
    return {
      summary: `Upload the root certificate ${missingRoot(first) ?? `that is above the present certificate of ${first.server.address ?? pair.pool.name}`} and attach it to backend setting ${pair.setting.name} beside the old one.`,
      changes: [],
      sideEffects: [],
    };
  },
});

function authorityWords({ first: { exchange } }: Reported): string {
  const top = exchange?.chain?.path.at(-1);
  return top === undefined ? "" : `, which leads to ${top.issuer}`;
}
