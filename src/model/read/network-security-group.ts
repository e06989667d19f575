import type { NetworkSecurityGroup, SecurityRule } from "../network.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import { Source } from "../source.ts";
import type { Links } from "./links.ts";
import { prefixesOf } from "./virtual-network.ts";

/** Reads a `Microsoft.Network/networkSecurityGroups` record (network.md §1.1). */
export function readNetworkSecurityGroup(record: ResourceRecord, links: Links): NetworkSecurityGroup {
  const { source } = record;
  const written = source.list("defaultSecurityRules");
  const defaults = written.length > 0 ? written : defaultSecurityRules(source);
  const group: NetworkSecurityGroup = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    rules: [
      ...source.objects("securityRules").flatMap((item) => readSecurityRule(item, false, links)),
      ...defaults.flatMap((item) => readSecurityRule(item, true, links)),
    ],
  };
  links.define("networkSecurityGroup", record.id, group);
  return group;
}

function readSecurityRule(item: Source, isDefault: boolean, links: Links): SecurityRule[] {
  const priority = item.number("priority");
  if (priority === undefined) item.at("priority").refuse("a priority");
  const direction = oneOf(item, "direction", ["Inbound", "Outbound"] as const);
  const access = oneOf(item, "access", ["Allow", "Deny"] as const);
  if (priority === undefined || direction === undefined || access === undefined) return [];
  return [
    {
      name: item.text("name") ?? nameOfId(item.text("id") ?? ""),
      source: item,
      isDefault,
      priority,
      direction,
      access,
      protocol: (item.text("protocol") ?? "*").toLowerCase(),
      sourcePrefixes: prefixesOf(item, "sourceAddressPrefix", "sourceAddressPrefixes"),
      destinationPrefixes: prefixesOf(item, "destinationAddressPrefix", "destinationAddressPrefixes"),
      sourcePorts: prefixesOf(item, "sourcePortRange", "sourcePortRanges"),
      destinationPorts: prefixesOf(item, "destinationPortRange", "destinationPortRanges"),
      sourceGroups: links.references("applicationSecurityGroup", item, "sourceApplicationSecurityGroups"),
      destinationGroups: links.references(
        "applicationSecurityGroup",
        item,
        "destinationApplicationSecurityGroups",
      ),
    },
  ];
}

/** A rule without a usable direction, access or priority cannot be evaluated: reported, never guessed. */
export function oneOf<const T extends string>(
  item: Source,
  field: string,
  values: readonly T[],
): T | undefined {
  const written = item.text(field);
  const found = values.find((value) => value.toLowerCase() === written?.toLowerCase());
  if (found === undefined) item.at(field).refuse(values.join(" or "));
  return found;
}

/** Azure adds these to every group (network.md §1.2); exports made by hand or by templates leave them out. */
function defaultSecurityRules(group: Source): Source[] {
  const rows = [
    ["AllowVnetInBound", "Inbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"],
    ["AllowAzureLoadBalancerInBound", "Inbound", 65001, "AzureLoadBalancer", "*", "Allow"],
    ["DenyAllInBound", "Inbound", 65500, "*", "*", "Deny"],
    ["AllowVnetOutBound", "Outbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"],
    ["AllowInternetOutBound", "Outbound", 65001, "*", "Internet", "Allow"],
    ["DenyAllOutBound", "Outbound", 65500, "*", "*", "Deny"],
  ] as const;
  return rows.map(
    ([name, direction, priority, sourceAddressPrefix, destinationAddressPrefix, access]) =>
      new Source(
        group.document,
        group.pointer,
        {
          name,
          direction,
          priority,
          sourceAddressPrefix,
          destinationAddressPrefix,
          access,
          protocol: "*",
          sourcePortRange: "*",
          destinationPortRange: "*",
        },
        group.problems,
      ),
  );
}
