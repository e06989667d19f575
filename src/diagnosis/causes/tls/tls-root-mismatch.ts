import type { Certificate } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal } from "../../finding.ts";
import { evidence, listed, poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attachRoots, onlyProbeShows, unusedRoots } from "./attached-roots.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";

interface Match extends Reported {
  /** Roots that were uploaded and attached to nothing. */
  readonly waiting: readonly Certificate[];
}

export default defineCause({
  id: "tls-root-mismatch",
  title: "Attached trusted root did not sign the server's certificate",
  layer: "tls",
  decidedBy: ["health", "configuration"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "health", "certificates", "clock"],
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
likelier reading where the text alone is known.`,
  find: (facets) => {
    const { gateway, certificates, clock } = facets;
    const waiting = unusedRoots(gateway, certificates, clock.nowMs).map(({ certificate }) => certificate);
    const certain = reported(facets, "tls-root-mismatch").map((match) => foundReported(match));
    const ambiguous = reported(
      facets,
      "tls-intermediate-missing",
      ({ message }) => message.key === "root-mismatch",
    ).map((match) => foundReported(match, waiting.length > 0 ? "observed-likely" : "observed-possible"));
    return [...certain, ...ambiguous].map(
      (found): Decision<Match> => ({ ...found, match: { ...found.match, waiting } }),
    );
  },
  say: (match) => {
    const { setting, pool } = match.pair;
    const roots = listed(setting.trustedRootCertificates.map(({ target, id }) => target?.name ?? id));
    return {
      summary: `The trusted root of backend setting ${setting.name} (${roots}) is not the one above the certificate of ${presenters(match)}`,
      subjects: [settingSubject(setting), poolSubject(pool)],
      evidence: [
        evidence(`attached to the setting: ${roots}`, setting.source.at("trustedRootCertificates")),
        ...match.waiting.map(({ name, source }) =>
          evidence(`trusted root ${name} was uploaded and is attached to no setting`, source),
        ),
        reportEvidence(match.entry),
      ],
    };
  },
  fix: ({ gateway, pair, waiting, entry }: Match): FixProposal => {
    if (waiting.length > 0) {
      const present = pair.setting.trustedRootCertificates.flatMap(({ target }) => target ?? []);
      const both = attachRoots(gateway, pair.setting, [...present, ...waiting]);
      return { ...both, notVerifiable: onlyProbeShows };
    }
    return {
      summary: `Upload the root certificate that is above the present certificate of ${entry.server.address ?? pair.pool.name} and attach it to backend setting ${pair.setting.name} beside the old one.`,
      changes: [],
      sideEffects: [],
    };
  },
});
