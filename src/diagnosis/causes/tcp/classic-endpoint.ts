import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, poolSubject, seenEvidence } from "../../statements.ts";
import { nameCauses } from "../families.ts";

interface Match {
  readonly name: string;
  readonly entry: HealthEntry;
}

/** Classic cloud services; the machines of today are below `cloudapp.azure.com`. */
const classic = /\.cloudapp\.net$/i;

export default defineCause({
  id: "classic-endpoint",
  title: "Pool points at a classic cloud service",
  layer: "tcp",
  decidedBy: ["configuration", "health"],
  reads: ["health"],
  explainedBy: nameCauses,
  about: `The pool names a classic cloud service (\`*.cloudapp.net\`). Classic machines answered from outside only on ports for
which an endpoint was opened, and the platform itself has been retired, so that most of these names lead to nothing any
more. The gateway reports that it cannot connect or cannot resolve. Move the application to a current machine or service
and put that into the pool.`,
  find: ({ health }) => {
    const failing = health.unhealthy.filter(
      ({ server, message }) =>
        server.member.kind === "fqdn" &&
        classic.test(server.address ?? "") &&
        (message.phase === "tcp" || message.phase === "timeout" || message.phase === "dns"),
    );
    const byName = groupedBy(failing, ({ server }) => (server.address ?? "").toLowerCase());
    return byName.map(
      ([name, entries]): Decision<Match> => ({
        is: "found",
        key: name,
        match: { name, entry: entries[0] as HealthEntry },
        affects: { servers: entries.map(({ server }) => server) },
        effect: "stops",
        basis: "observed-possible",
      }),
    );
  },
  say: ({ name, entry }): Statement => ({
    summary: `Pool ${entry.server.pair.pool.name} points at ${name}, a classic cloud service that does not answer`,
    subjects: [poolSubject(entry.server.pair.pool)],
    evidence: [
      evidence(`the member is a name of the classic platform: ${name}`, entry.server.member.source),
      seenEvidence(entry),
    ],
  }),
  fix: ({ name }): FixProposal => ({
    summary: `Replace ${name} in the pool by the machine or service that runs the application today.`,
    changes: [],
    sideEffects: [],
  }),
});
