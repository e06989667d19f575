import { isTls } from "../../../health/exchange.ts";
import type { WebSite } from "../../../model/services.ts";
import type { Origin } from "../../../model/source.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { healthExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import {
  evidence,
  groupedBy,
  poolSubject,
  probeSubject,
  serverNames,
  settingSubject,
} from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { onlyHost } from "./client-hosts.ts";
import { foundNameFix } from "./found-name-fix.ts";
import { nameHost } from "./host-fix.ts";
import { nameTrials } from "./names-to-ask.ts";
import { type Reported, type ReportFacets, reportEvidence, reported, shookHands } from "./reported.ts";

interface Match {
  readonly gateway: Facets["gateway"];
  readonly pair: Pair;
  readonly servers: readonly Server[];
  readonly host: string;
  readonly because: Origin;
  /** Undefined where the documents alone say it. */
  readonly seen: Reported | undefined;
  readonly site: WebSite | undefined;
}

type Reads = ReportFacets & Pick<Facets, "wiring">;

export default defineCause({
  id: "tls-ip-no-sni",
  title: "Host is an IP address, so no TLS name is sent",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: wrongServerCauses,
  about: `The name for the TLS handshake would be an IP address, and addresses are never sent as server name. A server that
chooses its certificate by name then resets the connection or answers with its default certificate, which is for another
name. It happens when the host is picked from pool members that are addresses, when the probe's host is an address, and on v1
with every member that is one. Give probe and setting a host name, or the server a default certificate.
Live, the same probe is sent again under names that are known.`,
  find: (facets) => {
    const byMessage = reported(facets, "tls-name-probe", ({ server }) => {
      const plan = facets.plans.probe(server);
      return plan.sni.value === undefined && isTls(plan.protocol);
    });
    const told = new Set(byMessage.flatMap(({ servers }) => servers));
    return [
      ...byMessage.map((match) => decision(facets, match.pair, match.servers, match)),
      ...nameless(facets, told),
    ];
  },
  trials: (facets, failing) => {
    const { plan } = failing;
    return plan.purpose === "probe" && plan.sni === undefined ? nameTrials(facets, failing) : [];
  },
  say: ({ pair, servers, host, because, seen }): Statement => {
    const probe = pair.setting.probe?.target;
    return {
      summary: `No server name goes to ${serverNames(servers)} of pool ${pair.pool.name} in TLS, because the name in use is the address ${host}`,
      subjects: [
        settingSubject(pair.setting),
        ...(probe === undefined ? [] : [probeSubject(probe)]),
        poolSubject(pair.pool),
      ],
      evidence: [
        evidence(`the name would be ${host}, an address: none is sent`, because),
        ...(seen === undefined ? [] : reportEvidence(seen)),
      ],
    };
  },
  fix: ({ gateway, pair, site, seen, host }): FixProposal => {
    const { setting } = pair;
    const found = seen?.first.seen?.named?.to;
    if (gateway.generation === "v1") {
      return {
        summary: `List the servers of pool ${pair.pool.name} by ${found ?? "the name in their certificate"}; or give them a default certificate.`,
        changes: [],
        sideEffects: [],
      };
    }
    if (found !== undefined) return foundNameFix(gateway, pair, host, found);
    const name = site?.defaultHostName ?? onlyHost(pair);
    if (name === undefined) {
      return {
        summary: `Set the host name of backend setting ${setting.name} to a name in the servers' certificate, and let the probe take it from there.`,
        changes: [],
        sideEffects: [],
      };
    }
    return {
      summary: `Set the host name of backend setting ${setting.name} to ${name}, and let the probe take it from there.`,
      changes: nameHost(gateway, setting, { name }),
      sideEffects: [`Requests to pool ${pair.pool.name} carry ${name} as host and as TLS name.`],
      ...(site === undefined
        ? { notVerifiable: `only a new probe shows whether the servers' certificate is for ${name}` }
        : {}),
    };
  },
});

function decision(
  facets: Reads,
  pair: Pair,
  servers: readonly Server[],
  seen: Reported | undefined,
): Decision<Match> {
  const [server] = servers as [Server];
  const { host } = facets.plans.probe(server);
  // On v1 the name would be the member's own (request-handling.md §8.2).
  const v1 = facets.gateway.generation === "v1";
  const service = facets.services.of(server);
  return {
    is: "found",
    key: pair.id,
    match: {
      gateway: facets.gateway,
      pair,
      servers,
      host: (v1 ? server.address : host.value) ?? "",
      because: v1 ? server.member.source : host.because,
      seen,
      site: service?.kind === "app-service" ? service.site : undefined,
    },
    affects: { servers },
    effect: "stops-probes",
    // Platforms are known to need a name; other servers may have a default certificate.
    basis: seen === undefined || service !== undefined ? "configuration" : "observed-likely",
  };
}

/** Https probes without a name: certain to fail at platforms that need one, an open question at other servers. */
function nameless(facets: Reads, told: ReadonlySet<Server>): Decision<Match>[] {
  const { gateway, wiring, plans, services, health } = facets;
  const encrypted = wiring.pairs.filter(({ setting }) => setting.protocol === "Https");
  return encrypted.flatMap((pair): Decision<Match>[] => {
    const open = pair.servers.filter((server) => {
      const plan = plans.probe(server);
      const nothing = plan.kind === "custom" && plan.protocol === "Https" && plan.sni.value === undefined;
      return nothing && !told.has(server) && !shookHands(health.of(server));
    });
    const known = open.filter((server) => gateway.generation === "v2" && services.of(server) !== undefined);
    const decided = groupedBy(known, () => pair.id).map(([, servers]) =>
      decision(facets, pair, servers, undefined),
    );
    const decidedOf = new Set(known);
    const others = open.filter((server) => !decidedOf.has(server) && health.of(server) === undefined);
    if (others.length === 0) return decided;
    const what = `whether ${serverNames(others)} of pool ${pair.pool.name} answer TLS without a server name`;
    const needs = { what, command: healthExport(gateway.id) };
    return [...decided, { is: "undecided", needs, affects: { servers: others } }];
  });
}
