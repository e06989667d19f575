import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { exchangesEvidence, groupedBy, poolSubject, seenEvidence, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";
import { effectSeen, serversAmong } from "../helped.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number | undefined;
  /** What was sent and refused; otherwise the message of the report, which may mean silence too. */
  readonly shown: readonly Failing[] | HealthEntry;
}

export default defineCause({
  id: "tcp-refused",
  title: "Nothing accepts connections on the server's port",
  layer: "tcp",
  decidedBy: ["health", "live"],
  showsInHealthOf: "every-server",
  reads: ["health", "plans", "live"],
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
    "tcp-loopback-bind",
  ],
  about: `The gateway gets no TCP session: no program listens on the port, so the server's system refuses. The health
message is the same for a refusal and for packets that are dropped on the way; exported documents cannot tell the two
apart, so this is only ever *possible* from the message, and anything in the configuration that stops the connection
explains it away. \`ss -ltn\` on the server, or a probe from the gateway's network, decides.`,
  find: ({ health, plans, live }) => {
    const refused = live.failing.filter(({ kind }) => kind === "tcp-refused");
    const reported = health.unhealthy.filter(
      ({ message, live: sent }) =>
        sent === undefined && message.phase === "tcp" && message.connecting !== "silent",
    );
    return [
      ...groupedBy(refused, ({ server, plan }) => `${server.pair.id}/${plan.port}`).map(
        ([key, members]): Decision<Match> => {
          const [shown] = members as [Failing];
          return {
            is: "found",
            key,
            match: { pair: shown.server.pair, port: shown.plan.port, shown: members },
            affects: { servers: serversAmong(members) },
            effect: effectSeen(members),
            basis: "state",
          };
        },
      ),
      ...groupedBy(reported, ({ server }) => server.pair.id).map(([key, entries]): Decision<Match> => {
        const [shown] = entries as [HealthEntry];
        const port = plans.probe(shown.server).port.value;
        return {
          is: "found",
          key,
          match: { pair: shown.server.pair, port, shown },
          affects: { servers: entries.map(({ server }) => server) },
          effect: "stops",
          basis: "observed-possible",
        };
      }),
    ];
  },
  say: ({ pair, port, shown }, affects): Statement => {
    const servers = serverNames(serversOf(affects));
    const isSent = "length" in shown;
    return {
      summary: isSent
        ? `Port ${port} of ${servers} (pool ${pair.pool.name}) refuses connections: nothing listens there`
        : `No connection to port ${port ?? "?"} of ${servers} (pool ${pair.pool.name}) can be made`,
      subjects: [poolSubject(pair.pool)],
      evidence: isSent ? exchangesEvidence(shown) : [seenEvidence(shown)],
    };
  },
  fix: ({ port }, affects): FixProposal => ({
    summary: `See whether a program listens on port ${port ?? "?"} of ${serverNames(serversOf(affects))}, on the address the gateway uses, and start it; if one does, look at the firewall of the machine itself.`,
    changes: [],
    sideEffects: [],
  }),
});
