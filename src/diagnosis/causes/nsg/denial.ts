import type { SecurityRule } from "../../../model/network.ts";
import { addressSet, intersect } from "../../../network/address-sets.ts";
import { parseRange } from "../../../network/addresses.ts";
import type { NetworkPath, SecurityGroupHop } from "../../../network/path.ts";
import { matchesPort } from "../../../network/rule-match.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Decision } from "../../cause.ts";
import { publicAddressesOf } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { Affects, Effect, FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, ruleSubject, serverNames, subject } from "../../statements.ts";
import { unsettledAt } from "../open-paths.ts";
import { type Way, waysOf } from "../ways.ts";
import { allowRuleAbove } from "./allow-rule.ts";
import { instanceRules } from "./instance-addresses.ts";
import { type AnyRule, holderOf, type RuleHolder } from "./rule-holder.ts";

/** What the inbound and outbound denials of security groups have in common: they differ only in where the group sits. */
export interface Denial {
  readonly gateway: Facets["gateway"];
  readonly hop: SecurityGroupHop;
  readonly holder: RuleHolder | undefined;
  readonly servers: readonly Server[];
  readonly ports: readonly number[];
  /** Where the traffic comes from and goes to at this hop, as prefixes for a rule. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export type DenialFacets = Pick<Facets, "gateway" | "reach" | "plans" | "health" | "network">;

/** A way that ends at a group, and what that does to the servers it leads to. */
interface DeniedWay extends Way {
  readonly hop: SecurityGroupHop;
  readonly effect: Effect;
}

/** Servers whose way ends at a security group in this place, by the rule that decides. */
export function denialsAt(place: SecurityGroupHop["place"], facets: DenialFacets): Decision<Denial>[] {
  const { gateway, network } = facets;
  const denied = deniedAt(place, facets).filter(({ hop }) => instanceRules(gateway, hop).length === 0);
  const decisions = groupedBy(denied, ruleKey).map(([, items]): Decision<Denial> => {
    const [first] = items as [DeniedWay];
    const holder = holderOf(first.hop, network);
    const servers = items.flatMap((item) => item.servers);
    return {
      is: "found",
      key: `${holder?.name ?? "effective"}/${first.hop.rule?.name ?? "no rule"}${first.effect === "stops" ? "" : "/requests"}`,
      match: {
        gateway,
        hop: first.hop,
        holder,
        servers,
        ports: portsOf(facets, servers, first.effect),
        from: sourceOf(gateway, first),
        to: [...new Set(items.flatMap((item) => destinationsOf(facets, item)))],
      },
      affects: { servers },
      effect: first.effect,
      basis: "configuration",
    };
  });
  const open = unsettledAt(facets, (path) => isOpenAt(place, path), missingTypes);
  return [...decisions, ...open];
}

/**
 * Every way with a group in this place that denies of its own accord: at the port of probes, else at the port of
 * requests.
 */
export function deniedAt(
  place: SecurityGroupHop["place"],
  facets: Pick<Facets, "reach" | "plans">,
): readonly DeniedWay[] {
  const { reach } = facets;
  const at = (paths: Facets["reach"]["paths"], effect: Effect): DeniedWay[] =>
    waysOf(paths).flatMap((way) => {
      const hop = hopAt(place, way.path);
      if (hop?.verdict !== "no") return [];
      const denied = { ...way, hop, effect };
      return peeringDecides(denied, facets) ? [] : [denied];
    });
  return [...at(reach.blocked, "stops"), ...at(reach.requestsBlocked, "stops-requests")];
}

function portsOf({ plans }: Pick<Facets, "plans">, servers: readonly Server[], effect: Effect): number[] {
  const plan = effect === "stops" ? plans.probe : plans.request;
  return [...new Set(servers.flatMap((server) => plan(server).port.value ?? []))].sort((a, b) => a - b);
}

/** Documents whose want leaves the decision of a group open. */
const missingTypes: ReadonlySet<string> = new Set([
  "microsoft.network/applicationsecuritygroups",
  "microsoft.network/networkinterfaces",
  "microsoft.network/networksecuritygroups",
  "microsoft.network/servicetags",
  "microsoft.network/virtualnetworks",
]);

function isOpenAt(place: SecurityGroupHop["place"], path: NetworkPath): boolean {
  return hopAt(place, path)?.verdict === "unknown";
}

export function hopAt(place: SecurityGroupHop["place"], path: NetworkPath): SecurityGroupHop | undefined {
  return path.hops.find(
    (hop): hop is SecurityGroupHop => hop.kind === "security-group" && hop.place === place,
  );
}

/**
 * A faulty peering takes the other side out of the tag VirtualNetwork. What a rule for that tag allowed, the default rule
 * among them, then falls through to one that denies: the peering is at fault, not the group.
 */
function peeringDecides(denied: DeniedWay, facets: Pick<Facets, "reach" | "plans">): boolean {
  const { path, hop, servers, effect } = denied;
  const { rule, group } = hop;
  if (rule === undefined || !path.hops.some(({ kind, verdict }) => kind === "peering" && verdict === "no")) {
    return false;
  }
  if (rule.isDefault) return true;
  const ports = portsOf(facets, servers, effect);
  const addresses = servers.flatMap((server) => facets.reach.addresses(server));
  return (group?.rules ?? []).some(
    (other) =>
      other.access === "Allow" &&
      other.direction === rule.direction &&
      other.priority < rule.priority &&
      ["*", "tcp"].includes(other.protocol) &&
      namesNetwork(rule.direction === "Inbound" ? other.sourcePrefixes : other.destinationPrefixes) &&
      (rule.direction === "Outbound" || mayBeFor(other, addresses)) &&
      ports.some((port) => matchesPort(other.destinationPorts, port) !== "no"),
  );
}

function namesNetwork(prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => prefix.toLowerCase() === "virtualnetwork");
}

function mayBeFor({ destinationPrefixes }: AnyRule, addresses: readonly string[]): boolean {
  const ranges = destinationPrefixes.map(parseRange);
  const wanted = addressSet(addresses.flatMap((address) => parseRange(address) ?? []));
  return (
    ranges.length === 0 ||
    ranges.some((range) => range === undefined || intersect([range], wanted).length > 0)
  );
}

function ruleKey({ hop, effect }: DeniedWay): string {
  const { rule, group } = hop;
  return `${effect} ${group?.id ?? ""} ${rule?.source.document} ${rule?.source.pointer} ${rule?.name}`;
}

/** Only groups beyond a public address see the public frontend, all others the gateway subnet (health-probes.md §1). */
function sourceOf(gateway: Facets["gateway"], { hop, path }: DeniedWay): readonly string[] {
  const translated = hop.place !== "gateway-subnet-outbound" && path.destination.place === "public";
  if (translated) return publicAddressesOf(gateway);
  return gateway.subnet?.target?.addressPrefixes ?? [];
}

/** A group of a NIC is for that NIC alone; elsewhere the subnet of the servers, else their addresses. */
function destinationsOf({ reach }: DenialFacets, { hop, path, servers }: DeniedWay): readonly string[] {
  if (hop.place === "backend-nic-inbound") return ["*"];
  const prefixes = path.destination.subnet?.addressPrefixes ?? [];
  if (prefixes.length > 0) return prefixes;
  // A public name whose addresses are not known, and may change, is somewhere in the Internet.
  return servers.map((server) => reach.addresses(server)[0] ?? "Internet");
}

export function sayDenied(
  { hop, holder, servers, ports }: Denial,
  where: string,
  affects: Affects,
): Statement {
  const { rule } = hop;
  const by = `NSG ${holder?.name ?? "(known by its effective rules)"} ${where}`;
  const verb =
    rule === undefined
      ? "has no rule that allows"
      : `denies by ${rule.isDefault ? "default rule" : "rule"} ${rule.name} (priority ${rule.priority})`;
  return {
    summary: `${by} ${verb} what the gateway sends to ${serverNames(affects.servers ?? servers)} on port ${ports.join(", ")}`,
    subjects: [
      ...(holder !== undefined && rule !== undefined && !rule.isDefault ? [ruleSubject(holder, rule)] : []),
      ...(holder === undefined ? [] : [subject("networkSecurityGroup", holder)]),
    ],
    evidence: hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)],
  };
}

/** An allow rule for exactly the gateway, in front of the rule that denies. */
export function fixDenied(denial: Denial, direction: SecurityRule["direction"]): FixProposal | undefined {
  const { gateway, hop, holder, ports, from, to } = denial;
  if (holder === undefined) return undefined;
  return allowRuleAbove({
    holder,
    rule: hop.rule,
    direction,
    from,
    to,
    ports: ports.map(String),
    protocol: "Tcp",
    purpose: gateway.name,
  });
}
