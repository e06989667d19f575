import type { Change } from "../../../model/change.ts";
import type { SecurityRule } from "../../../model/network.ts";
import type { FixProposal } from "../../finding.ts";
import { listed } from "../../statements.ts";
import type { AnyRule, RuleHolder } from "./rule-holder.ts";

export interface AllowRule {
  readonly holder: RuleHolder;
  /** The rule that has to be beaten; undefined = no rule matched. */
  readonly rule: AnyRule | undefined;
  readonly direction: SecurityRule["direction"];
  /** Addresses or one service tag. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: readonly string[];
  readonly protocol: "Tcp" | "Udp" | "*";
  /** What stands in the rule's name, e.g. the gateway. */
  readonly purpose: string;
}

/** Rules to move at most to make room; beyond that the group needs a person to look at it. */
const mostMoved = 20;

/**
 * An allow rule for exactly what is needed, at a free priority before the denying rule: the last one, so that as few
 * rules as possible are overtaken. Where every priority before it is taken, the denying rule and those that follow it
 * without a gap move down by one, which changes nothing between them.
 */
export function allowRuleAbove(wanted: AllowRule): FixProposal | undefined {
  const { holder, rule, direction, from, to, ports } = wanted;
  if (ports.length === 0 || from.length === 0 || to.length === 0) return undefined;
  const place = placeBefore(holder, direction, rule?.priority ?? 65500);
  if (place === undefined) return undefined;
  const name = uniqueName(holder, `allow-${wanted.purpose}-${direction.toLowerCase()}`.slice(0, 76));
  const what = `${wanted.protocol === "*" ? "everything" : wanted.protocol.toLowerCase()} from ${listed(from)} to ${
    to[0] === "*" ? "any address" : listed(to)
  } on ${portsText(ports)}`;
  return {
    summary: `Add rule ${name} (priority ${place.priority}) to NSG ${holder.name}: allow ${what}.`,
    changes: [...place.moves, addition(wanted, name, place.priority)],
    sideEffects: [
      `Opens ${portsText(ports)} ${reachText(wanted)}; to nobody else.`,
      ...(place.moves.length === 0
        ? []
        : [
            `To make room, ${place.moves.length === 1 ? "one rule" : `${place.moves.length} rules`} of ${holder.name} go to the next priority number; the order of all rules stays.`,
          ]),
    ],
  };
}

function reachText({ direction, holder, from, to }: AllowRule): string {
  if (direction === "Outbound") return `of ${listed(to)} to ${listed(from)}`;
  return `of ${to[0] === "*" ? `everything behind ${holder.name}` : listed(to)} to ${listed(from)}`;
}

function portsText(ports: readonly string[]): string {
  if (ports[0] === "*") return "all ports";
  const several = ports.length > 1 || ports.some((port) => port.includes("-"));
  return `port${several ? "s" : ""} ${ports.join(", ")}`;
}

function addition(wanted: AllowRule, name: string, priority: number): Change {
  const { holder, direction, from, to, ports, protocol } = wanted;
  return {
    action: "add",
    resourceId: holder.id,
    list: "securityRules",
    value: {
      name,
      priority,
      direction,
      access: "Allow",
      protocol,
      ...oneOrMany("sourceAddressPrefix", "sourceAddressPrefixes", from),
      sourcePortRange: "*",
      ...oneOrMany("destinationAddressPrefix", "destinationAddressPrefixes", to),
      ...oneOrMany("destinationPortRange", "destinationPortRanges", ports),
    },
  };
}

function oneOrMany(singular: string, plural: string, values: readonly string[]) {
  const [only] = values;
  return values.length === 1 && only !== undefined ? { [singular]: only } : { [plural]: values };
}

/** Where the new rule goes, and which rules have to move for it, the last one first so that no two ever collide. */
function placeBefore(
  holder: RuleHolder,
  direction: SecurityRule["direction"],
  below: number,
): { priority: number; moves: Change[] } | undefined {
  const taken = new Map(
    holder.rules.filter((rule) => rule.direction === direction).map((rule) => [rule.priority, rule]),
  );
  for (let priority = Math.min(below - 1, 4096); priority >= 100; priority--) {
    if (!taken.has(priority)) return { priority, moves: [] };
  }
  const moves: Change[] = [];
  for (let priority = below; priority <= 4095; priority++) {
    const rule = taken.get(priority);
    if (rule === undefined) return { priority: below, moves };
    if (moves.length === mostMoved) return undefined;
    moves.unshift({
      action: "set",
      resourceId: `${holder.id}/securityRules/${rule.name}`,
      path: "priority",
      value: priority + 1,
    });
  }
  return undefined;
}

function uniqueName(holder: RuleHolder, name: string): string {
  const taken = new Set(holder.rules.map((rule) => rule.name.toLowerCase()));
  let candidate = name;
  for (let n = 2; taken.has(candidate.toLowerCase()); n++) candidate = `${name}-${n}`;
  return candidate;
}
