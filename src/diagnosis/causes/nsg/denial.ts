import type { NetworkSecurityGroup, SecurityRule } from "../../../model/network.ts";
import type { NetworkPath, SecurityGroupHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Decision } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, ruleSubject, serverNames, subject } from "../../statements.ts";
import { allowRuleAbove } from "./allow-rule.ts";

/** What the inbound and outbound denials of security groups have in common: they differ only in where the group sits. */
export interface Denial {
  readonly gateway: Facets["gateway"];
  readonly hop: SecurityGroupHop;
  readonly servers: readonly Server[];
  readonly ports: readonly number[];
}

/** Servers whose way ends at a security group in this place, by the rule that decides. */
export function denialsAt(
  place: SecurityGroupHop["place"],
  { gateway, reach, plans }: Pick<Facets, "gateway" | "reach" | "plans">,
): Decision<Denial>[] {
  const denied = reach.blocked.flatMap(({ server, path }) => {
    const hop = hopAt(place, path);
    return hop?.verdict === "no" && hop.partlyAllowedBy.length === 0 ? [{ server, hop }] : [];
  });
  const decisions: Decision<Denial>[] = groupedBy(denied, ({ hop }) => ruleKey(hop)).map(([key, items]) => {
    const servers = items.map(({ server }) => server);
    const ports = servers.flatMap((server) => plans.probe(server).port.value ?? []);
    return {
      is: "found",
      key,
      match: { gateway, hop: (items[0] as (typeof items)[0]).hop, servers, ports: [...new Set(ports)] },
      affects: { servers },
      effect: "stops",
      basis: "configuration",
    };
  });
  return [...decisions, ...unclearAt(place, reach)];
}

/** Servers whose way could not be followed as far as this group, by what is missing. */
function unclearAt(place: SecurityGroupHop["place"], reach: Facets["reach"]): Decision<never>[] {
  const unclear = reach.unclear.flatMap(({ server, path }) => {
    const hop = hopAt(place, path);
    return hop === undefined || hop.verdict === "unknown"
      ? path.missing.map((missing) => ({ server, missing }))
      : [];
  });
  return groupedBy(unclear, ({ missing }) => missing.what).map(([, items]) => ({
    is: "undecided",
    needs: needOf((items[0] as (typeof items)[0]).missing),
    affects: { servers: items.map(({ server }) => server) },
  }));
}

function hopAt(place: SecurityGroupHop["place"], path: NetworkPath): SecurityGroupHop | undefined {
  return path.hops.find(
    (hop): hop is SecurityGroupHop => hop.kind === "security-group" && hop.place === place,
  );
}

function ruleKey({ group, rule }: SecurityGroupHop): string {
  return `${group?.name ?? "effective"}/${rule?.name ?? "default"}`;
}

export function sayDenied({ hop, servers, ports }: Denial, where: string): Statement {
  const { group, rule } = hop;
  const by = `NSG ${group?.name ?? "(effective rules)"} ${where}`;
  const with_ =
    rule === undefined
      ? "has no rule that allows"
      : `denies by rule ${rule.name} (priority ${rule.priority})`;
  return {
    summary: `${by} ${with_} what the gateway sends to ${serverNames(servers)} on port ${ports.join(", ")}`,
    subjects: [
      ...(group !== undefined && rule !== undefined ? [ruleSubject(group, rule)] : []),
      ...(group === undefined ? [] : [subject("networkSecurityGroup", group)]),
    ],
    evidence: hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)],
  };
}

/** An allow rule for the gateway subnet's prefix, in front of the rule that denies. */
export function fixDenied(
  { gateway, hop, servers, ports }: Denial,
  direction: SecurityRule["direction"],
): FixProposal | undefined {
  const group: NetworkSecurityGroup | undefined = hop.group;
  if (group === undefined) return undefined;
  return allowRuleAbove({ gateway, group, rule: hop.rule, direction, servers, ports });
}
