import type { BackendSetting, Certificate } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Evidence, FixProposal } from "../../finding.ts";
import { evidence, listed, seenEvidence, settingSubject, subject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { wrongServerCauses } from "../families.ts";
import { checkedSettings } from "./attached-roots.ts";
import { foundReported, reportEvidence, reported } from "./reported.ts";

interface Match {
  readonly setting: BackendSetting;
  /** The attached certificates that are no authorities; empty when only the message tells. */
  readonly roots: readonly Certificate[];
  readonly seen: readonly Evidence[];
  /** Of the first server it was seen at. */
  readonly address: string | undefined;
}

export default defineCause({
  id: "tls-root-not-ca",
  title: "Trusted root is not the certificate of an authority",
  layer: "tls",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "health", "plans", "services", "live", "certificates"],
  explainedBy: [...wrongServerCauses, "tls-selfsigned-nonca"],
  about: `What was uploaded as trusted root lacks the CA flag: the server's own certificate instead of the root above it, or a
self-made root that was created without \`CA:TRUE\`. Such a certificate may not vouch for others, and the gateway refuses
every chain below it, with OpenSSL's error 24 or 79 in the message or with one of its texts about roots. Export the topmost
certificate of the server's chain and upload that. Live evidence shows that the chain really leads to such a root.`,
  find: (facets) => {
    const { health } = facets;
    const byDocument = checkedSettings(facets)
      .filter(({ roots }) => roots.every(({ parsed }) => parsed.every(({ isCa }) => !isCa)))
      .map(({ setting, pairs, roots }): Decision<Match> => {
        const entry = pairs
          .flatMap(({ servers }) => servers)
          .map((server) => health.of(server))
          .find((one) => one?.message.phase === "tls");
        const certificates = roots.map(({ certificate }) => certificate);
        return {
          is: "found",
          key: setting.name,
          match: {
            setting,
            roots: certificates,
            seen: entry === undefined ? [] : [seenEvidence(entry)],
            address: undefined,
          },
          affects: { pairs },
          effect: "stops",
          basis: "configuration",
        };
      });
    const decided = new Set(
      byDocument.flatMap(({ affects }) => serversOf(affects)).map(({ pair }) => pair.setting),
    );
    const byMessage = reported(facets, "tls-root-not-ca", ({ server }) => !decided.has(server.pair.setting));
    return [
      ...byDocument,
      ...byMessage.map((match): Decision<Match> => {
        const { setting } = match.pair;
        const address = match.first.server.address;
        return {
          ...foundReported(match),
          match: { setting, roots: [], seen: reportEvidence(match), address },
        };
      }),
    ];
  },
  say: ({ setting, roots, seen, address }) => ({
    summary:
      roots.length > 0
        ? `Trusted root ${listed(roots.map(({ name }) => name))} of backend setting ${setting.name} lacks the CA flag, so it can vouch for no server`
        : `An authority above the certificate of ${address ?? "the server"} lacks the CA flag; backend setting ${setting.name} trusts none that has it`,
    subjects: [...roots.map((root) => subject("trustedRootCertificate", root)), settingSubject(setting)],
    evidence: [
      ...roots.map(({ name, source }) =>
        evidence(`${name} has no basic constraint CA:TRUE`, source.at("data")),
      ),
      ...seen,
    ],
  }),
  fix: ({ setting, roots }): FixProposal => ({
    summary: `Upload the topmost certificate of the server's chain, one with CA:TRUE, ${
      roots.length > 0
        ? `in place of ${listed(roots.map(({ name }) => name))}`
        : `and attach it to backend setting ${setting.name}`
    }.`,
    changes: [],
    sideEffects: [],
  }),
});
