import type { NetworkSecurityGroup, Subnet } from "../model/network.ts";
import type { Reference } from "../model/resource.ts";
import type { AddressSet } from "./address-sets.ts";
import { formatRange } from "./addresses.ts";
import type { RouteHop, SecurityGroupHop, SymmetryHop } from "./path.ts";
import { effectOf, type RouteChoice } from "./routes.ts";
import type { AnySecurityRule } from "./rule-match.ts";
import type { Decision } from "./security-groups.ts";
import type { Missing } from "./verdict.ts";

/** A hop with what would settle it, while a path is put together. */
export interface Step<H> {
  readonly hop: H;
  readonly missing: readonly Missing[];
}

/** How the traffic reads in a sentence: `tcp 10.0.1.0/24 → 10.1.0.0/24:8080`. */
export function trafficLabel(
  protocol: string,
  source: AddressSet | readonly string[],
  destination: string,
  port: number,
): string {
  const from = source.map((part) => (typeof part === "string" ? part : formatRange(part))).join(", ");
  const to = destination.includes(":") ? `[${destination}]` : destination;
  return `${protocol} ${from} → ${to}:${port}`;
}

/** What a group decided, as a hop. `name` stands in for the group when only effective rules are known. */
export function securityGroupStep(
  place: SecurityGroupHop["place"],
  group: NetworkSecurityGroup | undefined,
  name: string,
  decision: Decision,
  traffic: string,
): Step<SecurityGroupHop> {
  const { verdict, rule } = decision;
  const partlyAllowedBy = verdict === "no" ? decision.allowedBy : [];
  return {
    hop: {
      kind: "security-group",
      place,
      verdict,
      group,
      rule,
      partlyAllowedBy,
      says: decisionText(name, decision, traffic),
      origin: rule?.source ?? group?.source,
    },
    missing: decision.missing,
  };
}

function decisionText(
  name: string,
  { verdict, rule, allowedBy, missing }: Decision,
  traffic: string,
): string {
  if (verdict === "yes") return `${name} ${ruleText(rule)} allows ${traffic}`;
  if (verdict === "no") {
    if (allowedBy.length === 0) return `${name} ${ruleText(rule)} denies ${traffic}`;
    const allowing = allowedBy.map(({ name: allowed }) => allowed).join(", ");
    return `${name} ${ruleText(rule)} denies ${traffic} for part of these addresses, ${allowing} allows the others`;
  }
  const [first] = missing;
  const why = first === undefined ? "no rule of it matches for certain" : `it is not known ${first.what}`;
  return `${name} may allow or deny ${traffic}: ${why}`;
}

function ruleText(rule: AnySecurityRule | undefined): string {
  return rule === undefined ? "" : `rule ${shortRuleName(rule.name)} (priority ${rule.priority})`;
}

/** Effective rules are named `securityRules/x` or `defaultSecurityRules/y` (network.md §6). */
function shortRuleName(name: string): string {
  return name.replace(/^(default)?securityrules\//i, "");
}

/** A group that applies and was not exported. */
export function missingGroupStep(
  place: SecurityGroupHop["place"],
  reference: Reference<NetworkSecurityGroup>,
  traffic: string,
): Step<SecurityGroupHop> {
  const name = reference.id.split("/").at(-1) ?? reference.id;
  return {
    hop: {
      ...openGroup(place),
      says: `NSG ${name} decides on ${traffic}, and it was not exported`,
      origin: reference.source,
    },
    missing: [
      {
        what: `the rules of NSG ${name}`,
        type: "microsoft.network/networksecuritygroups",
        resourceId: reference.id,
      },
    ],
  };
}

/** It is not known whether there is a group. */
export function unknownGroupStep(
  place: SecurityGroupHop["place"],
  says: string,
  missing: Missing,
): Step<SecurityGroupHop> {
  return { hop: { ...openGroup(place), says, origin: undefined }, missing: [missing] };
}

function openGroup(place: SecurityGroupHop["place"]) {
  return {
    kind: "security-group",
    place,
    verdict: "unknown",
    group: undefined,
    rule: undefined,
    partlyAllowedBy: [],
  } as const;
}

/** A route as a hop; `at` names the end where it is chosen, `destination` what it is chosen for. */
export function routeStep(
  direction: RouteHop["direction"],
  subnet: Subnet | undefined,
  at: string,
  choice: RouteChoice,
  destination: string,
): Step<RouteHop> {
  const { missing, ...route } = choice;
  return {
    hop: { kind: "route", direction, subnet, ...route, says: routeText(at, choice, destination) },
    missing,
  };
}

function routeText(at: string, choice: RouteChoice, destination: string): string {
  if (choice.chosenFrom === "unknown") {
    const [first] = choice.missing;
    const why = first === undefined ? "" : `: it is not known ${first.what}`;
    return `${at}: the route to ${destination} cannot be told${why}`;
  }
  const hop = [choice.nextHopType, choice.nextHopIpAddress].filter((part) => part !== undefined).join(" ");
  const learned = choice.learnedRoutesPossible ? ", unless a learned route wins" : "";
  const says = `${at}: ${routeName(choice)} sends ${destination} to ${hop}${learned}`;
  return choice.reason === "no-private-path" ? `${says}: no network, peering or route leads there` : says;
}

function routeName({ chosenFrom, table, route, prefix }: RouteChoice): string {
  if (chosenFrom === "user") return `route ${route?.name} (${prefix}) of table ${table?.name}`;
  return `${chosenFrom === "effective" ? "effective" : "system"} route ${prefix}`;
}

/**
 * The symmetry test of network.md §2.5. `endpoint`: the reply comes from a private endpoint, where the platform and
 * not the route table of its subnet decides.
 */
export function symmetryHop(forward: RouteHop, back: RouteHop, endpoint: boolean): SymmetryHop {
  const there = effectOf(forward.nextHopType, forward.nextHopIpAddress);
  const home = effectOf(back.nextHopType, back.nextHopIpAddress);
  const judged = (verdict: SymmetryHop["verdict"], says: string): SymmetryHop => ({
    kind: "symmetry",
    verdict,
    forward,
    back,
    says,
    origin: verdict === "no" ? (back.origin ?? forward.origin) : undefined,
  });
  const ways = `requests go ${wayText(there)}, replies ${wayText(home)}`;
  const isAppliance = (effect: string) => effect.startsWith("appliance");
  if (there === home && (there === "direct" || isAppliance(there))) {
    return judged("yes", `requests and replies go the same way, ${wayText(there)}`);
  }
  if (endpoint && isAppliance(there)) {
    return judged("unknown", `${ways}: fine only if the appliance puts its own address in the requests`);
  }
  if (home === "gateway" && (there === "direct" || isAppliance(there))) {
    return judged("no", `${ways}: the reply leaves for the virtual network gateway`);
  }
  if ((there === "direct" || isAppliance(there)) && (home === "direct" || isAppliance(home))) {
    return judged("no", `${ways}: a stateful appliance sees one half of the connection and drops it`);
  }
  if (home === "none") return judged("no", `${ways}: the reply is dropped`);
  return judged("unknown", `${ways}: it is not known whether they meet the same appliances`);
}

function wayText(effect: string): string {
  if (effect.startsWith("appliance ")) return `through appliance ${effect.slice("appliance ".length)}`;
  switch (effect) {
    case "direct":
      return "directly";
    case "gateway":
      return "through the virtual network gateway";
    case "out":
      return "to the Internet";
    case "none":
      return "nowhere";
    default:
      return "a way that is not known";
  }
}
