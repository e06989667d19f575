import type { Gateway } from "../../../model/gateway.ts";
import { addressSet, containsAll, intersect } from "../../../network/address-sets.ts";
import { parseRange } from "../../../network/addresses.ts";
import type { SecurityGroupHop } from "../../../network/path.ts";
import type { AnyRule } from "./rule-holder.ts";

/**
 * The rules at a hop that let a part of the gateway subnet pass because they list single addresses or a smaller prefix
 * of it. Instances move within the subnet (network.md §1.5), so such a rule is meant for all of it.
 */
export function instanceRules(gateway: Gateway, hop: SecurityGroupHop): readonly AnyRule[] {
  const subnet = rangesOf(gateway.subnet?.target?.addressPrefixes ?? []);
  return hop.partlyAllowedBy.filter((rule) => {
    const listed = rangesOf(rule.sourcePrefixes);
    return intersect(listed, subnet).length > 0 && !containsAll(listed, subnet);
  });
}

/** The sources of a rule with those inside the gateway subnet replaced by its prefixes. */
export function widened(gateway: Gateway, rule: AnyRule): { inside: string[]; prefixes: string[] } {
  const written = gateway.subnet?.target?.addressPrefixes ?? [];
  const subnet = rangesOf(written);
  const inside = rule.sourcePrefixes.filter((text) => {
    const range = parseRange(text);
    return range !== undefined && containsAll(subnet, [range]);
  });
  const others = rule.sourcePrefixes.filter((text) => !inside.includes(text));
  return { inside, prefixes: [...new Set([...others, ...written])] };
}

function rangesOf(prefixes: readonly string[]) {
  return addressSet(prefixes.flatMap((text) => parseRange(text) ?? []));
}
