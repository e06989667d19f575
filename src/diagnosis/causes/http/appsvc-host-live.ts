import type { Gateway } from "../../../model/gateway.ts";
import type { LogSample } from "../../../model/observations.ts";
import type { WebSite } from "../../../model/services.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, listed, settingSubject, subject } from "../../statements.ts";
import { clientHosts, rewritesHost, trafficByHost, unansweredSample } from "../tls/client-hosts.ts";
import { settingNamesHost } from "../tls/host-fix.ts";
import { unboundHosts } from "./unbound-hosts.ts";

interface Match {
  readonly gateway: Gateway;
  readonly pair: Pair;
  readonly site: WebSite | undefined;
  /** What clients ask for and the site does not have. */
  readonly hosts: readonly string[];
  readonly sample: LogSample | undefined;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "services" | "health" | "traffic">;

const enough = 2;

export default defineCause({
  id: "appsvc-host-live",
  title: "App Service gets the client's host, which it does not know",
  layer: "http",
  decidedBy: ["configuration", "log"],
  reads: ["gateway", "wiring", "plans", "services", "health", "traffic"],
  explainedBy: ["probe-default-host", "probe-unattached", "tls-name-probe", "backend-down"],
  about: `The backend setting passes the client's host on, and that name is not bound to the site. App Service then has no
certificate and no site for it: over TLS the check of the name fails and every request gets 502, without TLS the platform
answers 404. The probe asks for the site's own name and is Healthy all the while. Take the host from the pool's address, or
bind the clients' domain to the site.`,
  find: (facets) => facets.wiring.pairs.flatMap((pair) => decidePair(facets, pair)),
  say: ({ pair, site, hosts, sample }): Statement => {
    const { setting } = pair;
    const asked = hosts.length === 0 ? "whatever host clients send" : listed(hosts);
    return {
      summary: `Backend setting ${setting.name} passes ${asked} on to App Service ${site?.name ?? pair.servers[0]?.address ?? ""}, which has no such host name`,
      subjects: [settingSubject(setting), ...(site === undefined ? [] : [subject("site", site)])],
      evidence: [
        evidence("the setting names no host: requests keep the client's", setting.source.at("hostName")),
        ...(site === undefined
          ? []
          : [evidence(`bound to ${site.name}: ${site.hostNames.join(", ")}`, site.source.at("hostNames"))]),
        ...(sample === undefined
          ? []
          : [
              evidence("a request that got 502 without an answer of the site", {
                document: sample.document,
                pointer: `line ${sample.line}`,
              }),
            ]),
      ],
    };
  },
  fix: ({ gateway, pair, site }): FixProposal => {
    const named = pair.servers.every(({ member }) => member.kind === "fqdn");
    const name = site?.defaultHostName;
    const host = named || name === undefined ? "address" : { name };
    return {
      summary: `Let backend setting ${pair.setting.name} use ${host === "address" ? "each server's own name" : host.name} as host.`,
      changes: named || name !== undefined ? settingNamesHost(gateway, pair.setting, host) : [],
      sideEffects: [
        "The application sees its platform name as host: absolute redirects and cookie domains it makes will name that. Binding the clients' domain to the site avoids it.",
      ],
    };
  },
});

function decidePair(facets: Reads, pair: Pair): Decision<Match>[] {
  const { gateway, plans, services, traffic } = facets;
  const [server] = pair.servers;
  if (server === undefined || pair.servers.some((one) => services.of(one)?.kind !== "app-service")) return [];
  if (plans.request(server).host.from !== "client" || rewritesHost(pair)) return [];
  const sites = pair.servers.map((one) => {
    const service = services.of(one);
    return service?.kind === "app-service" ? service.site : undefined;
  });
  const site = sites.find((one) => one !== undefined);
  const known = sites.every((one) => one !== undefined);
  const bound = sites.flatMap((one) => one?.hostNames ?? []);
  const seen = trafficByHost(pair, traffic).filter(({ host }) => !bound.includes(host));
  const failed = seen.filter(({ unanswered, rows }) => unanswered > 0 && unanswered === rows);
  const sample = failed.length > 0 ? unansweredSample(pair, traffic) : undefined;
  const found = (hosts: readonly string[], basis: "configuration" | "observed-likely"): Decision<Match> => ({
    is: "found",
    key: pair.id,
    match: { gateway, pair, site, hosts, sample },
    affects: { routes: pair.routes.filter((route) => asksUnbound(route, bound)) },
    effect: "stops-requests",
    basis,
    status: pair.setting.protocol === "Https" ? 502 : 404,
  });
  if (failed.reduce((sum, { unanswered }) => sum + unanswered, 0) >= enough && isHealthy(facets, pair)) {
    return [
      found(
        failed.map(({ host }) => host),
        "observed-likely",
      ),
    ];
  }
  if (seen.some(({ served }) => served > 0) && answersWell(pair, traffic)) return [];
  const asked = unboundHosts(clientHosts(pair), known ? bound : undefined);
  if (asked === "none") return [];
  if (asked === "unknown") return known ? [] : [siteWanted(facets, pair)];
  return [found(asked, answers404(pair, traffic) ? "observed-likely" : "configuration")];
}

function asksUnbound({ listener }: Pair["routes"][number], bound: readonly string[]): boolean {
  const names = listener?.hostNames ?? [];
  return names.length === 0 || names.some((name) => !bound.includes(name.toLowerCase()));
}

function isHealthy({ health }: Reads, pair: Pair): boolean {
  const { healthy, unhealthy } = health.pair(pair);
  return healthy > 0 && unhealthy === 0;
}

/** Any success under a host that is not bound speaks against the cause; the platform's own answer would be 404. */
function answersWell(pair: Pair, traffic: Facets["traffic"]): boolean {
  return traffic
    .ofPair(pair)
    .some(({ statuses }) => [...statuses.keys()].some((status) => status >= 200 && status < 400));
}

/** The platform's answer for a host it does not know, and nothing else. */
function answers404(pair: Pair, traffic: Facets["traffic"]): boolean {
  const statuses = traffic.ofPair(pair).flatMap((seen) => [...seen.statuses.keys()]);
  return statuses.length > 0 && statuses.every((status) => status === 404);
}

function siteWanted({ services }: Reads, pair: Pair): Decision<Match> {
  const unknown = pair.servers.filter((server) => {
    const service = services.of(server);
    return service?.kind === "app-service" && service.site === undefined;
  });
  const name = unknown[0]?.address ?? pair.pool.name;
  return {
    is: "undecided",
    needs: {
      what: `which host names are bound to the App Service ${name}`,
      command: exportCommand("microsoft.web/sites"),
    },
    affects: { pairs: [pair] },
  };
}
