import type { CertificateCause } from "../../../health/certificates/chain-causes.ts";
import type { HealthMessage } from "../../../health/message.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import type { Found } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { JudgedExchange } from "../../live-evidence.ts";
import { evidence, groupedBy, seenEvidence, sentWords, serverNames } from "../../statements.ts";
import { chainEvidence } from "./chain-words.ts";
import { isTlsEnd } from "./handshake-ends.ts";
import { messageFault } from "./message-fault.ts";
import { type ChainFacets, type SeenFault, seenFaults } from "./seen-faults.ts";

/** One server that does not get past the check of its certificates, with the evidence. */
export interface Sighting {
  readonly server: Server;
  /** Undefined where only requests of clients fail like this. */
  readonly entry: HealthEntry | undefined;
  /** Set when the chain itself was seen. */
  readonly exchange: JudgedExchange | undefined;
  readonly seen: SeenFault | undefined;
  readonly message: HealthMessage | undefined;
}

/** Servers of one pair with the same fault. */
export interface Reported {
  readonly gateway: Gateway;
  readonly pair: Pair;
  readonly servers: readonly Server[];
  /** The first of them, for its text or chain. */
  readonly first: Sighting;
  readonly sightings: readonly Sighting[];
}

export type ReportFacets = ChainFacets & Pick<Facets, "health">;

/** The pairs with servers whose message, or chain where it was seen, means this fault. */
export function reported(
  facets: ReportFacets,
  cause: CertificateCause,
  also: (sighting: Sighting) => boolean = () => true,
): Reported[] {
  const sightings = sightingsOf(facets).filter((one) => one.cause === cause && also(one));
  const groups = groupedBy(sightings, ({ server, entry }) => `${entry === undefined} ${server.pair.id}`);
  return groups.map(([, group]) => {
    const [first] = group as [CausedSighting, ...CausedSighting[]];
    const servers = [...new Set(group.map(({ server }) => server))];
    return { gateway: facets.gateway, pair: first.server.pair, servers, first, sightings: group };
  });
}

type CausedSighting = Sighting & { readonly cause: CertificateCause };

const remembered = new WeakMap<Facets["health"], readonly CausedSighting[]>();

/** Every cause of this family asks for them. */
function sightingsOf(facets: ReportFacets): readonly CausedSighting[] {
  const { gateway, health, plans, services, live } = facets;
  const known = remembered.get(health);
  if (known !== undefined) return known;
  const read = { gateway, plans, services, live };
  const found = [
    ...health.unhealthy.flatMap((entry) => ofEntry(read, entry)),
    ...(live.tried ? live.requests.flatMap((request) => ofRequest(read, health, request)) : []),
  ];
  remembered.set(health, found);
  return found;
}

function ofEntry(facets: ChainFacets, entry: HealthEntry): CausedSighting[] {
  const { server, live: exchange, message } = entry;
  if (exchange !== undefined) {
    return seenFaults(facets, exchange).map((seen) => ({
      ...{ server, entry, exchange, seen, message, cause: seen.cause },
    }));
  }
  const cause = messageFault(entry);
  return cause === undefined ? [] : [{ server, entry, exchange, seen: undefined, message, cause }];
}

/** Requests that fail for a certificate which the probe does not meet; for its name there is a cause of its own. */
function ofRequest(facets: ChainFacets, health: Facets["health"], request: JudgedExchange): CausedSighting[] {
  const { server, outcome } = request;
  if (outcome !== "failing" || failsInTls(health.of(server))) return [];
  const seen = seenFaults(facets, request);
  if (seen.some(({ cause }) => cause === "tls-name-probe")) return [];
  return seen.map((one) => ({
    ...{ server, entry: undefined, exchange: request, seen: one, message: undefined, cause: one.cause },
  }));
}

/** Whether the probe ends in TLS as well: then it tells all there is to tell. */
export function failsInTls(entry: HealthEntry | undefined): boolean {
  if (entry?.observation.health !== "unhealthy") return false;
  return entry.live === undefined ? entry.message.phase === "tls" : isTlsEnd(entry.live.kind);
}

/** The servers' certificates fail for probes and requests alike, or for requests alone. */
export function foundReported(
  match: Reported,
  basis: "observed-likely" | "observed-possible" = "observed-likely",
): Found<Reported> {
  const { pair, servers, first, sightings } = match;
  const certain = sightings.every(({ seen }) => seen?.basis === "state");
  return {
    is: "found",
    key: first.entry === undefined ? `${pair.id}/requests` : pair.id,
    match,
    affects: { servers },
    effect: first.entry === undefined ? "stops-requests" : "stops",
    basis: certain ? "state" : basis,
  };
}

/** The report's text or what was sent; beside it the chain as it came, of each certificate once. */
export function reportEvidence({ first, sightings }: Pick<Reported, "first" | "sightings">): Evidence[] {
  const distinct = groupedBy(sightings, ({ seen }) => seen?.fault?.about?.sha256 ?? "").slice(0, 3);
  const shownSightings = first.exchange === undefined ? [first] : distinct.flatMap(([, [one]]) => one ?? []);
  return shownSightings.flatMap(sightingEvidence);
}

export function sightingEvidence({ entry, exchange }: Sighting): Evidence[] {
  if (exchange === undefined) return entry === undefined ? [] : [seenEvidence(entry)];
  return [evidence(`${sentWords(exchange)}: ${exchange.says}`, exchange.source), ...chainEvidence(exchange)];
}

/** `10.1.0.4 and 10.1.0.5 of pool shop` */
export function presenters({ pair, servers }: Pick<Reported, "pair" | "servers">): string {
  return `${serverNames(servers)} of pool ${pair.pool.name}`;
}

/** Any HTTP answer shows that the handshake and the checks of the certificate succeeded. */
export function shookHands(entry: HealthEntry | undefined): boolean {
  if (entry === undefined) return false;
  const { phase } = entry.message;
  if (entry.observation.health === "healthy" || phase === "http" || phase === "ok") return true;
  const { live } = entry;
  return live?.observation.tls?.outcome === "established" && !isTlsEnd(live.kind);
}
