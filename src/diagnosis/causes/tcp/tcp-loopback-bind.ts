import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { type Experiment, flipOf, type Trial } from "../../experiment.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing, Live } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, groupedBy, poolSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";
import { effectSeen, serversAmong } from "../helped.ts";
import { connectsTo } from "./connects.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  readonly servers: readonly Server[];
  readonly experiment: Experiment;
}

export default defineCause({
  id: "tcp-loopback-bind",
  title: "Application listens on 127.0.0.1 only",
  layer: "tcp",
  decidedBy: ["live"],
  reads: ["live"],
  explainedBy: connectionCauses,
  about: `The program runs and answers on the machine itself, but it is bound to the loopback address, so that every
connection from outside is refused. Typical for development servers and for containers whose port is published on
localhost. \`ss -ltn\` shows \`127.0.0.1:PORT\` instead of \`0.0.0.0:PORT\`; bind the program to all addresses, or to the one
in the pool. Live it shows only where it is looked from the server itself: its own address refuses and 127.0.0.1 connects.`,
  find: ({ live }) => {
    // Each machine has a loopback of its own: what holds for one says nothing of those that fail alike.
    const bound = live.failing.flatMap((failing) => {
      const experiment = flipOf(live, failing, onLoopback(live, failing));
      return experiment === undefined ? [] : [{ failing, experiment }];
    });
    const alike = groupedBy(bound, ({ failing }) => `${failing.server.pair.id}/${failing.plan.port}`);
    return alike.flatMap(([key, items]): Decision<Match>[] => {
      const [first] = items;
      if (first === undefined) return [];
      const { server, plan } = first.failing;
      const members = items.map(({ failing }) => failing);
      const servers = serversAmong(members);
      return [
        {
          is: "found",
          key,
          match: { pair: server.pair, port: plan.port, servers, experiment: first.experiment },
          affects: { servers },
          effect: effectSeen(members),
          basis: "observed-likely",
        },
      ];
    });
  },
  trials: ({ live }, failing) => onLoopback(live, failing),
  say: ({ pair, port, experiment }, affects): Statement => ({
    summary: `The program on port ${port} of ${serverNames(serversOf(affects))} (pool ${pair.pool.name}) listens on ${experiment.to} only, and its own address refuses`,
    subjects: [poolSubject(pair.pool)],
    evidence: [
      exchangeEvidence(experiment.before),
      evidence(
        `on the same machine, ${experiment.to} port ${port} takes the connection`,
        experiment.after.source,
      ),
    ],
  }),
  fix: ({ port, experiment }, affects): FixProposal => ({
    summary: `Bind the program on port ${port} of ${serverNames(serversOf(affects))} to all addresses, or to the one in the pool, instead of ${experiment.to}.`,
    changes: [],
    sideEffects: [
      "Whoever can reach the machine can then reach the program: the security groups decide who.",
    ],
  }),
});

/** The same at the loopback address, where this machine is the server itself. */
function onLoopback(live: Live, failing: Failing): Trial[] {
  const { plan, kind, server, observation } = failing;
  const { tcp } = observation;
  if (kind !== "tcp-refused" || tcp === undefined || plan.manner.connectTo !== undefined) return [];
  if (!isOwnMachine(live, server, tcp.address)) return [];
  return ["127.0.0.1", "::1"]
    .filter((address) => address !== tcp.address)
    .map((address) => ({
      what: "address",
      from: tcp.address,
      to: address,
      plan: { ...plan, manner: { ...plan.manner, connectTo: address } },
      proof: "later",
      risk: "safe",
      costMs: 100,
    }));
}

/** A system that connects to one of its own addresses uses that very address as the source. */
function isOwnMachine(live: Live, server: Server, address: string): boolean {
  if (address === "127.0.0.1" || address === "::1") return false;
  return connectsTo(live, server).some(
    ({ observation: { tcp } }) => tcp?.address === address && tcp.localAddress === address,
  );
}
