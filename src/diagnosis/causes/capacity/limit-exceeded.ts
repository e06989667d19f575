import type { Gateway, GatewayPart } from "../../../model/gateway.ts";
import type { Source } from "../../../model/source.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement, Subject } from "../../finding.ts";
import { evidence, gatewaySubject, listenerSubject, poolSubject, subject } from "../../statements.ts";

interface Excess {
  readonly gateway: Gateway;
  readonly what: string;
  readonly count: number;
  readonly limit: number;
  readonly subject: Subject;
  readonly at: Source;
}

export default defineCause({
  id: "limit-exceeded",
  title: "More objects than the service allows",
  layer: "capacity",
  decidedBy: ["configuration"],
  reads: ["gateway"],
  explainedBy: [],
  about: `The gateway has, or its template asks for, more pools, servers, listeners, rules or certificates than the service
allows. Azure refuses such a configuration; where it came about all the same (limits differ by tier and change), updates
fail and leave the gateway in its old state or in a failed one. Split the gateway, or join what can be joined.`,
  find: ({ gateway }): Decision<Excess>[] =>
    excessesOf(gateway).map((excess) => ({
      is: "found",
      key: `${excess.subject.name}/${excess.what}`,
      match: excess,
      affects: { gateway: true },
      effect: "threatens",
      basis: "configuration",
    })),
  say: ({ gateway, what, count, limit, subject: object, at }): Statement => ({
    summary: `${object.name === gateway.name ? `Gateway ${gateway.name}` : `${object.kind} ${object.name}`} has ${count} ${what}; ${limit} are allowed (${gateway.sku.tier})`,
    subjects: [object],
    evidence: [evidence(`${count} ${what}, the limit is ${limit}`, at)],
  }),
});

type Count = readonly [what: string, collection: string, limit: number, basicLimit?: number];

/** gateway-resource.md §6; the last column is the Basic tier's (§5). */
const counts: readonly Count[] = [
  ["frontend ports", "frontendPorts", 100],
  ["backend pools", "backendAddressPools", 100, 5],
  ["backend settings", "backendHttpSettingsCollection", 100],
  ["listeners", "httpListeners", 200, 5],
  ["rules", "requestRoutingRules", 400, 5],
  ["redirects", "redirectConfigurations", 100],
  ["rewrite rule sets", "rewriteRuleSets", 400],
  ["SSL certificates", "sslCertificates", 100],
  ["authentication certificates", "authenticationCertificates", 100],
  ["trusted root certificates", "trustedRootCertificates", 100],
  ["trusted client certificates", "trustedClientCertificates", 200],
];

const targetsPerPool = 1200;
const targetsPerBasicPool = 5;
const pathRulesPerMap = 100;
const hostNamesPerListener = 5;

function excessesOf(gateway: Gateway): Excess[] {
  const basic = gateway.sku.tier.toLowerCase() === "basic";
  const own = counts.flatMap(([what, collection, limit, basicLimit]): Excess[] => {
    const at = gateway.source.at(collection);
    const count = Array.isArray(at.value) ? at.value.length : 0;
    const most = basic ? (basicLimit ?? limit) : limit;
    return count > most ? [{ gateway, what, count, limit: most, subject: gatewaySubject(gateway), at }] : [];
  });
  const parts = <T extends GatewayPart>(
    all: readonly T[],
    [what, field, limit]: readonly [string, string, number],
    countOf: (part: T) => number,
    subjectOf: (part: T) => Subject,
  ): Excess[] =>
    all
      .filter((part) => countOf(part) > limit)
      .map((part) => ({
        gateway,
        what,
        count: countOf(part),
        limit,
        subject: subjectOf(part),
        at: part.source.at(field),
      }));
  return [
    ...own,
    ...parts(
      gateway.pools,
      ["servers", "backendAddresses", basic ? targetsPerBasicPool : targetsPerPool],
      ({ members }) => members.length,
      poolSubject,
    ),
    ...parts(
      gateway.urlPathMaps,
      ["path rules", "pathRules", pathRulesPerMap],
      ({ pathRules }) => pathRules.length,
      (map) => subject("urlPathMap", map),
    ),
    ...parts(
      gateway.listeners,
      ["host names", "hostNames", hostNamesPerListener],
      ({ hostNames }) => hostNames.length,
      listenerSubject,
    ),
  ];
}
