import type { NetworkInterface } from "../hosts.ts";
import type {
  EffectiveRoute,
  EffectiveRoutes,
  EffectiveSecurityGroup,
  EffectiveSecurityGroups,
  EffectiveSecurityRule,
} from "../network.ts";
import type { Reference, ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Links } from "./links.ts";
import { oneOf } from "./network-security-group.ts";
import { prefixesOf } from "./virtual-network.ts";

/** Reads what `az network nic list-effective-nsg` prints (network.md §6). */
export function readEffectiveGroups(record: ResourceRecord, links: Links): EffectiveSecurityGroups {
  const { source } = record;
  return {
    source,
    networkInterface: interfaceOf(record, links),
    groups: itemsOf(source).map((item) => readGroup(item, links)),
  };
}

/** Reads what `az network nic show-effective-route-table` prints. */
export function readEffectiveRoutes(record: ResourceRecord, links: Links): EffectiveRoutes {
  const { source } = record;
  return {
    source,
    networkInterface: interfaceOf(record, links),
    routes: itemsOf(source).map(readEffectiveRoute),
  };
}

function itemsOf(source: Source): Source[] {
  return Array.isArray(source.value) ? source.items() : source.objects("value");
}

/** The record's id continues the id of the interface, where the document says which. */
function interfaceOf({ id, source }: ResourceRecord, links: Links): Reference<NetworkInterface> | undefined {
  const match = /^(.*\/networkInterfaces\/[^/]+)\/effective\w+$/i.exec(id);
  return match === null ? undefined : links.referTo("networkInterface", match[1] as string, source);
}

function readGroup(item: Source, links: Links): EffectiveSecurityGroup {
  const association = item.object("association");
  const kinds = ["networkManager", "networkInterface", "subnet"] as const;
  const kind = kinds.find((name) => association?.referenceId(name) !== undefined);
  return {
    source: item,
    networkSecurityGroupId: item.referenceId("networkSecurityGroup"),
    association: kind,
    associationId: kind && association?.referenceId(kind),
    rules: item.objects("effectiveSecurityRules").flatMap((rule) => readRule(rule, links)),
  };
}

function readRule(item: Source, links: Links): EffectiveSecurityRule[] {
  const priority = item.number("priority");
  const direction = oneOf(item, "direction", ["Inbound", "Outbound"] as const);
  const access = oneOf(item, "access", ["Allow", "Deny", "AlwaysAllow"] as const);
  if (priority === undefined || direction === undefined || access === undefined) return [];
  const written = item.text("name") ?? "";
  const protocol = (item.text("protocol") ?? "*").toLowerCase();
  return [
    {
      name: written.replace(/^(default)?securityRules\//i, ""),
      source: item,
      isDefault: /^defaultSecurityRules\//i.test(written),
      priority,
      direction,
      access,
      protocol: protocol === "all" ? "*" : protocol,
      sourcePrefixes: expanded(item, "source"),
      destinationPrefixes: expanded(item, "destination"),
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

/** Expanded lists hold the prefixes of a service tag; a rule without tags has none. */
function expanded(item: Source, side: "source" | "destination"): string[] {
  const name = side === "source" ? "Source" : "Destination";
  const prefixes = item.texts(`expanded${name}AddressPrefix`);
  return prefixes.length > 0 ? prefixes : prefixesOf(item, `${side}AddressPrefix`, `${side}AddressPrefixes`);
}

function readEffectiveRoute(item: Source): EffectiveRoute {
  return {
    source: item,
    name: item.text("name") || undefined,
    origin: item.text("source") ?? "Unknown",
    active: !/^invalid$/i.test(item.text("state") ?? ""),
    addressPrefixes: item.texts("addressPrefix"),
    nextHopType: item.text("nextHopType") ?? "",
    nextHopIpAddresses: item.texts("nextHopIpAddress"),
  };
}
