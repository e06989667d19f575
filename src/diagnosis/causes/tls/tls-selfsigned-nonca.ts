import type { Certificate } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { attached } from "./attached-roots.ts";
import { foundReported, presenters, type Reported, reportEvidence, reported } from "./reported.ts";

interface Match extends Reported {
  /** The attached root that is the same certificate; undefined where the chain alone tells. */
  readonly root: Certificate | undefined;
}

export default defineCause({
  id: "tls-selfsigned-nonca",
  title: "Self-signed server certificate that is no authority",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "health", "plans", "services", "live", "certificates"],
  explainedBy: wrongServerCauses,
  about: `The server's certificate is signed with its own key and lacks the CA flag. The gateway takes it for a server
certificate whose intermediate is missing, and uploading the same file as trusted root does not help, because a root has to be
an authority. Make a root authority of your own, issue the server's certificate from it, and upload that root. From the
message alone it looks like an incomplete chain; the certificate itself, attached as root or seen live, gives it away.`,
  find: (facets) => {
    const byMessage = reported(
      facets,
      "tls-intermediate-missing",
      ({ message, exchange }) => exchange === undefined && message?.key === "no-intermediate",
    ).flatMap((match): Decision<Match>[] => {
      const root = ownCertificate(facets, match.first.server);
      return root === undefined ? [] : [{ ...foundReported(match), match: { ...match, root } }];
    });
    const byChain = reported(facets, "tls-selfsigned-nonca").map((match): Decision<Match> => {
      const root = ownCertificate(facets, match.first.server);
      return { ...foundReported(match), match: { ...match, root } };
    });
    return [...byMessage, ...byChain];
  },
  say: (match) => ({
    summary: `The certificate of ${presenters(match)} is self-signed and no authority; ${match.root === undefined ? "no trusted root can make it good" : `attached as trusted root ${match.root.name} it vouches for nothing`}`,
    subjects: [poolSubject(match.pair.pool), settingSubject(match.pair.setting)],
    evidence: [
      ...(match.root === undefined
        ? []
        : [
            evidence(
              `trusted root ${match.root.name} is self-signed, carries the server's own name and lacks the CA flag`,
              match.root.source,
            ),
          ]),
      ...reportEvidence(match),
    ],
  }),
  fix: (match) => ({
    summary: `Issue the certificate of ${presenters(match)} from a root authority of your own, and attach that root to backend setting ${match.pair.setting.name}${match.root === undefined ? "" : ` in place of ${match.root.name}`}.`,
    changes: [],
    sideEffects: [],
  }),
});

/** The attached root that is the server's own certificate: self-signed, no authority, with the name that is checked. */
function ownCertificate(
  { plans, certificates }: Pick<Facets, "plans" | "certificates">,
  server: Server,
): Certificate | undefined {
  const name = plans.probe(server).sni.value ?? plans.probe(server).host.value;
  const roots = attached(server.pair.setting.trustedRootCertificates, certificates) ?? [];
  return roots.find(({ parsed: [first, ...others] }) => {
    if (first === undefined || others.length > 0) return false;
    return first.selfSigned && !first.isCa && name !== undefined && first.isFor(name);
  })?.certificate;
}
