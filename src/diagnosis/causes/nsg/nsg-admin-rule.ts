import type { AdminRuleHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement, Subject } from "../../finding.ts";
import { evidence, groupedBy, serverNames } from "../../statements.ts";
import { waysOf } from "../ways.ts";

interface Match {
  readonly hop: AdminRuleHop;
  readonly servers: readonly Server[];
  readonly managerId: string | undefined;
}

export default defineCause({
  id: "nsg-admin-rule",
  title: "Security admin rule denies the gateway",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["reach", "network"],
  explainedBy: [],
  about: `Azure Virtual Network Manager can deploy security admin rules that are evaluated before every network security group:
its Deny is final, whatever the groups allow. The groups then look right and traffic is dropped all the same. Only the
effective rules of a network interface show such a rule, under an association with a network manager.`,
  find: ({ reach, network }) => {
    const denied = waysOf(reach.blocked).flatMap(({ servers, path }) => {
      const hop = path.hops.find((one): one is AdminRuleHop => one.kind === "admin-rule");
      return hop?.verdict === "no" ? [{ servers, hop }] : [];
    });
    return groupedBy(denied, ({ hop }) => hop.rule.name).map(([key, items]): Decision<Match> => {
      const [{ hop }] = items as [(typeof items)[0]];
      const servers = items.flatMap((item) => item.servers);
      return {
        is: "found",
        key,
        match: { hop, servers, managerId: managerOf(hop, network) },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      };
    });
  },
  say: ({ hop, servers, managerId }, affects): Statement => ({
    summary: `Security admin rule ${hop.rule.name} denies what the gateway sends to ${serverNames(affects.servers ?? servers)}, before any NSG is asked`,
    subjects: [adminRuleSubject(hop, managerId)],
    evidence: [evidence(hop.says, hop.rule.source)],
  }),
  fix: ({ hop }) => ({
    summary: `Change security admin rule ${hop.rule.name} in the network manager so that it allows the gateway subnet, and deploy its configuration again.`,
    changes: [],
    sideEffects: [
      "A security admin rule holds for every virtual network of its group, not for this gateway alone.",
    ],
  }),
});

function managerOf(hop: AdminRuleHop, network: Facets["network"]): string | undefined {
  return network.effectiveSecurityGroups
    .flatMap(({ groups }) => groups)
    .find(({ rules }) => rules.some((rule) => rule === hop.rule))?.associationId;
}

function adminRuleSubject({ rule }: AdminRuleHop, managerId: string | undefined): Subject {
  const { document, pointer } = rule.source;
  return {
    kind: "securityAdminRule",
    name: rule.name,
    resourceId: managerId ?? rule.name,
    document,
    pointer,
  };
}
