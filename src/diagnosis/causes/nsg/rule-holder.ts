import type {
  EffectiveSecurityGroup,
  EffectiveSecurityRule,
  NetworkSecurityGroup,
  SecurityRule,
} from "../../../model/network.ts";
import { nameOfId, type Resource } from "../../../model/resource.ts";
import type { SecurityGroupHop } from "../../../network/path.ts";
import type { Facets } from "../../facets.ts";

export type AnyRule = SecurityRule | EffectiveSecurityRule;

/** The security group that decides, whether it was exported itself or is known by what is in effect at an interface. */
export interface RuleHolder extends Resource {
  readonly rules: readonly AnyRule[];
}

/** Undefined when not even the effective rules say which group it is. */
export function holderOf(
  { group, rule }: Pick<SecurityGroupHop, "group" | "rule">,
  network: Facets["network"],
): RuleHolder | undefined {
  return group ?? (rule === undefined ? undefined : effectiveHolder(rule, network));
}

function effectiveHolder(rule: AnyRule, network: Facets["network"]): RuleHolder | undefined {
  const group = network.effectiveSecurityGroups
    .flatMap(({ groups }) => groups)
    .find(({ rules }) => rules.some((one) => one === rule));
  if (group?.networkSecurityGroupId === undefined) return undefined;
  return exportedGroup(group, network) ?? fromEffective(group, group.networkSecurityGroupId);
}

function exportedGroup(
  group: EffectiveSecurityGroup,
  network: Facets["network"],
): NetworkSecurityGroup | undefined {
  const wanted = group.networkSecurityGroupId?.toLowerCase();
  return network.networkSecurityGroups.find(({ id }) => id.toLowerCase() === wanted);
}

function fromEffective({ source, rules }: EffectiveSecurityGroup, id: string): RuleHolder {
  return { id, name: nameOfId(id), source, rules };
}
