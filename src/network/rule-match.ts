import type { EffectiveSecurityRule, SecurityRule } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import { type AddressSet, addressSet, noAddresses } from "./address-sets.ts";
import { allIpv4, allIpv6 } from "./addresses.ts";
import type { Coverage, ServiceTags, TagPlace } from "./service-tags.ts";
import type { Missing, Verdict } from "./verdict.ts";

export type AnySecurityRule = SecurityRule | EffectiveSecurityRule;

/** Connections from one set of addresses to one port, and from whose point of view tags are read. */
export interface TrafficQuery {
  readonly direction: "Inbound" | "Outbound";
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Addresses connections may come from: all of the gateway subnet's, because instances move within it. */
  readonly source: AddressSet;
  readonly place: TagPlace;
  /**
   * The application security groups of the destination, lower-case ids; undefined when its IP configuration is not
   * known. The gateway's own instances are in none.
   */
  readonly destinationGroups: ReadonlySet<string> | undefined;
  /** Effective rules print any address of either family as `0.0.0.0/0` (network.md §6). */
  readonly effective: boolean;
}

/** How one rule stands to a query, before any destination address is looked at. */
export interface RuleReach {
  readonly rule: AnySecurityRule;
  /** False when it matches some of the connections only, e.g. by source port. */
  readonly portsCertain: boolean;
  readonly source: Coverage;
  readonly destination: Coverage;
}

const everything: AddressSet = [allIpv4, allIpv6];

/**
 * The ports a client connection can come from. Both platforms stay inside it; which part of it they use is not
 * documented, so a rule for a part of it may or may not match.
 */
const clientPorts = { first: 1024, last: 65535 } as const;

/** The reach of a rule, or undefined when it certainly matches none of the traffic (network.md §1.3). */
export function reachOf(
  rule: AnySecurityRule,
  query: TrafficQuery,
  tags: ServiceTags,
  sourceWithin: boolean,
  destinationWithin: boolean,
): RuleReach | undefined {
  if (rule.direction !== query.direction || !matchesProtocol(rule.protocol, query.protocol)) return undefined;
  const port = matchesPort(rule.destinationPorts, query.port);
  const clientPort = coversClientPorts(rule.sourcePorts);
  if (port === "no" || clientPort === "no") return undefined;
  const source = sourceCoverage(rule, query, tags, sourceWithin);
  const destination = destinationCoverage(rule, query, tags, destinationWithin);
  if (source.possible.length === 0 || destination.possible.length === 0) return undefined;
  return { rule, portsCertain: port === "yes" && clientPort === "yes", source, destination };
}

function matchesProtocol(written: string, asked: string): boolean {
  return written === "*" || written === asked || written === "all" || written === "any";
}

/** Whether the ports of a rule include one port; unknown when what is written is no port. */
export function matchesPort(ports: readonly string[], port: number): Verdict {
  let verdict: Verdict = ports.length === 0 ? "unknown" : "no";
  for (const text of ports) {
    const range = portRange(text);
    if (range === undefined) verdict = "unknown";
    else if (range.first <= port && port <= range.last) return "yes";
  }
  return verdict;
}

function coversClientPorts(ports: readonly string[]): Verdict {
  let verdict: Verdict = ports.length === 0 ? "unknown" : "no";
  for (const text of ports) {
    const range = portRange(text);
    if (range === undefined) verdict = "unknown";
    else if (range.first <= clientPorts.first && clientPorts.last <= range.last) return "yes";
    else if (range.first <= clientPorts.last && clientPorts.first <= range.last) verdict = "unknown";
  }
  return verdict;
}

function portRange(text: string): { first: number; last: number } | undefined {
  if (text === "*") return { first: 0, last: 65535 };
  const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text);
  if (match === null) return undefined;
  return { first: Number(match[1]), last: Number(match[2] ?? match[1]) };
}

function sourceCoverage(
  rule: AnySecurityRule,
  query: TrafficQuery,
  tags: ServiceTags,
  within: boolean,
): Coverage {
  if (rule.sourcePrefixes.length === 0 && rule.sourceGroups.length > 0) return settled(noAddresses);
  return coverageOf(rule.sourcePrefixes, query, tags, within, rule.name);
}

function destinationCoverage(
  rule: AnySecurityRule,
  query: TrafficQuery,
  tags: ServiceTags,
  within: boolean,
): Coverage {
  const groups = rule.destinationGroups;
  if (groups.length === 0) return coverageOf(rule.destinationPrefixes, query, tags, within, rule.name);
  if (query.destinationGroups === undefined) {
    return { certain: noAddresses, possible: everything, missing: memberships(rule) };
  }
  const member = groups.some(({ id }) => query.destinationGroups?.has(idKey(id)));
  if (member) return settled(everything);
  const { destinationPrefixes } = rule;
  return destinationPrefixes.length === 0
    ? settled(noAddresses)
    : coverageOf(destinationPrefixes, query, tags, within, rule.name);
}

function coverageOf(
  texts: readonly string[],
  query: TrafficQuery,
  tags: ServiceTags,
  within: boolean,
  name: string,
): Coverage {
  const parts = texts.map((text) =>
    tags.cover(query.effective && text === "0.0.0.0/0" ? "*" : text, query.place, within),
  );
  const [only] = parts;
  if (only === undefined) return { certain: noAddresses, possible: everything, missing: unread(name) };
  if (parts.length === 1) return only;
  return {
    certain: addressSet(parts.flatMap(({ certain }) => certain)),
    possible: addressSet(parts.flatMap(({ possible }) => possible)),
    missing: parts.find(({ missing }) => missing !== undefined)?.missing,
  };
}

function settled(addresses: AddressSet): Coverage {
  return { certain: addresses, possible: addresses, missing: undefined };
}

function memberships(rule: AnySecurityRule): Missing {
  return {
    what: `which network interfaces are in the application security groups of rule ${rule.name}`,
    type: "microsoft.network/networkinterfaces",
    resourceId: undefined,
  };
}

function unread(name: string): Missing {
  return {
    what: `which addresses rule ${name} is for`,
    type: "microsoft.network/networksecuritygroups",
    resourceId: undefined,
  };
}
