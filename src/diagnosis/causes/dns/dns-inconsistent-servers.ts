import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, subject } from "../../statements.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { azureProvided } from "./servers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly asked: readonly string[];
  readonly answer: NameAnswer;
  readonly servers: readonly Server[];
  readonly mixed: boolean;
}

export default defineCause({
  id: "dns-inconsistent-servers",
  title: "DNS servers of the network give different answers",
  layer: "dns",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "names", "health"],
  explainedBy: ["gateway-stopped", "dns-server-unreachable", "dns-not-restarted"],
  about: `The virtual network names several DNS servers that do not know the same: one has the record or the forwarder, another
has not, or 168.63.129.16 stands beside servers that cannot see private zones. The first to answer wins, so names come
and go, and instances of the gateway disagree. All servers of a network have to give the same answers.`,
  find: ({ gateway, names, health }) => {
    const asked = gateway.subnet?.target?.virtualNetwork?.dnsServers ?? [];
    if (asked.length < 2) return [];
    const mixed = asked.includes(azureProvided) && asked.some((server) => server !== azureProvided);
    return names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      if (answer.answeredBy !== "custom-servers" || answer.verdict !== "unknown") return [];
      const failing = servers.filter((server) => isUnresolved(server, health) || isPartial(server, health));
      const flapping =
        failing.length > 0 &&
        (someHealthy(servers, health) || failing.some((server) => isPartial(server, health)));
      const split = failing.length > 0 && mixed && answer.reason === "custom-servers-decide";
      if (!flapping && !split) return [];
      return [
        {
          is: "found",
          key: answer.name,
          match: { gateway, asked, answer, servers: failing, mixed },
          affects: { servers: failing },
          effect: "stops",
          basis: flapping && mixed ? "observed-likely" : "observed-possible",
        },
      ];
    });
  },
  say: ({ gateway, asked, answer, servers, mixed }, affects): Statement => ({
    summary: `The DNS servers ${listed(asked)} of the network of gateway ${gateway.name} do not agree on ${answer.name}${useOf(affects.servers ?? servers)}`,
    subjects:
      gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)],
    evidence: [
      evidence(
        mixed
          ? `${azureProvided}, which sees private zones, stands beside servers of one's own`
          : `several servers are asked: ${listed(asked)}`,
        gateway.subnet?.target?.virtualNetwork?.source.at("dhcpOptions") ?? gateway.source,
      ),
      ...evidenceOf(answer),
    ],
  }),
  fix: ({ asked, answer }) => ({
    summary: `Let all of ${listed(asked)} give the same answer for ${answer.name}: forward from each of one's own servers to ${azureProvided}, and do not list ${azureProvided} beside them.`,
    changes: [],
    sideEffects: ["A changed list of DNS servers takes effect on the gateway only after a stop and start."],
  }),
});

/** Instances of the gateway disagree, says its report. */
function isPartial(server: Server, health: Facets["health"]): boolean {
  const seen = health.of(server);
  return seen?.observation.health === "partial" && seen.live === undefined;
}
