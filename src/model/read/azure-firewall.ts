import type { AzureFirewall, FirewallNetworkRule } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import { oneOf } from "./network-security-group.ts";

/** Reads a `Microsoft.Network/azureFirewalls` record, in a virtual network or in a hub. */
export function readAzureFirewall({ id, source }: ResourceRecord): AzureFirewall {
  const inNetwork = source
    .objects("ipConfigurations")
    .map((item) => item.text("privateIPAddress") || undefined)
    .find((address) => address !== undefined);
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    privateIpAddress: inNetwork ?? (source.object("hubIPAddresses")?.text("privateIPAddress") || undefined),
    networkRules: source.objects("networkRuleCollections").flatMap(readCollection),
    firewallPolicyId: source.referenceId("firewallPolicy"),
  };
}

/** A collection without action or priority cannot be evaluated: reported, never guessed. */
function readCollection(collection: Source): FirewallNetworkRule[] {
  const priority = collection.number("priority");
  const action = oneOf(collection.object("action") ?? collection, "type", ["Allow", "Deny"] as const);
  if (priority === undefined || action === undefined) return [];
  return collection.objects("rules").map((rule) => ({
    name: rule.text("name") ?? "",
    source: rule,
    priority,
    action,
    protocols: rule.texts("protocols").map((protocol) => protocol.toLowerCase()),
    sourceAddresses: rule.texts("sourceAddresses"),
    destinationAddresses: rule.texts("destinationAddresses"),
    destinationPorts: rule.texts("destinationPorts"),
  }));
}
