import type { Statement } from "../../finding.ts";
import { evidence, ruleSubject, subject } from "../../statements.ts";
import type { InboundDenial } from "./gateway-subnet-inbound.ts";

export function sayPlatformDenied({ gateway, group, rule, traffic }: InboundDenial, why: string): Statement {
  const { tag, ports } = traffic;
  const by = `${rule.isDefault ? "default rule" : "rule"} ${rule.name} (priority ${rule.priority})`;
  return {
    summary: `NSG ${group.name} on the subnet of gateway ${gateway.name} denies ${tag} by ${by}: ${why}`,
    subjects: [...(rule.isDefault ? [] : [ruleSubject(group, rule)]), subject("networkSecurityGroup", group)],
    evidence: [
      evidence(
        `${by} is the first that matches ${tag} → ports ${ports.first}-${ports.last} of the gateway subnet`,
        rule.source,
      ),
    ],
  };
}
