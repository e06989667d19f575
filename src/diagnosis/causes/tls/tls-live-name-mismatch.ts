import type { Gateway } from "../../../model/gateway.ts";
import type { LogSample } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, listed, partId, probeSubject, settingSubject } from "../../statements.ts";
import {
  clientHosts,
  type HostTraffic,
  rewritesHost,
  trafficByHost,
  unansweredSample,
} from "./client-hosts.ts";
import {
  failingByName,
  type NamedRequests,
  namesPassed,
  type RequestFacets,
  requestEvidence,
  requestNameTrials,
  requestSummary,
} from "./live-name-requests.ts";

interface LiveMatch extends NamedRequests {
  readonly kind: "live";
  readonly gateway: Gateway;
  /** The name the probe asks for. */
  readonly probed: string | undefined;
}

interface LogMatch {
  readonly kind: "log";
  readonly gateway: Gateway;
  readonly pair: Pair;
  /** The name the probe uses, and for which the server's certificate is good when it is healthy. */
  readonly probeHost: string;
  /** Hosts of which every request failed; empty without a log. */
  readonly failing: readonly HostTraffic[];
  readonly sample: LogSample | undefined;
}

type Match = LiveMatch | LogMatch;

type Reads = RequestFacets & Pick<Facets, "wiring" | "traffic">;

/** One failed request may have any reason. */
const enough = 2;

export default defineCause({
  id: "tls-live-name-mismatch",
  title: "Probe and live traffic ask the server for different TLS names",
  layer: "tls",
  decidedBy: ["log", "configuration", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "traffic", "live"],
  explainedBy: ["appsvc-host-live", "tls-name-probe"],
  about: `The probe has a host of its own and uses it as TLS name; the backend setting has none, so that live traffic uses the
host the client asked for. When the server's certificate carries the first name and not the second, every server is Healthy
and every request gets 502 at once, with nothing in the server's log. A name in the setting (\`sniName\`, \`hostName\`), or the
clients' name in the certificate, puts it right. Live, a client's request is sent to the servers beside the probe, and again
under the probe's name in TLS.`,
  find: (facets) => {
    const { gateway, plans } = facets;
    const live = failingByName(facets).map((found): Decision<Match> => {
      const probed = plans.probe(found.match.first.server).sni.value;
      return { ...found, match: { ...found.match, kind: "live", gateway, probed } };
    });
    const told = new Set(
      live.flatMap((one) => (one.is === "found" ? one.match : [])).map(({ pair }) => pair),
    );
    return [...live, ...fromLog(facets, told)];
  },
  trials: requestNameTrials,
  say: (match) => (match.kind === "live" ? sayLive(match) : sayLog(match)),
  fix: (match): FixProposal => (match.kind === "live" ? fixLive(match) : useName(match, match.probeHost)),
});

/** What log and configuration say of pairs of which live requests say nothing. */
function fromLog(facets: Reads, told: ReadonlySet<Pair>): Decision<Match>[] {
  return facets.wiring.pairs.flatMap((pair): Decision<Match>[] => {
    if (told.has(pair)) return [];
    const passed = namesPassed(facets, pair);
    const probeHost = differingProbeHost(facets, pair);
    if (probeHost === undefined) return [];
    const others = trafficByHost(pair, facets.traffic).filter(
      ({ host }) => host !== probeHost && !passed.has(host),
    );
    if (others.some(({ served }) => served > 0)) return [];
    const failing = others.filter(({ unanswered, rows }) => unanswered > 0 && unanswered === rows);
    const counted = failing.reduce((sum, { unanswered }) => sum + unanswered, 0);
    const { healthy, unhealthy } = facets.health.pair(pair);
    const proven = counted >= enough && healthy > 0 && unhealthy === 0;
    if (!proven && (unhealthy > 0 || passed.size > 0)) return [];
    const match: Match = {
      kind: "log",
      gateway: facets.gateway,
      pair,
      probeHost,
      failing: proven ? failing : [],
      sample: unansweredSample(pair, facets.traffic),
    };
    const routes = pair.routes.filter(({ listener }) => !isOnly(listener?.hostNames ?? [], probeHost));
    return [
      {
        is: "found",
        key: pair.id,
        match,
        affects: { routes },
        effect: proven ? "stops-requests" : "threatens",
        basis: proven ? "observed-likely" : "configuration",
      },
    ];
  });
}

function sayLive(match: LiveMatch): Statement {
  const { setting } = match.pair;
  const probe = setting.probe?.target;
  return {
    summary: requestSummary(match, match.probed),
    subjects: [settingSubject(setting), ...(probe === undefined ? [] : [probeSubject(probe)])],
    evidence: requestEvidence(match),
  };
}

function fixLive(match: LiveMatch): FixProposal {
  const { pair, named, requests } = match;
  if (named !== undefined && pair.setting.validateSni) return useName(match, named.to);
  const asked = listed([...new Set(requests.map(({ plan }) => plan.sni ?? "no name"))]);
  return {
    summary: `Install a certificate for ${asked} on the servers of pool ${pair.pool.name}, or let backend setting ${pair.setting.name} name one that their certificate carries.`,
    changes: [],
    sideEffects: [],
  };
}

function sayLog({ pair, probeHost, failing, sample }: LogMatch): Statement {
  const { setting } = pair;
  const probe = setting.probe?.target;
  const asked = failing.length > 0 ? listed(failing.map(({ host }) => host)) : wantedHosts(pair);
  return {
    summary:
      failing.length > 0
        ? `Backend setting ${setting.name} names no host: live requests ask pool ${pair.pool.name} for ${asked} in TLS and all fail, while the probe asks for ${probeHost} and succeeds`
        : `Backend setting ${setting.name} names no host: live requests ask pool ${pair.pool.name} for ${asked} in TLS, the probe for ${probeHost}; a certificate without the clients' names would fail them all`,
    subjects: [settingSubject(setting), ...(probe === undefined ? [] : [probeSubject(probe)])],
    evidence: [
      evidence(
        "the setting has neither hostName nor sniName: live traffic uses the client's host",
        setting.source.at("hostName"),
      ),
      ...(probe === undefined ? [] : [evidence(`the probe asks for ${probeHost}`, probe.source.at("host"))]),
      ...(sample === undefined || failing.length === 0
        ? []
        : [
            evidence(
              `one of ${failing.reduce((sum, one) => sum + one.unanswered, 0)} requests that got 502 without an answer of the server`,
              {
                document: sample.document,
                pointer: `line ${sample.line}`,
              },
            ),
          ]),
    ],
  };
}

function useName({ gateway, pair }: Pick<Match, "gateway" | "pair">, name: string): FixProposal {
  return {
    summary: `Let backend setting ${pair.setting.name} use ${name} as TLS name for live traffic (sniName).`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, pair.setting.collection, pair.setting),
        path: "sniName",
        value: name,
      },
    ],
    sideEffects: [
      "The Host header stays as the client sent it; only the name in the TLS handshake, and in the check of the certificate, changes.",
    ],
  };
}

/** The probe's own TLS name, when live traffic of the pair uses the client's host and some client may send another. */
function differingProbeHost({ gateway, plans, services }: Reads, pair: Pair): string | undefined {
  const { setting } = pair;
  const [server] = pair.servers;
  if (gateway.generation !== "v2" || setting.protocol !== "Https" || server === undefined) return undefined;
  const live = plans.request(server);
  const probeHost = plans.probe(server).sni.value?.toLowerCase();
  if (live.sni.from !== "client" || !live.nameChecked || probeHost === undefined) return undefined;
  if (rewritesHost(pair)) return undefined;
  // App Service has its own cause for this: there the host itself must be bound.
  if (pair.servers.some((one) => services.of(one)?.kind === "app-service")) return undefined;
  const { names, any } = clientHosts(pair);
  return any || names.some((name) => name !== probeHost) ? probeHost : undefined;
}

function isOnly(hostNames: readonly string[], host: string): boolean {
  return hostNames.length > 0 && hostNames.every((name) => name.toLowerCase() === host);
}

function wantedHosts(pair: Pair): string {
  const { names, any } = clientHosts(pair);
  return any ? "whatever host the client sends" : listed(names);
}
