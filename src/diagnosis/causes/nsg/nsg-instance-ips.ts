import type { Gateway } from "../../../model/gateway.ts";
import type { SecurityGroupHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Effect, FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, listed, ruleSubject, serverNames, subject } from "../../statements.ts";
import { unfollowedAt } from "../open-paths.ts";
import { deniedAt } from "./denial.ts";
import { instanceRules, widened } from "./instance-addresses.ts";
import { type AnyRule, holderOf, type RuleHolder } from "./rule-holder.ts";

interface Match {
  readonly gateway: Gateway;
  readonly hop: SecurityGroupHop;
  readonly holder: RuleHolder | undefined;
  readonly rules: readonly AnyRule[];
  readonly servers: readonly Server[];
}

const places: readonly SecurityGroupHop["place"][] = [
  "gateway-subnet-outbound",
  "backend-subnet-inbound",
  "backend-nic-inbound",
];

export default defineCause({
  id: "nsg-instance-ips",
  title: "NSG rule lists instance addresses instead of the gateway subnet",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "plans", "health", "network"],
  explainedBy: [],
  about: `A rule that should let the gateway in names single addresses, usually those its instances had when the rule was
written. Instances get other addresses of the subnet when the gateway scales, is upgraded or is repaired; their probes
and requests then fall through to a rule that denies. It shows as an outage that begins with no change of anybody's.
The source has to be the prefix of the gateway subnet.`,
  find: (facets) => [
    ...places.flatMap((place): Decision<Match>[] => {
      const { gateway, network, health } = facets;
      const denied = deniedAt(place, facets).filter(({ hop }) => instanceRules(gateway, hop).length > 0);
      return groupedBy(denied, ({ hop }) => keyOf(gateway, hop)).map(([, items]) => {
        const [{ hop }] = items as [(typeof items)[0]];
        const servers = items.flatMap((item) => item.servers);
        const holder = holderOf(hop, network);
        const rules = instanceRules(gateway, hop);
        return {
          is: "found",
          key: `${holder?.name ?? "effective"}/${rules.map(({ name }) => name).join("+")}`,
          match: { gateway, hop, holder, rules, servers },
          affects: { servers },
          effect: effectOn(servers, health),
          basis: "configuration",
        };
      });
    }),
    ...unfollowedAt(facets),
  ],
  say: ({ gateway, hop, holder, rules, servers }, affects): Statement => ({
    summary: `NSG ${holder?.name ?? "(known by its effective rules)"} lets only ${listed(
      rules.flatMap((rule) => widened(gateway, rule).inside),
    )} of the gateway subnet ${listed(gateway.subnet?.target?.addressPrefixes ?? [])} reach ${serverNames(
      affects.servers ?? servers,
    )}; instances with other addresses are denied by ${hop.rule?.name ?? "no rule"}`,
    subjects: [
      ...(holder === undefined ? [] : rules.map((rule) => ruleSubject(holder, rule))),
      ...(holder === undefined ? [] : [subject("networkSecurityGroup", holder)]),
    ],
    evidence: [
      ...rules.map((rule) =>
        evidence(
          `rule ${rule.name} (priority ${rule.priority}) allows ${listed(rule.sourcePrefixes)}, not the gateway subnet`,
          rule.source,
        ),
      ),
      ...(hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)]),
    ],
  }),
  fix: ({ gateway, holder, rules }) =>
    holder === undefined ? undefined : widenFirst(gateway, holder, rules),
});

function keyOf(gateway: Gateway, hop: SecurityGroupHop): string {
  const rules = instanceRules(gateway, hop);
  return rules.map(({ source }) => `${source.document} ${source.pointer}`).join(" ");
}

/**
 * Some instances may be at the listed addresses: only what was seen tells whether it fails altogether. What answers
 * somebody elsewhere tells nothing of the gateway.
 */
function effectOn(servers: readonly Server[], health: Facets["health"]): Effect {
  const seen = servers.map((server) => {
    const entry = health.of(server);
    const state = entry?.observation.health;
    return state === "healthy" && entry?.live?.vantage === "elsewhere" ? undefined : state;
  });
  if (seen.includes("unhealthy")) return "stops";
  return seen.every((one) => one === "healthy") ? "threatens" : "impairs";
}

/** One rule is enough, and the first is the one nothing stands before. */
function widenFirst(
  gateway: Gateway,
  holder: RuleHolder,
  rules: readonly AnyRule[],
): FixProposal | undefined {
  const rule = rules[0];
  if (rule === undefined || holder.rules.every((one) => one !== rule)) return undefined;
  const { inside, prefixes } = widened(gateway, rule);
  const [only] = prefixes;
  const resourceId = `${holder.id}/securityRules/${rule.name}`;
  const singular = prefixes.length === 1 && only !== undefined;
  return {
    summary: `Let rule ${rule.name} of NSG ${holder.name} allow ${listed(prefixes)} instead of ${listed(inside)}.`,
    changes: [
      {
        action: "set",
        resourceId,
        path: "sourceAddressPrefix",
        value: singular ? only : null,
      },
      {
        action: "set",
        resourceId,
        path: "sourceAddressPrefixes",
        value: singular ? [] : prefixes,
      },
    ],
    sideEffects: [
      `Opens what rule ${rule.name} allows to every address of the gateway subnet; nothing else can stand in that subnet.`,
    ],
  };
}
