import { type AzureResource, listOf, ofType, setting, textOf, textsOf } from "../world/resource.ts";
import type { FirewallRule, Host } from "../world/world.ts";

/** A host that stands for an Azure Firewall passes on what the firewall's network rules allow, and nothing else. */
export function asRealised(host: Host, resources: readonly AzureResource[]): Host {
  if (!("firewall" in host.at)) return host;
  const { firewall: name } = host.at;
  const firewall = ofType(resources, "azureFirewalls").find((one) => one.name === name);
  return { ...host, forwards: true, firewall: { forward: [...rulesOf(firewall), ...denyAll] } };
}

const denyAll: readonly FirewallRule[] = [
  { action: "drop", protocol: "tcp" },
  { action: "drop", protocol: "udp" },
];

/** Collections by priority, the smallest first. */
function rulesOf(firewall: AzureResource | undefined): readonly FirewallRule[] {
  return listOf(firewall, "networkRuleCollections")
    .toSorted((a, b) => Number(setting(a, "priority")) - Number(setting(b, "priority")))
    .flatMap((collection) => {
      const allows = textOf(setting(collection, "action"), "type") === "Allow";
      const action = allows ? "accept" : "drop";
      return listOf(collection, "rules").flatMap((rule) => ruleOf(rule, action));
    });
}

function ruleOf(rule: unknown, action: "accept" | "drop"): readonly FirewallRule[] {
  const protocols = textsOf(rule, "protocols").map((one) => one.toLowerCase());
  const ports = textsOf(rule, "destinationPorts");
  const common = {
    action,
    from: prefixes(textsOf(rule, "sourceAddresses")),
    to: prefixes(textsOf(rule, "destinationAddresses")),
    ...(ports.includes("*") ? {} : { ports: ports.map(Number) }),
  } as const;
  return (["tcp", "udp"] as const)
    .filter((protocol) => protocols.includes(protocol) || protocols.includes("any"))
    .map((protocol) => ({ ...common, protocol }));
}

const prefixes = (texts: readonly string[]): readonly string[] =>
  texts.includes("*") ? ["0.0.0.0/0"] : texts;
