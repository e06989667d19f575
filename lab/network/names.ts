import { type AzureResource, isObject, linkOf, listOf, ofType, setting, textOf } from "../world/resource.ts";
import type { LabWorld, Program } from "../world/world.ts";

export type Answers = Readonly<Record<string, readonly string[] | { readonly cname: string }>>;

/** What the platform's resolver answers in a network: its linked private zones, and the public DNS. */
export function answersIn(world: LabWorld, network: string): { answers: Answers; zones: readonly string[] } {
  const zones = zonesLinkedTo(world.resources, network);
  const own = zones.flatMap((zone) => recordsOf(world.resources, zone));
  const names = zones.map(({ name }) => name.toLowerCase());
  // A linked zone is the authority of all its names: the public ones of it are hidden.
  const seen = Object.entries(world.publicNames).filter(
    ([name]) => !names.some((zone) => name.toLowerCase() === zone || name.toLowerCase().endsWith(`.${zone}`)),
  );
  return { answers: Object.fromEntries([...seen, ...own]), zones: names };
}

function zonesLinkedTo(resources: readonly AzureResource[], network: string): readonly AzureResource[] {
  const links = ofType(resources, "privateDnsZones/virtualNetworkLinks").filter(
    (link) => linkOf(link, "virtualNetwork") === network.toLowerCase(),
  );
  return ofType(resources, "privateDnsZones").filter(({ id }) =>
    links.some((link) => link.id.toLowerCase().startsWith(`${id.toLowerCase()}/`)),
  );
}

function recordsOf(resources: readonly AzureResource[], zone: AzureResource): [string, Answers[string]][] {
  const below = `${zone.id.toLowerCase()}/`;
  return resources
    .filter(({ id, type }) => id.toLowerCase().startsWith(below) && /\/(A|CNAME)$/i.test(type))
    .map((record) => {
      const label = record.id.slice(record.id.lastIndexOf("/") + 1);
      const name = label === "@" ? zone.name : `${label}.${zone.name}`;
      const alias = textOf(firstSet(record, ["cnameRecord", "CNAMERecord"]), "cname");
      if (alias !== undefined) return [name, { cname: alias.replace(/\.$/, "") }];
      const list = [...listOf(record, "aRecords"), ...listOf(record, "ARecords")];
      return [name, list.flatMap((one) => textOf(one, "ipv4Address") ?? [])];
    });
}

function firstSet(record: AzureResource, names: readonly string[]): unknown {
  return names.map((name) => setting(record, name)).find(isObject);
}

/** Of a resolver of the platform, at 168.63.129.16. */
export function platformConfig({ answers, zones }: ReturnType<typeof answersIn>): string {
  return [
    ...common("168.63.129.16"),
    ...recordLines(answers),
    ...zones.map((zone) => `local=/${zone}/`),
    "address=/#/",
  ].join("\n");
}

/** Of a DNS server that somebody runs on a machine. */
export function serverConfig(program: Extract<Program, { kind: "dns" }>): string {
  const { records, forwardTo = [], zones = [], ttlS } = program;
  return [
    ...common(undefined, ttlS),
    ...recordLines(records),
    ...zones.map((zone) => `local=/${zone}/`),
    ...(forwardTo.length > 0 ? forwardTo.map((server) => `server=${server}`) : ["address=/#/"]),
  ].join("\n");
}

function common(listen: string | undefined, ttlS = 1): readonly string[] {
  return [
    "no-resolv",
    "no-hosts",
    "no-daemon",
    "user=root",
    `local-ttl=${ttlS}`,
    "cache-size=0",
    ...(listen === undefined ? [] : [`listen-address=${listen}`, "bind-interfaces"]),
  ];
}

function recordLines(answers: Answers): readonly string[] {
  return Object.entries(answers).flatMap(([name, answer]) => {
    if ("cname" in answer) return [`cname=${name},${answer.cname}`];
    if (answer.length === 0) return [`address=/${name}/`];
    return answer.map((address) => `host-record=${name},${address}`);
  });
}
