import {
  type AzureResource,
  type JsonObject,
  linkOf,
  listOf,
  ofType,
  partsOf,
  setting,
  textOf,
  textsOf,
} from "../world/resource.ts";
import { complement, everything, merged, type Ranges, rangesOf, setText } from "./ranges.ts";

export type Direction = "Inbound" | "Outbound";

/** What service tags stand for where a security group is applied. */
export interface Surroundings {
  /** Prefixes of the tag `VirtualNetwork`. */
  readonly virtualNetwork: readonly string[];
  readonly resources: readonly AzureResource[];
}

const balancer = "168.63.129.16/32";
/** Nothing in the lab sends from here. */
const nowhere = "192.0.2.0/32";

/**
 * The rules of a security group in one direction, as nft writes them: what is allowed goes on to the next group, what is
 * denied is dropped. The rules that every group has follow its own.
 */
export function groupRules(
  group: AzureResource,
  direction: Direction,
  around: Surroundings,
): readonly string[] {
  const own = partsOf(around.resources, group, "securityRules")
    .filter((rule) => textOf(rule, "direction") === direction)
    .toSorted((a, b) => Number(setting(a, "priority")) - Number(setting(b, "priority")))
    .flatMap((rule) => ruleLines(rule, around));
  return [...own, ...defaultRules(direction, around)];
}

function ruleLines(rule: JsonObject, around: Surroundings): readonly string[] {
  const verdict = textOf(rule, "access") === "Allow" ? "return" : "drop";
  const source = matchAddress("saddr", addressesOf(rule, "source", around));
  const destination = matchAddress("daddr", addressesOf(rule, "destination", around));
  if (source === undefined || destination === undefined) return [];
  const sports = portSet(oneOrMany(rule, "sourcePortRange"));
  const dports = portSet(oneOrMany(rule, "destinationPortRange"));
  const where = `${source}${destination}`;
  const protocol = (textOf(rule, "protocol") ?? "*").toLowerCase();
  const name = `comment "${textOf(rule, "name") ?? ""}"`;
  const ported = sports !== undefined || dports !== undefined;
  const ports = (of: string): string =>
    `${sports === undefined ? "" : `${of} sport ${sports} `}${dports === undefined ? "" : `${of} dport ${dports} `}`;
  switch (protocol) {
    case "tcp":
    case "udp":
      return [`meta l4proto ${protocol} ${where}${ports(protocol)}${verdict} ${name}`];
    case "icmp":
    case "esp":
    case "ah":
      return [`meta l4proto ${protocol} ${where}${verdict} ${name}`];
    default:
      return ported
        ? [`meta l4proto { tcp, udp } ${where}${ports("th")}${verdict} ${name}`]
        : [`${where}${verdict} ${name}`];
  }
}

function defaultRules(direction: Direction, { virtualNetwork }: Surroundings): readonly string[] {
  const network = setText(rangesOf(virtualNetwork)) ?? "0.0.0.0/0";
  const within = `ip saddr ${network} ip daddr ${network} return comment "AllowVnet"`;
  if (direction === "Inbound")
    return [within, `ip saddr ${balancer} return comment "AllowAzureLoadBalancer"`, "drop"];
  const internet = setText(internetRanges(virtualNetwork)) ?? "0.0.0.0/0";
  return [within, `ip daddr ${internet} return comment "AllowInternet"`, "drop"];
}

function oneOrMany(rule: JsonObject, singular: string): readonly string[] {
  const plural = singular.endsWith("x") ? `${singular}es` : `${singular}s`;
  const many = textsOf(rule, plural);
  const one = textOf(rule, singular);
  return many.length > 0 ? many : one === undefined ? [] : [one];
}

/** Undefined = no address at all. */
function matchAddress(field: "saddr" | "daddr", ranges: Ranges): string | undefined {
  if (ranges.length === 0) return undefined;
  const set = setText(ranges);
  return set === undefined ? "" : `ip ${field} ${set} `;
}

function addressesOf(rule: JsonObject, side: "source" | "destination", around: Surroundings): Ranges {
  const groups = listOf(rule, `${side}ApplicationSecurityGroups`).flatMap(
    (item) => textOf(item, "id")?.toLowerCase() ?? [],
  );
  const members = groups.flatMap((id) => membersOf(around.resources, id));
  const prefixes = oneOrMany(rule, `${side}AddressPrefix`).flatMap((text) => tagRanges(text, around));
  return merged([...rangesOf(members), ...prefixes]);
}

function membersOf(resources: readonly AzureResource[], group: string): readonly string[] {
  return ofType(resources, "networkInterfaces").flatMap((nic) =>
    partsOf(resources, nic, "ipConfigurations")
      .filter((one) =>
        listOf(one, "applicationSecurityGroups").some((item) => linkOf({ item }, "item") === group),
      )
      .flatMap((one) => textOf(one, "privateIPAddress") ?? []),
  );
}

function tagRanges(text: string, { virtualNetwork }: Surroundings): Ranges {
  if (/^\d/.test(text)) return spanned(text);
  switch (text.toLowerCase()) {
    case "*":
    case "any":
      return everything;
    case "virtualnetwork":
      return rangesOf(virtualNetwork);
    case "azureloadbalancer":
      return rangesOf([balancer]);
    case "internet":
      return internetRanges(virtualNetwork);
    default:
      return rangesOf([nowhere]);
  }
}

/** `10.0.0.4`, `10.0.0.0/24` or `10.0.0.4-10.0.0.9`. */
function spanned(text: string): Ranges {
  const [from = "", to] = text.split("-");
  const [first] = rangesOf([from]);
  const [last] = rangesOf([to ?? from]);
  return first === undefined || last === undefined ? [] : [[first[0], last[1]]];
}

function internetRanges(virtualNetwork: readonly string[]): Ranges {
  return complement(rangesOf([...virtualNetwork, balancer]));
}

/** Undefined = every port. */
function portSet(ranges: readonly string[]): string | undefined {
  if (ranges.length === 0 || ranges.includes("*")) return undefined;
  const pairs = ranges.map((range) => range.split("-").map(Number));
  const spans = merged(pairs.map(([first = 0, last = first]) => [first, last] as const));
  return `{ ${spans.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ")} }`;
}
