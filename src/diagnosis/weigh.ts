import type { Server } from "../routing/routes.ts";
import type { Found } from "./cause.ts";
import type { Facets, Health, HealthEntry, Traffic } from "./facets.ts";
import type { Affects, Certainty, Effect, Layer } from "./finding.ts";
import type { Live, ReplayedRequest } from "./live-evidence.ts";

/** What is left of a found cause once it is held against what was seen. */
export interface Weighed {
  /** Without the servers that were seen to contradict it. */
  readonly affects: Affects;
  readonly effect: Effect;
  readonly certainty: Certainty;
  /** Seen to be otherwise everywhere: it cannot be what makes routes fail now. */
  readonly denied: boolean;
}

type Claim = Pick<Found<unknown>, "affects" | "effect" | "basis">;

/**
 * Holds a claim against the observations. A document may be older than the health report, or the evaluation may lack
 * something: where a server was seen to answer, no configuration may say that it cannot.
 */
export function weigh(
  claim: Claim,
  layer: Layer,
  { health, traffic, live }: Pick<Facets, "health" | "traffic" | "live">,
): Weighed {
  const { effect, basis, affects } = claim;
  if (effect === "threatens") return { affects, effect, certainty: unseen(basis), denied: false };
  if (basis === "state") return { affects, effect, certainty: "proven", denied: false };
  if (effect === "hides-health") return weighHidden(claim, health);
  if (effect === "stops-requests" || effect === "impairs") return weighRequests(claim, traffic, live);
  return weighProbes(claim, layer, health);
}

function weighProbes(claim: Claim, layer: Layer, health: Health): Weighed {
  const { affects, effect, basis } = claim;
  const servers = serversOf(affects);
  const standing = servers.filter((server) => !contradicts(health.of(server), layer));
  if (servers.length > 0 && standing.length === 0) {
    return { affects, effect: "threatens", certainty: "possible", denied: true };
  }
  const seen = standing.some((server) => agrees(health.of(server), layer));
  const certainty = basis === "configuration" && seen ? "proven" : unseen(basis);
  if (standing.length === servers.length) return { affects, effect, certainty, denied: false };
  return { affects: { ...withoutServers(affects), servers: standing }, effect, certainty, denied: false };
}

/** Requests that were sent to what a claim speaks of; none when nothing was sent at all. */
function replayedOn(affects: Affects, live: Live): readonly ReplayedRequest[] {
  if (live.requests.length === 0) return [];
  const servers = new Set(serversOf(affects));
  const routes = new Set(affects.routes ?? []);
  return live.requests.filter(({ server, route }) => servers.has(server) || routes.has(route));
}

function weighHidden(claim: Claim, health: Health): Weighed {
  const { affects, effect, basis } = claim;
  const readable = health.entries.some(({ observation }) => observation.health !== "unknown");
  if (readable) return { affects, effect: "threatens", certainty: "possible", denied: true };
  const certainty = basis === "configuration" && health.allUnknown ? "proven" : unseen(basis);
  return { affects, effect, certainty, denied: false };
}

function weighRequests(claim: Claim, traffic: Traffic, live: Live): Weighed {
  const { affects, effect, basis } = claim;
  const observations = [
    ...(affects.routes ?? []).flatMap((route) => traffic.ofRoute(route)),
    ...(affects.pairs ?? []).flatMap((pair) => traffic.ofPair(pair)),
    ...(affects.servers ?? []).flatMap((server) => traffic.ofServer(server)),
  ];
  const replayed = replayedOn(affects, live);
  const count = (outcome: string): number => replayed.filter((one) => one.outcome === outcome).length;
  const failed = observations.reduce((sum, seen) => sum + seen.failed, count("failing"));
  const served = observations.reduce((sum, seen) => sum + (seen.readings.get("served") ?? 0), count("fine"));
  if (basis === "configuration" && effect === "stops-requests" && served > 0 && failed === 0) {
    return { affects, effect: "threatens", certainty: "possible", denied: true };
  }
  const seen = basis === "configuration" && failed > 0;
  return { affects, effect, certainty: seen ? "proven" : unseen(basis), denied: false };
}

function unseen(basis: Found<unknown>["basis"]): Certainty {
  switch (basis) {
    case "state":
      return "proven";
    case "configuration":
    case "observed-likely":
      return "likely";
    case "observed-possible":
      return "possible";
  }
}

/** A healthy server contradicts whatever the gateway had to get past; a failing one what it got past. */
function contradicts(entry: HealthEntry | undefined, layer: Layer): boolean {
  if (entry === undefined) return false;
  const { observation, live, passed, reported } = entry;
  // The gateway has no address, whatever others beside it are told.
  if (layer === "dns" && live !== undefined && reported?.message.phase === "dns") return false;
  if (observation.health === "healthy" && live?.vantage !== "elsewhere") {
    return live !== undefined || entry.message.phase === "ok" || entry.message.key === undefined;
  }
  return (observation.health === "unhealthy" || live !== undefined) && passed.includes(layer);
}

/**
 * Whether what was seen of a server is what a fault of this layer does. Groups and routes elsewhere are others, and an
 * exchange that ended before it was sent to an address tells nothing of them.
 */
function agrees(entry: HealthEntry | undefined, layer: Layer): boolean {
  if (entry?.observation.health !== "unhealthy") return false;
  if (entry.live === undefined || (layer !== "nsg" && layer !== "route")) return true;
  return entry.live.vantage === "gateway" && entry.live.observation.tcp !== undefined;
}

/** Servers of a claim; a claim about pairs speaks of all their servers. Routes and the gateway have none of their own. */
export function serversOf(affects: Affects): readonly Server[] {
  const fromPairs = (affects.pairs ?? []).flatMap((pair) => pair.servers);
  return fromPairs.length === 0 ? (affects.servers ?? []) : [...(affects.servers ?? []), ...fromPairs];
}

function withoutServers(affects: Affects): Affects {
  const { servers: _servers, pairs: _pairs, ...rest } = affects;
  return rest;
}
