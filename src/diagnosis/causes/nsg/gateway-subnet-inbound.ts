import type { Gateway } from "../../../model/gateway.ts";
import type { NetworkSecurityGroup, SecurityRule } from "../../../model/network.ts";
import { addressSet, containsAll, intersect } from "../../../network/address-sets.ts";
import { parseRange, privateAddressRanges } from "../../../network/addresses.ts";
import type { Missing, Verdict } from "../../../network/verdict.ts";
import type { Decision } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Affects, Effect } from "../../finding.ts";
import { isReadable, missingNetwork } from "../open-paths.ts";

/** What the platform itself has to reach at the gateway's instances. */
export interface PlatformTraffic {
  /** The service tag it comes from. */
  readonly tag: "GatewayManager" | "AzureLoadBalancer";
  readonly ports: { readonly first: number; readonly last: number };
}

/** Ports of the management channel (network.md §1.5). */
export function infrastructurePorts({ generation }: Gateway): PlatformTraffic["ports"] {
  return generation === "v1" ? { first: 65503, last: 65534 } : { first: 65200, last: 65535 };
}

export interface InboundDenial {
  readonly gateway: Gateway;
  readonly group: NetworkSecurityGroup;
  readonly rule: SecurityRule;
  readonly traffic: PlatformTraffic;
}

/** Whether the gateway subnet's group denies platform traffic; nothing when the subnet has no group. */
export function platformDenied(
  { gateway, health }: Pick<Facets, "gateway" | "health">,
  traffic: PlatformTraffic,
  claim: { readonly effect: Effect; readonly affects: Affects },
): Decision<InboundDenial>[] {
  const group = gateway.subnet?.target?.networkSecurityGroup;
  const missing = missingFor(gateway);
  if (missing !== undefined) {
    return isReadable(health) ? [] : [{ is: "undecided", needs: needOf(missing), affects: claim.affects }];
  }
  const rule =
    group?.target && denyingRule(group.target, traffic, gateway.subnet?.target?.addressPrefixes ?? []);
  if (group?.target === undefined || rule === undefined) return [];
  return [
    {
      is: "found",
      key: `${group.target.name}/${rule.name}`,
      match: { gateway, group: group.target, rule, traffic },
      ...claim,
      basis: "configuration",
    },
  ];
}

function missingFor(gateway: Gateway): Missing | undefined {
  const subnet = gateway.subnet?.target;
  if (subnet === undefined) return missingNetwork(gateway);
  const group = subnet.networkSecurityGroup;
  return group === undefined || group.target !== undefined
    ? undefined
    : {
        what: `which rules the NSG of the gateway subnet ${subnet.name} has`,
        type: "microsoft.network/networksecuritygroups",
        resourceId: group.id,
      };
}

/**
 * The rule that denies a part of the ports to the tag for certain. Rules that may or may not match before it leave it
 * open, and an open question is no denial.
 */
function denyingRule(
  group: NetworkSecurityGroup,
  { tag, ports }: PlatformTraffic,
  destination: readonly string[],
): SecurityRule | undefined {
  const rules = group.rules
    .filter(({ direction, protocol }) => direction === "Inbound" && (protocol === "*" || protocol === "tcp"))
    .map((rule) => ({ rule, matches: weaker(fromTag(rule, tag), toSubnet(rule, destination)) }))
    .filter(({ matches }) => matches !== "no")
    .sort((a, b) => a.rule.priority - b.rule.priority);
  for (const port of samplePorts(
    rules.map(({ rule }) => rule),
    ports,
  )) {
    let doubtful: boolean = false;
    for (const { rule, matches } of rules) {
      if (!rule.destinationPorts.some((text) => portIn(text, port))) continue;
      if (matches === "unknown" || rule.sourcePorts.some((text) => text !== "*")) {
        doubtful ||= rule.access === "Allow";
        continue;
      }
      if (rule.access === "Deny" && !doubtful) return rule;
      break;
    }
  }
  return undefined;
}

/** One port of every stretch of the wanted ports that all rules treat alike. */
function samplePorts(rules: readonly SecurityRule[], { first, last }: PlatformTraffic["ports"]): number[] {
  const cuts = rules.flatMap(({ destinationPorts }) =>
    destinationPorts.flatMap((text) => {
      const range = portRange(text);
      return range === undefined ? [] : [range.first, range.last + 1];
    }),
  );
  return [...new Set([first, ...cuts.filter((cut) => first < cut && cut <= last)])].sort((a, b) => a - b);
}

function portIn(text: string, port: number): boolean {
  const range = portRange(text);
  return range !== undefined && range.first <= port && port <= range.last;
}

function portRange(text: string): { first: number; last: number } | undefined {
  if (text === "*") return { first: 0, last: 65535 };
  const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text);
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2] ?? match[1]) };
}

/** The tags that cover the platform's addresses whatever the published list says (network.md §1.4). */
const covering: Readonly<Record<PlatformTraffic["tag"], readonly string[]>> = {
  GatewayManager: ["*", "any", "0.0.0.0/0", "internet", "gatewaymanager"],
  AzureLoadBalancer: ["*", "any", "0.0.0.0/0", "azureloadbalancer", "virtualnetwork", "168.63.129.16"],
};

/** Tags that certainly have none of the platform's addresses. */
const apart: Readonly<Record<PlatformTraffic["tag"], readonly string[]>> = {
  GatewayManager: [
    "virtualnetwork",
    "azureloadbalancer",
    "azurefrontdoor.backend",
    "azurefrontdoor.frontend",
  ],
  AzureLoadBalancer: ["internet", "gatewaymanager"],
};

const privateSpace = addressSet(privateAddressRanges);

function fromTag(rule: SecurityRule, tag: PlatformTraffic["tag"]): Verdict {
  if (rule.sourceGroups.length > 0) return "no";
  let verdict: Verdict = "no";
  for (const text of rule.sourcePrefixes) {
    const written = text.toLowerCase();
    if (covering[tag].includes(written)) return "yes";
    if (apart[tag].includes(written)) continue;
    const range = parseRange(text);
    if (range === undefined && tag === "AzureLoadBalancer") continue;
    if (range !== undefined && (tag === "AzureLoadBalancer" || containsAll(privateSpace, [range]))) {
      const platform = parseRange("168.63.129.16");
      if (tag === "AzureLoadBalancer" && platform !== undefined && containsAll([range], [platform]))
        return "yes";
      continue;
    }
    verdict = "unknown";
  }
  return verdict;
}

function toSubnet(rule: SecurityRule, subnet: readonly string[]): Verdict {
  if (rule.destinationGroups.length > 0) return "no";
  const wanted = addressSet(subnet.flatMap((text) => parseRange(text) ?? []));
  let verdict: Verdict = "no";
  for (const text of rule.destinationPrefixes) {
    if (/^(\*|any|0\.0\.0\.0\/0|virtualnetwork)$/i.test(text)) return "yes";
    const range = parseRange(text);
    if (range === undefined) continue;
    if (containsAll([range], wanted)) return "yes";
    if (intersect([range], wanted).length > 0) verdict = "unknown";
  }
  return verdict;
}

function weaker(a: Verdict, b: Verdict): Verdict {
  if (a === "no" || b === "no") return "no";
  return a === "unknown" || b === "unknown" ? "unknown" : "yes";
}
