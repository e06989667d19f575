import type { Gateway } from "../../../model/gateway.ts";
import type { Hop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement, Subject } from "../../finding.ts";
import { evidence, listed, ruleSubject, subject } from "../../statements.ts";
import { allowRuleAbove } from "../nsg/allow-rule.ts";
import { repairPeering, sidesOf } from "../route/peering-change.ts";
import { removeRoute, routeSubject } from "../route/route-change.ts";
import { openAnswers } from "./public-fallback.ts";
import { type DnsPath, dnsPaths } from "./servers.ts";

interface Match {
  readonly gateway: Gateway;
  readonly paths: readonly DnsPath[];
  readonly names: readonly string[];
  readonly servers: readonly Server[];
  readonly network: Facets["network"];
}

export default defineCause({
  id: "dns-server-unreachable",
  title: "Custom DNS servers cannot be reached from the gateway subnet",
  layer: "dns",
  decidedBy: ["configuration"],
  reads: ["gateway", "names", "reach", "health", "network"],
  explainedBy: ["gateway-stopped", "peering-broken"],
  about: `The virtual network names DNS servers of its own, and the way from the gateway subnet to their port 53 (UDP and TCP) is
cut: by a security group, a route, a firewall, or because they live in a network that is not peered. The gateway then
gets no address for the names in its pools; their health is Unknown or says that no probe could be made. Servers given
by address go on working.`,
  find: (facets) => {
    const cut = facets.names.asked.filter(({ answer }) => answer.reason === "servers-unreachable");
    if (cut.length === 0) return openAnswers(facets, "microsoft.network/virtualnetworks");
    const servers = cut.flatMap((asked) => asked.servers);
    const match: Match = {
      gateway: facets.gateway,
      paths: dnsPaths(facets),
      names: cut.map(({ answer }) => answer.name),
      servers,
      network: facets.network,
    };
    const decision: Decision<Match> = {
      is: "found",
      key: match.paths.map(({ server }) => server).join("+"),
      match,
      affects: { servers },
      effect: "stops",
      basis: "configuration",
    };
    return [decision];
  },
  say: ({ gateway, paths, names }): Statement => ({
    summary: `Gateway ${gateway.name} cannot reach its DNS servers ${listed(paths.map(({ server }) => server))}, so ${listed(names)} cannot be resolved: ${paths[0]?.path.blocker?.says ?? "the way is cut"}`,
    subjects: [
      ...blockerSubjects(paths[0]?.path.blocker),
      ...(gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)]),
    ],
    evidence: [
      evidence(
        `the network's DNS servers are ${listed(paths.map(({ server }) => server))}`,
        gateway.subnet?.target?.virtualNetwork?.source.at("dhcpOptions") ?? gateway.source,
      ),
      ...paths.flatMap(({ server, path: { blocker } }) =>
        blocker?.origin === undefined ? [] : [evidence(`to ${server}: ${blocker.says}`, blocker.origin)],
      ),
    ],
  }),
  fix: unblock,
});

/** The object to change is what stands in the way, not the DNS server. */
function blockerSubjects(blocker: Hop | undefined): Subject[] {
  if (blocker?.kind === "security-group" && blocker.group !== undefined) {
    const own = subject("networkSecurityGroup", blocker.group);
    return blocker.rule === undefined || blocker.rule.isDefault
      ? [own]
      : [ruleSubject(blocker.group, blocker.rule), own];
  }
  if (blocker?.kind === "route" && blocker.table !== undefined && blocker.route !== undefined) {
    return [routeSubject(blocker.table, blocker.route)];
  }
  return blocker?.kind === "peering" && blocker.peering !== undefined
    ? [subject("virtualNetworkPeering", blocker.peering)]
    : [];
}

function unblock({ gateway, paths, network }: Match): FixProposal | undefined {
  const blocker = paths[0]?.path.blocker;
  if (blocker?.kind === "security-group" && blocker.group !== undefined) {
    return allowRuleAbove({
      holder: blocker.group,
      rule: blocker.rule,
      direction: blocker.place === "gateway-subnet-outbound" ? "Outbound" : "Inbound",
      from: gateway.subnet?.target?.addressPrefixes ?? [],
      to: paths.map(({ server }) => server),
      ports: ["53"],
      protocol: "*",
      purpose: `${gateway.name}-dns`,
    });
  }
  if (blocker?.kind === "peering") {
    const { owner, other } = sidesOf(blocker, network);
    return repairPeering(blocker, owner, other);
  }
  if (blocker?.kind === "route" && blocker.table !== undefined && blocker.route !== undefined) {
    return {
      summary: `Remove route ${blocker.route.name} (${blocker.prefix}) from table ${blocker.table.name}.`,
      changes: [removeRoute(blocker.table, blocker.route)],
      sideEffects: [`Traffic to ${blocker.prefix} takes the next longest route instead.`],
    };
  }
  return {
    summary: `Open the way from the gateway subnet to port 53 (UDP and TCP) of ${listed(paths.map(({ server }) => server))}.`,
    changes: [],
    sideEffects: [],
  };
}
