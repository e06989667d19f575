import { readCertificate } from "../../../health/certificates/certificate.ts";
import { namesOf } from "../../../health/certificates/names.ts";
import { isTls } from "../../../health/exchange.ts";
import { isAddressLiteral, nameOnly } from "../../../health/probe-plan.ts";
import type { ExchangePlan } from "../../../model/exchange-plan.ts";
import type { Generation } from "../../../model/gateway.ts";
import type { ProbeObservation } from "../../../model/probe-observation.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Failing } from "../../live-evidence.ts";
import { clientHosts } from "../tls/client-hosts.ts";
import { mayHelp, refusedStatus } from "./failing-probe.ts";
import { hostFit, servedHost } from "./host-routed.ts";

type Reads = Pick<Facets, "gateway" | "services" | "live">;

/** What servers that choose by the host name answer for one they do not have: proxies 503, and some ask for a login. */
const unknownHost: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 421, 503]);

const mostHosts = 6;
/** Less than for another path: where both help, the host is the more telling (causes-of-502.md §L.3). */
const costMs = 150;

/**
 * A failing probe under other host names, the likeliest first. None where the host is beyond doubt: the service is known
 * to have it, or a client's request under it was answered well.
 */
export function hostTrials(facets: Reads, failing: Failing): readonly Trial[] {
  const { plan, server } = failing;
  if (plan.host === undefined || !mayBeHost(failing) || isServed(facets, failing)) return [];
  const from = plan.host;
  return hostsFor(facets, failing).map((host) => ({
    what: "Host",
    from,
    to: host,
    plan: withHost(facets.gateway.generation, plan, host, server.address),
    proof: "fine",
    risk: "safe",
    costMs,
  }));
}

/** Another host name made this probe well, or was not tried yet and may. */
export function mayHostHelp(facets: Reads, failing: Failing): boolean {
  return mayHelp(facets, failing, hostTrials(facets, failing));
}

/** The default probe asks for an address: no host name is configured at all. */
export function isDefaultForAddress({ server, plan }: Failing): boolean {
  return server.pair.setting.probe === undefined && plan.host !== undefined && isAddressLiteral(plan.host);
}

function mayBeHost(failing: Failing): boolean {
  const status = refusedStatus(failing);
  if (status === undefined) return failing.plan.purpose === "probe" && failing.kind === "body";
  return unknownHost.has(status) || redirectsToOtherHost(failing) !== undefined;
}

function isServed({ services, live }: Reads, { server, plan }: Failing): boolean {
  const service = services.of(server);
  if (service !== undefined && hostFit({ server, service }, plan.host) === "fits") return true;
  return live.requestsTo(server).some(({ plan: asked, outcome, status = 0 }) => {
    const same = asked.host === plan.host && asked.port === plan.port && asked.protocol === plan.protocol;
    return same && outcome === "fine" && status < 400;
  });
}

/** As the probe would be sent once it had this host: on v2 the handshake then asks for it too. */
export function withHost(
  generation: Generation,
  plan: ExchangePlan,
  host: string,
  address: string | undefined,
): ExchangePlan {
  if (!isTls(plan.protocol)) return { ...plan, host };
  return { ...plan, host, sni: generation === "v1" ? nameOnly(address) : nameOnly(host) };
}

function hostsFor({ gateway, services, live }: Reads, failing: Failing): readonly string[] {
  const { server, observation, plan } = failing;
  const { pair, member } = server;
  const service = services.of(server);
  const served = live
    .requestsTo(server)
    .filter(({ outcome, status = 0 }) => outcome === "fine" && status < 400);
  const names = [
    ...served.map((request) => request.plan.host?.replace(/:\d+$/, "")),
    redirectsToOtherHost(failing),
    pair.setting.hostName,
    member.kind === "fqdn" ? server.address : undefined,
    service === undefined ? undefined : servedHost({ server, service }),
    ...clientHosts(pair).names,
    ...gateway.probes.map(({ host }) => host),
    ...gateway.settings.map(({ hostName }) => hostName),
    ...certificateNames(observation),
  ];
  const hosts = new Set(names.flatMap((name) => (name === undefined ? [] : [name.toLowerCase()])));
  hosts.delete(plan.host?.toLowerCase() ?? "");
  return [...hosts].filter(isHostName).slice(0, mostHosts);
}

/** Where a redirect leads that asks for the same under another name. */
function redirectsToOtherHost(failing: Failing): string | undefined {
  const status = refusedStatus(failing) ?? 0;
  const { plan, observation } = failing;
  if (status < 300 || status > 399) return undefined;
  const location = observation.http?.headers.find(({ name }) => name.toLowerCase() === "location")?.value;
  if (location === undefined || !URL.canParse(location)) return undefined;
  const { hostname, pathname } = new URL(location);
  const samePath = pathname === (plan.path ?? "/").split("?")[0];
  return samePath && hostname !== plan.host?.toLowerCase() ? hostname : undefined;
}

function certificateNames({ tls }: ProbeObservation): readonly string[] {
  const leaf = tls?.chain?.[0];
  const read = leaf === undefined ? undefined : readCertificate(Buffer.from(leaf.derBase64, "base64"));
  return read === undefined ? [] : namesOf(read.x509);
}

/** One whole name: no address, no wildcard, and nothing that would break a request. */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name) && !isAddressLiteral(name);
}
