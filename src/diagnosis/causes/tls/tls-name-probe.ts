import type { WebSite } from "../../../model/services.ts";
import type { Origin } from "../../../model/source.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import {
  evidence,
  groupedBy,
  listed,
  partId,
  poolSubject,
  probeSubject,
  serverNames,
  settingSubject,
} from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import { onlyHost } from "./client-hosts.ts";
import { foundNameFix } from "./found-name-fix.ts";
import { isHandshakeRefused } from "./handshake-ends.ts";
import { nameHost, probeFollowsSetting } from "./host-fix.ts";
import { checkedNameTrials, nameTrials } from "./names-to-ask.ts";
import {
  foundReported,
  type Reported,
  type ReportFacets,
  reportEvidence,
  reported,
  shookHands,
} from "./reported.ts";

interface Match {
  readonly gateway: Facets["gateway"];
  readonly pair: Pair;
  readonly servers: readonly Server[];
  /** The name that is asked for and checked, and the field it comes from. */
  readonly name: string;
  readonly because: Origin;
  /** Undefined where the documents alone say it. */
  readonly seen: Reported | undefined;
  /** The site whose bound names are known and do not contain the name. */
  readonly site: WebSite | undefined;
}

type Reads = ReportFacets & Pick<Facets, "wiring">;

export default defineCause({
  id: "tls-name-probe",
  title: "Server's certificate does not carry the name the probe uses",
  layer: "tls",
  decidedBy: ["health", "configuration", "live"],
  showsInHealthOf: "tls-servers",
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: wrongServerCauses,
  about: `The gateway asks the server for one name in TLS and gets a certificate for others, so that the check of the name fails
and the server counts as down. On v2 the name comes from the probe's host, else from the setting, else from the pool's
name; on v1 it is the pool's name. A platform that chooses certificates by name, App Service for one, answers with
its default certificate when the name is not bound to the site. Use a name the certificate carries, or give the server a
certificate with the name in use. Live evidence shows the names of the certificate; the probe is then sent again under
other names that are known.`,
  find: (facets) => {
    const byMessage = reported(
      facets,
      "tls-name-probe",
      ({ server }) => nameOf(facets, server) !== undefined,
    );
    const told = new Set(byMessage.flatMap(({ servers }) => servers));
    return [
      ...byMessage.map((match) => decision(facets, match.pair, match.servers, match)),
      ...unboundNames(facets, told),
    ];
  },
  trials: (facets, failing) => {
    const { plan } = failing;
    if (plan.purpose !== "probe" || plan.sni === undefined) return [];
    return [...nameTrials(facets, failing), ...checkedNameTrials(facets, failing)];
  },
  say: ({ pair, servers, name, because, seen, site }): Statement => {
    const carried = namesCarried(seen);
    const probe = pair.setting.probe?.target;
    const bound = site === undefined ? "" : `; App Service ${site.name} has ${listed(site.hostNames)}`;
    return {
      summary: `${isRefused(seen) ? `${serverNames(servers)} (pool ${pair.pool.name}) refuses ${name}` : `The certificate of ${serverNames(servers)} (pool ${pair.pool.name}) is not for ${name}`}, the name the probe asks for in TLS${carried}${bound}`,
      subjects: [
        ...(probe === undefined ? [] : [probeSubject(probe)]),
        settingSubject(pair.setting),
        poolSubject(pair.pool),
      ],
      evidence: [
        evidence(`the name asked for is ${name}`, because),
        ...(site === undefined
          ? []
          : [
              evidence(
                `host names bound to ${site.name}: ${site.hostNames.join(", ")}`,
                site.source.at("hostNames"),
              ),
            ]),
        ...(seen === undefined ? [] : reportEvidence(seen)),
      ],
    };
  },
  fix: (match): FixProposal => {
    const found = match.seen?.first.seen?.named;
    if (found !== undefined) return foundNameFix(match.gateway, match.pair, match.name, found.to);
    return match.site === undefined ? nameFix(match) : boundNameFix(match, match.site);
  },
});

function nameOf({ plans }: Pick<Facets, "plans">, server: Server): string | undefined {
  return plans.probe(server).sni.value;
}

function decision(
  facets: Reads,
  pair: Pair,
  servers: readonly Server[],
  seen: Reported | undefined,
): Decision<Match> {
  const [server] = servers as [Server];
  const { sni } = facets.plans.probe(server);
  const service = facets.services.of(server);
  const site = service?.kind === "app-service" ? service.site : undefined;
  const name = sni.value ?? "";
  const unbound = site !== undefined && !isBound(site, name) ? site : undefined;
  return {
    is: "found",
    key: pair.id,
    match: {
      gateway: facets.gateway,
      pair,
      servers,
      name,
      because: facets.gateway.generation === "v1" ? server.member.source : sni.because,
      seen,
      site: unbound,
    },
    affects: { servers },
    effect: "stops-probes",
    basis: seen === undefined || unbound !== undefined ? "configuration" : foundReported(seen).basis,
  };
}

/** Sites whose host names are known and do not hold the name: the default certificate then answers. */
function unboundNames(facets: Reads, told: ReadonlySet<Server>): Decision<Match>[] {
  const { gateway, wiring, plans, services, health } = facets;
  if (gateway.generation !== "v2") return [];
  const encrypted = wiring.pairs.filter(({ setting }) => setting.protocol === "Https" && setting.validateSni);
  return encrypted.flatMap((pair) => {
    const unbound = pair.servers.filter((server) => {
      const service = services.of(server);
      const name = nameOf(facets, server);
      if (told.has(server) || name === undefined || plans.probe(server).protocol !== "Https") return false;
      if (service?.kind !== "app-service" || service.site === undefined) return false;
      return !isBound(service.site, name) && !shookHands(health.of(server));
    });
    return groupedBy(unbound, (server) => nameOf(facets, server) ?? "").map(([, servers]) =>
      decision(facets, pair, servers, undefined),
    );
  });
}

/** The platform's own names are covered by its default certificate, whichever site they are of. */
function isBound({ hostNames }: WebSite, name: string): boolean {
  const wanted = name.toLowerCase();
  return hostNames.includes(wanted) || /^[^.]+\.azurewebsites\.(net|us)$/.test(wanted);
}

function boundNameFix({ gateway, pair, servers }: Match, site: WebSite): FixProposal {
  const own = servers.every(({ member }) => member.kind === "fqdn");
  const host = own ? "address" : { name: site.defaultHostName ?? site.hostNames[0] ?? "" };
  return {
    summary: `Let backend setting ${pair.setting.name} use ${host === "address" ? "each server's own name" : host.name} as host, and the probe with it.`,
    changes: nameHost(gateway, pair.setting, host),
    sideEffects: [
      "Live requests carry that host as well: redirects and cookies the application makes will name it.",
    ],
  };
}

/** What the certificate is for instead. */
function namesCarried(seen: Reported | undefined): string {
  const names = seen?.first.exchange?.chain?.names ?? [];
  return names.length === 0 ? "" : `; it is for ${listed(names)}`;
}

function isRefused(seen: Reported | undefined): boolean {
  const exchange = seen?.first.exchange;
  return exchange !== undefined && isHandshakeRefused(exchange);
}

/** What the configuration suggests where the certificate is not known. */
function nameFix({ gateway, pair, name, servers, seen }: Match): FixProposal {
  const { setting } = pair;
  const carried = seen?.first.exchange?.chain?.names ?? [];
  const example = carried.length > 0 ? ` (${listed(carried)})` : "";
  if (gateway.generation === "v1") {
    return {
      summary: `List ${serverNames(servers)} in pool ${pair.pool.name} by the name in the certificate${example}, or install a certificate for ${name}.`,
      changes: [],
      sideEffects: [],
    };
  }
  const probe = setting.probe?.target;
  const notVerifiable = "the server's certificate is not in the documents: only a new probe shows its names";
  const follows = probe?.host === undefined ? [] : probeFollowsSetting(gateway, setting);
  if (follows.length > 0 && setting.hostName !== undefined && setting.hostName !== name) {
    const summary = `Let probe ${probe?.name} ask for ${setting.hostName}, the host of backend setting ${setting.name}, as live requests do.`;
    return { summary, changes: follows, sideEffects: [], notVerifiable };
  }
  const client = setting.pickHostNameFromBackendAddress ? undefined : onlyHost(pair);
  if (
    probe?.host !== undefined &&
    setting.hostName === undefined &&
    client !== undefined &&
    client !== name
  ) {
    return {
      summary: `Let probe ${probe.name} ask for ${client}, the host live requests carry.`,
      changes: [{ action: "set", resourceId: partId(gateway, "probes", probe), path: "host", value: client }],
      sideEffects: [],
      notVerifiable,
    };
  }
  return {
    summary: `Install a certificate for ${name} on ${serverNames(servers)}, or set the host of ${probe === undefined ? `backend setting ${setting.name}` : `probe ${probe.name}`} to a name the certificate carries${example}.`,
    changes: [],
    sideEffects: [],
  };
}
