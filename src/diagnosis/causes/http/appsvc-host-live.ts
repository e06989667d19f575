import type { ExchangePlan } from "../../../model/exchange-plan.ts";
import type { Gateway, Generation } from "../../../model/gateway.ts";
import type { LogSample } from "../../../model/observations.ts";
import type { WebSite } from "../../../model/services.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { flipOf, type Trial } from "../../experiment.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing, ReplayedRequest } from "../../live-evidence.ts";
import { evidence, listed, sentWords, settingSubject, subject } from "../../statements.ts";
import { servedHost } from "../probe/host-routed.ts";
import { withHost } from "../probe/host-trials.ts";
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
  /** A request that was sent under such a host and got no answer of the site. */
  readonly replayed: ReplayedRequest | undefined;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "services" | "health" | "traffic" | "live">;

const enough = 2;

export default defineCause({
  id: "appsvc-host-live",
  title: "App Service gets the client's host, which it does not know",
  layer: "http",
  decidedBy: ["configuration", "log", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "traffic", "live"],
  explainedBy: ["probe-default-host", "probe-unattached", "tls-name-probe", "backend-down"],
  about: `The backend setting passes the client's host on, and that name is not bound to the site. App Service then has no
certificate and no site for it: over TLS the check of the name fails and every request gets 502, without TLS the platform
answers 404. The probe asks for the site's own name and is Healthy all the while. Take the host from the pool's address, or
bind the clients' domain to the site. Live, a request that fails under the client's host is sent again under the site's name.`,
  find: (facets) => facets.wiring.pairs.flatMap((pair) => decidePair(facets, pair)),
  trials,
  say: ({ pair, site, hosts, sample, replayed }): Statement => {
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
        ...(replayed === undefined
          ? []
          : [evidence(`${sentWords(replayed)}: ${replayed.says}`, replayed.source)]),
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
  const replays = replaysOf(facets, pair, bound);
  const found = (hosts: readonly string[], basis: Found<Match>["basis"]): Decision<Match> => ({
    is: "found",
    key: pair.id,
    match: { gateway, pair, site, hosts, sample, replayed: replays.healed[0] ?? replays.unknown[0] },
    affects: { routes: pair.routes.filter((route) => asksUnbound(route, bound)) },
    effect: "stops-requests",
    basis,
    status: pair.setting.protocol === "Https" ? 502 : 404,
  });
  if (replays.healed.length > 0) return [found(hostsOf(replays.healed), "observed-likely")];
  if (replays.served) return [];
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
  // The rule is in the documents, and the platform's own answer was seen.
  if (known && replays.unknown.length > 0) return [found(hostsOf(replays.unknown), "state")];
  return [found(asked, answers404(pair, traffic) ? "observed-likely" : "configuration")];
}

interface Replays {
  /** Failed, and were answered under the site's own name. */
  readonly healed: readonly ReplayedRequest[];
  /** Answered as the platform does for a host it does not know. */
  readonly unknown: readonly ReplayedRequest[];
  /** Some were answered well under a host that is not known to be bound. */
  readonly served: boolean;
}

function replaysOf(facets: Reads, pair: Pair, bound: readonly string[]): Replays {
  const { live } = facets;
  const requests = pair.servers
    .flatMap((server) => live.requestsTo(server))
    .filter(({ plan }) => !bound.includes(plainHost(plan.host)));
  return {
    healed: requests.filter(
      (request) =>
        request.outcome === "failing" && flipOf(live, request, trials(facets, request)) !== undefined,
    ),
    unknown: requests.filter(({ outcome, status }) => outcome === "fine" && status === 404),
    served: requests.some(({ outcome, status = 0 }) => outcome === "fine" && status < 400),
  };
}

function hostsOf(requests: readonly ReplayedRequest[]): readonly string[] {
  return [...new Set(requests.map(({ plan }) => plainHost(plan.host)))];
}

function plainHost(host = ""): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

/** The same request under the name of the site, once it failed before the site could answer. */
function trials(
  { gateway, plans, services }: Pick<Reads, "gateway" | "plans" | "services">,
  failing: Failing,
): readonly Trial[] {
  const { server, plan, kind } = failing;
  const service = services.of(server);
  if (plan.purpose !== "request" || service?.kind !== "app-service") return [];
  if (!/^(tls|certificate|http-cut)/.test(kind) || plans.request(server).host.from !== "client") return [];
  const host = server.member.kind === "fqdn" ? server.address : servedHost({ server, service });
  if (host === undefined || plan.host === undefined || plainHost(plan.host) === host.toLowerCase()) return [];
  const harmless = ["GET", "HEAD", "OPTIONS"].includes(plan.method ?? "");
  return [
    {
      what: "Host",
      from: plan.host,
      to: host,
      plan: asSettingWould(gateway.generation, failing, host),
      proof: "fine",
      risk: harmless ? "safe" : "all",
      costMs: 150,
    },
  ];
}

/** As it would be sent once the setting named this host; a fixed name in the handshake stays. */
function asSettingWould(generation: Generation, { plan, server }: Failing, host: string): ExchangePlan {
  const { validateSni, sniName } = server.pair.setting;
  if (generation === "v2" && validateSni && sniName !== undefined) return { ...plan, host };
  return withHost(generation, plan, host, server.address);
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
