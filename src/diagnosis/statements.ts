import type { BackendPool, BackendSetting, Gateway, GatewayPart, Listener, Probe } from "../model/gateway.ts";
import type { SecurityRule } from "../model/network.ts";
import { parseResourceId, type Resource } from "../model/resource.ts";
import type { Origin } from "../model/source.ts";
import type { Server } from "../routing/routes.ts";
import type { HealthEntry } from "./facets.ts";
import type { Evidence, Subject } from "./finding.ts";
import type { JudgedExchange } from "./live-evidence.ts";

/** The pieces every statement is made of: subjects, evidence, and names for people. */

export function evidence(says: string, at: Origin): Evidence {
  return { says, document: at.document, pointer: at.pointer };
}

/** What was seen of a server: the gateway's own report of it, or its probe as it was sent from here. */
export function seenEvidence({ observation, live }: HealthEntry): Evidence {
  if (live !== undefined) return exchangeEvidence(live);
  const { health, log, source } = observation;
  const says =
    log === "" ? `the server is reported ${health}, without a text` : `the gateway's own report: ${log}`;
  return evidence(says, source);
}

/** What became of an exchange that was sent. */
export function exchangeEvidence(exchange: JudgedExchange): Evidence {
  return evidence(`${sentWords(exchange)}: ${exchange.says}`, exchange.source);
}

/** Of more exchanges these stand for all. */
const mostExchanges = 4;

/** What became of each of several; of many, one of every server comes first. */
export function exchangesEvidence<T extends JudgedExchange>(
  exchanges: readonly T[],
  evidenceOf: (exchange: T) => Evidence = exchangeEvidence,
): readonly Evidence[] {
  const byServer = [...Map.groupBy(exchanges, ({ server }) => server).values()];
  const firsts = byServer.flatMap((own) => own.slice(0, 1));
  return [...new Set([...firsts, ...exchanges])].slice(0, mostExchanges).map(evidenceOf);
}

/** `the probe was sent to 10.1.0.4 port 8080 at 2026-06-01T00:00:00Z` */
export function sentWords({ plan, server, observation }: JudgedExchange): string {
  const what = plan.purpose === "probe" ? "the probe was" : "a request was";
  const at = new Date(observation.startedAtMs).toISOString().replace(/\.\d+Z$/, "Z");
  return `${what} sent to ${server.address ?? observation.sent.target} port ${plan.port} at ${at}`;
}

export function subject(kind: string, object: Resource, at: Origin = object.source): Subject {
  return {
    kind,
    name: object.name,
    resourceId: object.id,
    document: at.document,
    pointer: at.pointer,
  };
}

/** A rule of a security group: a subject of its own, because it is what has to change. */
export function ruleSubject(group: Resource, rule: Pick<SecurityRule, "name" | "source">): Subject {
  return {
    kind: "securityRule",
    name: rule.name,
    resourceId: `${group.id}/securityRules/${rule.name}`,
    document: rule.source.document,
    pointer: rule.source.pointer,
  };
}

/** Subjects by the kind names of gateway-resource.md. */
export const gatewaySubject = (gateway: Gateway): Subject => subject("applicationGateway", gateway);
export const poolSubject = (pool: BackendPool): Subject => subject("backendAddressPool", pool);
export const settingSubject = (setting: BackendSetting): Subject =>
  subject(
    setting.collection === "backendHttpSettingsCollection" ? "backendHttpSettings" : "backendSettings",
    setting,
  );
export const probeSubject = (probe: Probe): Subject => subject("probe", probe);
export const listenerSubject = (listener: Listener): Subject => subject("httpListener", listener);

/** The resource id of a part, built from the gateway's where the export left it out. */
export function partId(gateway: Gateway, collection: string, part: GatewayPart): string {
  return part.id.startsWith("/") ? part.id : `${gateway.id}/${collection}/${part.name}`;
}

/** `10.1.0.4`, `10.1.0.4 and 10.1.0.5`, `10.1.0.4, 10.1.0.5 and 7 more`. */
export function serverNames(servers: readonly Server[]): string {
  return listed([...new Set(servers.map((server) => server.address ?? memberName(server)))]);
}

/** `nic-web-1/ipconfig1` for a member whose address was not exported. */
function memberName({ member }: Server): string {
  const id = member.ipConfiguration?.id;
  return id === undefined ? "?" : parseResourceId(id).names.join("/");
}

/** At most three names, then a count. */
export function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
  const last = names.at(-1) ?? "nothing";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** Several things by a key, in order of first appearance. */
export function groupedBy<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups];
}
