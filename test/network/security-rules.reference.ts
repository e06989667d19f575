import type { SecurityRule } from "../../src/model/network.ts";

/**
 * Security rules evaluated the slow, obvious way, for one source and one destination address at a time, over known tags
 * (network.md §1.3). Shares no code with the analyser. Addresses are IPv4 text.
 */
export interface World {
  /** Tag (lower case) → prefixes. `*` is built in, and Internet is what VirtualNetwork is not. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly groupsOf: (address: string) => readonly string[];
}

export function firstMatch(
  rules: readonly SecurityRule[],
  direction: string,
  protocol: string,
  from: string,
  target: string,
  port: number,
  world: World,
): SecurityRule | undefined {
  let best: SecurityRule | undefined;
  for (const rule of rules) {
    if (rule.direction !== direction) continue;
    if (rule.protocol !== "*" && rule.protocol !== protocol) continue;
    if (!rule.destinationPorts.some((text) => inPorts(text, port))) continue;
    if (!sideMatches(rule.sourcePrefixes, rule.sourceGroups, from, world)) continue;
    if (!sideMatches(rule.destinationPrefixes, rule.destinationGroups, target, world)) continue;
    if (best === undefined || rule.priority < best.priority) best = rule;
  }
  return best;
}

function sideMatches(
  prefixes: readonly string[],
  groups: readonly { readonly id: string }[],
  address: string,
  world: World,
): boolean {
  if (groups.length > 0) return groups.some(({ id }) => world.groupsOf(address).includes(id));
  return prefixes.some((text) => inText(text, address, world));
}

export function inText(text: string, address: string, world: World): boolean {
  if (text === "*") return true;
  if (text.toLowerCase() === "internet") return !inText("virtualnetwork", address, world);
  const tag = world.tags[text.toLowerCase()];
  return tag === undefined ? inPrefix(text, address) : tag.some((prefix) => inPrefix(prefix, address));
}

export function inPrefix(prefix: string, address: string): boolean {
  const [base = "", length = "32"] = prefix.split("/");
  return bits(address).startsWith(bits(base).slice(0, Number(length)));
}

const known = new Map<string, string>();

function bits(address: string): string {
  const text =
    known.get(address) ??
    address
      .split(".")
      .map((octet) => Number(octet).toString(2).padStart(8, "0"))
      .join("");
  known.set(address, text);
  return text;
}

function inPorts(text: string, port: number): boolean {
  if (text === "*") return true;
  const [first, last = first] = text.split("-").map(Number);
  return first !== undefined && last !== undefined && first <= port && port <= last;
}
