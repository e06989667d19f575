import { isTls } from "../../../health/exchange.ts";
import { nameOnly } from "../../../health/probe-plan.ts";
import type { ExchangePlan } from "../../../model/exchange-plan.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Experiment, experimentOf, type Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Failing } from "../../live-evidence.ts";
import { clientHosts } from "./client-hosts.ts";
import { riskOf } from "./trial-risk.ts";

/** What is read to ask a server again under another name. */
export type NameFacets = Pick<Facets, "gateway" | "plans" | "live" | "services">;

const namesTried = 5;
const handshakeMs = 200;

/** Whether the name decided: nobody asked under another, none of those asked helped (or there is none), or one did. */
export type NameQuestion =
  | { readonly is: "open" }
  | { readonly is: "closed" }
  | { readonly is: "answered"; readonly by: Experiment };

const answers = new WeakMap<Failing, NameQuestion>();

/** Asked by every cause of the family, of every failure. */
export function nameQuestion(facets: NameFacets, failing: Failing): NameQuestion {
  const known = answers.get(failing) ?? askedAbout(facets, failing);
  answers.set(failing, known);
  return known;
}

function askedAbout(facets: NameFacets, failing: Failing): NameQuestion {
  const made = nameTrials(facets, failing).map((trial) => experimentOf(facets.live, failing, trial));
  const by = made.find((experiment) => experiment?.flipped);
  if (by !== undefined) return { is: "answered", by };
  return { is: made.every((experiment) => experiment !== undefined) ? "closed" : "open" };
}

/** The same question under names that are known, where the name can be what decides; the likeliest first. */
export function nameTrials(facets: NameFacets, failing: Failing): readonly Trial[] {
  const { plan } = failing;
  if (!isTls(plan.protocol) || !nameCanDecide(facets, failing)) return [];
  return namesToAsk(facets, failing)
    .slice(0, namesTried)
    .map((name) => ({
      what: "TLS name",
      from: plan.sni ?? "none",
      to: name,
      plan: underName(facets, plan, name),
      proof: "later",
      risk: riskOf(plan),
      costMs: handshakeMs,
    }));
}

/**
 * The same answer, held against a name that the certificate does carry; once asking under other names could not help.
 * With other faults in the chain it would say nothing.
 */
export function checkedNameTrials(facets: NameFacets, failing: Failing): readonly Trial[] {
  const { plan, chain, kind } = failing;
  const faults = chain?.faults.filter(({ enforced }) => enforced) ?? [];
  const name = chain?.names.find((one) => isPlainName(one.toLowerCase().replace(/^\*\./, "")));
  if (kind !== "certificate" || faults.length !== 1 || faults[0]?.kind !== "name-mismatch") return [];
  if (name === undefined || nameQuestion(facets, failing).is !== "closed") return [];
  const checked = name.replace(/^\*/, "any");
  return [
    {
      what: "name checked",
      from: plan.sni ?? "none",
      to: checked,
      plan,
      reckoning: { name: checked },
      proof: "later",
      risk: "safe",
      costMs: 0,
    },
  ];
}

/** On v2 a probe has one name, for TLS and as Host; a request, and a probe of v1, have one for each. */
export function underName(
  { gateway }: Pick<Facets, "gateway">,
  plan: ExchangePlan,
  name: string,
): ExchangePlan {
  const together = gateway.generation === "v2" && plan.purpose === "probe" && plan.protocol === "Https";
  return { ...plan, sni: name, ...(together && { host: name }) };
}

/** Alerts that say what is wrong, and that it is something else. */
const otherAlerts: ReadonlySet<string> = new Set([
  "protocol_version",
  "insufficient_security",
  "certificate_required",
  "inappropriate_fallback",
  "no_application_protocol",
]);

function nameCanDecide(facets: NameFacets, { kind, plan, chain, observation, server }: Failing): boolean {
  if (kind === "tls-alert") {
    const { tls } = observation;
    return tls?.outcome === "alert" && !otherAlerts.has(tls.alert ?? "");
  }
  if (kind === "tls-cut") return observation.tls?.clientCertificateRequested !== true;
  if (kind !== "certificate" || chain === undefined) return false;
  if (plan.sni !== undefined) return chain.faults.some((fault) => fault.kind === "name-mismatch");
  // Without a name the server may have sent any: unless it is one for a name that clients or the gateway use.
  const meant = [...configuredNames(facets, server), ...clientHosts(server.pair).names];
  return !meant.some((name) => chain.names.some((carried) => covers(carried, name)));
}

/** Names in lower case, without patterns and addresses. */
function namesToAsk(facets: NameFacets, { plan, chain, server }: Failing): readonly string[] {
  const carried = chain?.names ?? [];
  const own = plan.sni === undefined ? [] : carried;
  const known = [
    ...configuredNames(facets, server),
    ...clientHosts(server.pair).names,
    ...namesSeenElsewhere(facets, server),
    ...(plan.sni === undefined
      ? []
      : everyName(facets).filter((name) => carried.some((one) => covers(one, name)))),
  ];
  // What the certificate is for comes first: the server has that one for sure.
  const fitting = known.filter((name) => own.some((one) => covers(one, name)));
  const wanted = [...own, ...fitting, ...known].map((name) => name.toLowerCase().replace(/\.$/, ""));
  const asked = plan.sni?.toLowerCase();
  return [...new Set(wanted)].filter((name) => name !== asked && isPlainName(name));
}

/** The names that the configuration has for this server, as probe, setting, member and service name it. */
function configuredNames({ plans, services }: NameFacets, server: Server): string[] {
  const { setting } = server.pair;
  const service = services.of(server);
  const site = service?.kind === "app-service" ? service.site : undefined;
  return [
    setting.sniName,
    setting.hostName,
    plans.probe(server).sni.value,
    setting.probe?.target?.host,
    server.address,
    site?.defaultHostName,
    ...(site?.hostNames ?? []),
  ].flatMap((name) => (name !== undefined && isPlainName(name.toLowerCase()) ? [name] : []));
}

function namesSeenElsewhere({ live }: NameFacets, server: Server): readonly string[] {
  const others = [live.probe(server), ...live.requestsTo(server)];
  return others.flatMap((exchange) => exchange?.chain?.names ?? []);
}

function everyName({ gateway }: NameFacets): readonly string[] {
  return [
    ...gateway.listeners.flatMap(({ hostNames }) => hostNames),
    ...gateway.settings.flatMap(({ hostName, sniName }) => [hostName ?? [], sniName ?? []].flat()),
    ...gateway.probes.flatMap(({ host }) => host ?? []),
  ];
}

/** Whether a name of a certificate, perhaps with a wildcard for its first label, is for this one. */
function covers(carried: string, name: string): boolean {
  const [one, other] = [carried.toLowerCase(), name.toLowerCase()];
  if (!one.startsWith("*.")) return one === other;
  const dot = other.indexOf(".");
  return dot > 0 && other.slice(dot) === one.slice(1);
}

function isPlainName(name: string): boolean {
  return nameOnly(name) !== undefined && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name) && name.length <= 253;
}
