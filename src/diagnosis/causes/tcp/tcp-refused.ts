import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { groupedBy, poolSubject, seenEvidence, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number | undefined;
  readonly entry: HealthEntry;
}

export default defineCause({
  id: "tcp-refused",
  title: "Nothing accepts connections on the server's port",
  layer: "tcp",
  decidedBy: ["health", "live"],
  showsInHealthOf: "every-server",
  reads: ["health", "plans"],
  explainedBy: [
    ...connectionCauses,
    "vwan-secured-hub",
    "route-bgp-default",
    "nsg-infra-ports",
    "nsg-lb-denied",
    "port-wrong",
    "probe-port",
    "rule-wrong-target",
    "probe-protocol-differs",
    "protocol-tls-to-http",
    "protocol-http-to-tls",
    "backend-not-http",
    "classic-endpoint",
    "tls-ip-no-sni",
  ],
  about: `The gateway gets no TCP session: no program listens on the port, so the server's system refuses. The health
message is the same for a refusal and for packets that are dropped on the way; exported documents cannot tell the two
apart, so this is only ever *possible* from the message, and anything in the configuration that stops the connection
explains it away. \`ss -ltn\` on the server, or a probe from the gateway's network, decides.`,
  find: ({ health, plans }) => {
    const refused = health.unhealthy.filter(({ message }) => message.phase === "tcp");
    return groupedBy(refused, ({ server }) => server.pair.id).map(([key, entries]): Decision<Match> => {
      const [entry] = entries as [HealthEntry];
      const servers = entries.map(({ server }) => server);
      const port = plans.probe(entry.server).port.value;
      return {
        is: "found",
        key,
        match: { pair: entry.server.pair, port, entry },
        affects: { servers },
        effect: "stops",
        basis: "observed-possible",
      };
    });
  },
  say: ({ pair, port, entry }, affects): Statement => ({
    summary: `No connection to port ${port ?? "?"} of ${serverNames(serversOf(affects))} (pool ${pair.pool.name}) can be made`,
    subjects: [poolSubject(pair.pool)],
    evidence: [seenEvidence(entry)],
  }),
  fix: ({ port }, affects): FixProposal => ({
    summary: `See whether a program listens on port ${port ?? "?"} of ${serverNames(serversOf(affects))}, on the address the gateway uses, and start it; if one does, look at the firewall of the machine itself.`,
    changes: [],
    sideEffects: [],
  }),
});
