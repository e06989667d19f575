import type { AzureFirewall, FirewallNetworkRule } from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import type { AddressOwner, AddressOwners } from "./address-owners.ts";
import { type AddressSet, containsAll, intersect } from "./address-sets.ts";
import { type Address, type AddressRange, parseAddress, parseRange, rangeContains } from "./addresses.ts";
import type { Area, Surroundings } from "./locate.ts";
import type { ApplianceHop } from "./path.ts";
import { setOfPrefixes } from "./peerings.ts";
import { matchesPort } from "./rule-match.ts";
import type { Missing, Verdict } from "./verdict.ts";

/** The traffic an appliance is asked to forward. */
export interface Forwarded {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly source: AddressSet;
  /** Every destination the answer is for. */
  readonly destination: AddressRange;
  readonly label: string;
}

export interface ApplianceJudgement {
  readonly hop: ApplianceHop;
  /** Where the appliance stands; undefined when its address is not one. */
  readonly area: Area | undefined;
  readonly missing: readonly Missing[];
}

/** Whether the appliance a route names exists and forwards (network.md §2.1). `back` = on the way of the reply. */
export function judgeAppliance(
  text: string,
  direction: ApplianceHop["direction"],
  traffic: Forwarded,
  surroundings: Surroundings,
  owners: AddressOwners,
  network: Network,
): ApplianceJudgement {
  const address = parseAddress(text);
  const area = address && surroundings.areaAt(address);
  const owner = address && area && owners.ownerOf(address, area);
  const base = {
    kind: "appliance",
    direction,
    address: text,
    networkInterface: owner?.ipConfiguration?.networkInterface,
    firewall: owner?.firewall,
    rule: undefined,
  } as const;
  const judged = (finding: Finding): ApplianceJudgement => ({
    hop: { ...base, reason: undefined, origin: undefined, ...finding.hop },
    area,
    missing: finding.missing ?? [],
  });
  if (address === undefined || area === undefined || owner === undefined) {
    const says = `the route leads to an appliance at "${text}", which is not an address`;
    return judged({ hop: { verdict: "unknown", says } });
  }
  if (area.networkId === undefined) return judged(outside(text, area));
  if (owner.firewall !== undefined) return judged(askFirewall(owner.firewall, traffic, direction));
  return judged(askInterface(text, owner, traffic) ?? unowned(text, address, area, network));
}

interface Finding {
  readonly hop: Pick<ApplianceHop, "verdict" | "says"> & Partial<ApplianceHop>;
  readonly missing?: readonly Missing[];
}

/** Appliances must be reached directly: in the network or in a peer. */
function outside(text: string, { place }: Area): Finding {
  if (place !== "private-elsewhere") {
    return { hop: { verdict: "unknown", says: `nothing is known of the appliance at ${text}` } };
  }
  return {
    hop: {
      verdict: "no",
      reason: "unreachable",
      says: `the appliance at ${text} lies in no network that this one or a peer of it has`,
    },
  };
}

function askInterface(text: string, owner: AddressOwner, traffic: Forwarded): Finding | undefined {
  const { ipConfiguration, loadBalancer } = owner;
  if (ipConfiguration !== undefined) {
    const { networkInterface } = ipConfiguration;
    const origin = networkInterface.source.at("enableIPForwarding");
    if (!networkInterface.enableIpForwarding) {
      const says = `network interface ${networkInterface.name} (${text}) has IP forwarding off: it drops what is not for itself`;
      return { hop: { verdict: "no", reason: "no-ip-forwarding", says, origin } };
    }
    const says = `network interface ${networkInterface.name} (${text}) may forward; whether the appliance behind it lets ${traffic.label} pass is not in the export`;
    return { hop: { verdict: "unknown", says, origin }, missing: [insideOf(networkInterface.name)] };
  }
  if (loadBalancer !== undefined) {
    const says = `load balancer ${loadBalancer.name} (${text}) leads to appliances; whether they let ${traffic.label} pass is not in the export`;
    return {
      hop: { verdict: "unknown", says, origin: loadBalancer.source },
      missing: [insideOf(loadBalancer.name)],
    };
  }
  return undefined;
}

function insideOf(name: string): Missing {
  return {
    what: `whether the appliance ${name} forwards this traffic (its own rules)`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}

/**
 * An address nothing exported owns. That it does not exist is certain outside all subnets of the network, or where
 * everything that can own an address there was listed.
 */
function unowned(text: string, address: Address, area: Area, network: Network): Finding {
  const says = `no exported network interface, load balancer or firewall has the appliance address ${text}`;
  const listed = (type: string) => network.listedTypes.has(`microsoft.network/${type}`);
  const { subnet, virtualNetwork } = area;
  const noSuchAddress = (verdict: Verdict): Finding => ({
    hop: { verdict, reason: "no-such-address", says, origin: subnet?.source },
    missing: verdict === "no" ? [] : [ownerOf(text)],
  });
  if (virtualNetwork !== undefined && virtualNetwork.subnets.length > 0 && subnet === undefined) {
    return noSuchAddress("no");
  }
  if (/^azurefirewallsubnet$/i.test(subnet?.name ?? "")) {
    const firewalls = { ...ownerOf(text), type: "microsoft.network/azurefirewalls" };
    if (!listed("azurefirewalls")) return { hop: { verdict: "unknown", says }, missing: [firewalls] };
    return noSuchAddress("no");
  }
  if (subnet === undefined || !listed("networkinterfaces")) {
    return { hop: { verdict: "unknown", says }, missing: [ownerOf(text)] };
  }
  const scaled = network.scaleSets.some(({ subnetIds }) =>
    subnetIds.some((id) => id.toLowerCase() === subnet.id.toLowerCase()),
  );
  const reserved = isReserved(address, subnet.addressPrefixes);
  return noSuchAddress(reserved || (listed("loadbalancers") && !scaled) ? "no" : "unknown");
}

/** Azure keeps the first four and the last address of every subnet. */
function isReserved({ family, value }: Address, prefixes: readonly string[]): boolean {
  return prefixes.some((text) => {
    const range = parseRange(text);
    if (range === undefined || !rangeContains(range, { family, value })) return false;
    return family === 4 && (Number(value) - Number(range.first) < 4 || value === range.last);
  });
}

function ownerOf(text: string): Missing {
  return {
    what: `what has the appliance address ${text}`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}

/** Azure Firewall's network rules, by priority; what they leave open its application rules may still allow. */
function askFirewall(
  firewall: AzureFirewall,
  traffic: Forwarded,
  direction: ApplianceHop["direction"],
): Finding {
  const name = `Azure Firewall ${firewall.name}`;
  if (direction === "return") {
    const says = `${name} lets replies pass that it saw the request of`;
    return { hop: { verdict: "yes", says, origin: firewall.source } };
  }
  const open = (why: string, type: string, resourceId: string): Finding => ({
    hop: { verdict: "unknown", says: `${name}: ${why}`, origin: firewall.source },
    missing: [{ what: `whether ${name} allows ${traffic.label}`, type, resourceId }],
  });
  if (firewall.firewallPolicyId !== undefined) {
    const why = `its rules are in policy ${firewall.firewallPolicyId.split("/").at(-1)}, which was not read`;
    return open(why, "microsoft.network/firewallpolicies", firewall.firewallPolicyId);
  }
  let doubtful: FirewallNetworkRule | undefined;
  for (const rule of [...firewall.networkRules].sort((a, b) => a.priority - b.priority)) {
    const match = firewallMatch(rule, traffic);
    if (match === "no") continue;
    if (match === "unknown") {
      doubtful ??= rule;
      continue;
    }
    if (doubtful !== undefined && doubtful.action !== rule.action) break;
    const denies = rule.action === "Deny";
    const says = `${name} network rule ${rule.name} (priority ${rule.priority}) ${denies ? "denies" : "allows"} ${traffic.label}`;
    const reason = denies ? ("firewall-denies" as const) : undefined;
    return { hop: { verdict: denies ? "no" : "yes", reason, says, origin: rule.source, rule } };
  }
  if (doubtful !== undefined) {
    return open(`network rule ${doubtful.name} may match`, "microsoft.network/azurefirewalls", firewall.id);
  }
  if (hasNoOtherRules(firewall)) {
    const says = `${name} has no rule that allows ${traffic.label}, and denies what none allows`;
    return { hop: { verdict: "no", reason: "firewall-denies", says, origin: firewall.source } };
  }
  return open("no network rule matches", "microsoft.network/azurefirewalls", firewall.id);
}

/** Only a document that writes out both collections shows that no application rule can allow the traffic. */
function hasNoOtherRules({ source }: AzureFirewall): boolean {
  const applications = source.at("applicationRuleCollections").value;
  return (
    Array.isArray(source.at("networkRuleCollections").value) &&
    Array.isArray(applications) &&
    applications.length === 0
  );
}

function firewallMatch(rule: FirewallNetworkRule, traffic: Forwarded): Verdict {
  const protocols = rule.protocols.map((text) => text.toLowerCase());
  if (!protocols.includes(traffic.protocol) && !protocols.includes("any") && !protocols.includes("*")) {
    return "no";
  }
  const parts: readonly Verdict[] = [
    matchesPort(rule.destinationPorts, traffic.port),
    addressMatch(rule.sourceAddresses, traffic.source),
    addressMatch(rule.destinationAddresses, [traffic.destination]),
  ];
  if (parts.includes("no")) return "no";
  return parts.includes("unknown") ? "unknown" : "yes";
}

/** An empty list stands for IP groups or names, which are kept elsewhere; a tag or a part match stays open too. */
function addressMatch(texts: readonly string[], wanted: AddressSet): Verdict {
  if (texts.includes("*")) return "yes";
  const written = setOfPrefixes(texts);
  if (containsAll(written, wanted)) return "yes";
  const isOpen = texts.length === 0 || texts.some((text) => parseRange(text) === undefined);
  return isOpen || intersect(written, wanted).length > 0 ? "unknown" : "no";
}
