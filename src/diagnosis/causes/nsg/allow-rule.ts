import type { Gateway } from "../../../model/gateway.ts";
import type { NetworkSecurityGroup, SecurityRule } from "../../../model/network.ts";
import type { Server } from "../../../routing/routes.ts";
import type { FixProposal } from "../../finding.ts";
import { listed } from "../../statements.ts";

interface AllowRule {
  readonly gateway: Gateway;
  readonly group: NetworkSecurityGroup;
  /** The rule that has to be beaten; undefined = the default deny. */
  readonly rule: { readonly name: string; readonly priority: number } | undefined;
  readonly direction: SecurityRule["direction"];
  readonly servers: readonly Server[];
  readonly ports: readonly number[];
}

/**
 * Allows the whole gateway subnet, never instance addresses (they change with scaling, network.md §1.5), on just the
 * ports that are needed, at a free priority before the denying rule. Undefined when none is free or the subnet unknown.
 */
export function allowRuleAbove(wanted: AllowRule): FixProposal | undefined {
  const { gateway, group, rule, direction, servers, ports } = wanted;
  const subnet = gateway.subnet?.target;
  const priority = freePriority(group, direction, rule?.priority ?? 65500);
  if (subnet === undefined || priority === undefined || ports.length === 0) return undefined;
  const targets = [...new Set(servers.flatMap(({ address }) => (address === undefined ? [] : [address])))];
  const name = uniqueName(group, `allow-${gateway.name}-${direction.toLowerCase()}`.slice(0, 76));
  const inbound = direction === "Inbound";
  const from = subnet.addressPrefixes;
  const to = inbound ? ["*"] : targets;
  return {
    summary: `Add rule ${name} (priority ${priority}) to NSG ${group.name}: allow tcp ${listed(from)} to ${
      inbound ? "the servers" : listed(to)
    } on port ${ports.join(", ")}.`,
    changes: [
      {
        action: "add",
        resourceId: group.id,
        list: "securityRules",
        value: {
          name,
          priority,
          direction,
          access: "Allow",
          protocol: "Tcp",
          ...prefixField("source", from),
          sourcePortRange: "*",
          ...prefixField("destination", to),
          ...(ports.length === 1
            ? { destinationPortRange: String(ports[0]) }
            : { destinationPortRanges: ports.map(String) }),
        },
      },
    ],
    sideEffects: [
      inbound
        ? `Opens port ${ports.join(", ")} of everything behind ${group.name} to the gateway subnet ${listed(from)}; to nobody else.`
        : `Lets the gateway subnet ${listed(from)} reach ${listed(to)} on port ${ports.join(", ")}.`,
    ],
  };
}

function prefixField(side: "source" | "destination", prefixes: readonly string[]) {
  const [only] = prefixes;
  return prefixes.length === 1 && only !== undefined
    ? { [`${side}AddressPrefix`]: only }
    : { [`${side}AddressPrefixes`]: prefixes };
}

/** The highest free priority below the rule to beat, so that as few rules as possible are overtaken. */
function freePriority(
  group: NetworkSecurityGroup,
  direction: SecurityRule["direction"],
  below: number,
): number | undefined {
  const taken = new Set(
    group.rules.filter((rule) => rule.direction === direction).map(({ priority }) => priority),
  );
  for (let priority = Math.min(below - 1, 4096); priority >= 100; priority--) {
    if (!taken.has(priority)) return priority;
  }
  return undefined;
}

function uniqueName(group: NetworkSecurityGroup, name: string): string {
  const taken = new Set(group.rules.map((rule) => rule.name.toLowerCase()));
  let candidate = name;
  for (let n = 2; taken.has(candidate.toLowerCase()); n++) candidate = `${name}-${n}`;
  return candidate;
}
