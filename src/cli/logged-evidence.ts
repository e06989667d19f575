import { ownLog } from "../diagnosis/facets/traffic.ts";
import { asRecorded } from "../documents/observations/recording.ts";
import { attemptsOf } from "../gateway/explain/evidence.ts";
import type { Switches } from "../health/switches.ts";
import type { LoggedExchange } from "../model/attempt.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange, Observations } from "../model/observations.ts";
import type { TcpPhase, TlsPhase } from "../model/probe-observation.ts";
import { recentMs } from "../model/recent.ts";
import { type Router, routerOf } from "../routing/request-route.ts";
import { type Route, wiringOf } from "../routing/routes.ts";

/**
 * What the attempts of `causeway run` saw, by its access log: observations as `/explain` makes them of a record, without
 * those that newer exchanges with the same servers show to be over. What a row calls the cause has no say.
 */
export function evidenceOfLog(
  gateway: Gateway,
  { traffic, live }: Observations,
  switches: Switches,
): readonly LiveExchange[] {
  const own = ownLog(gateway, traffic)?.own ?? [];
  if (own.length === 0) return [];
  const wiring = wiringOf(gateway);
  const router = routerOf(gateway, wiring, switches);
  const routes = new Map(wiring.routes.map((route) => [route.id, route]));
  const newestMs = live.reduce((newest, { observation }) => Math.max(newest, observation.startedAtMs), 0);
  return own
    .flatMap((logged) => seenBy(logged, routes.get(logged.route), router, switches))
    .filter(({ observation }) => observation.startedAtMs >= newestMs - recentMs)
    .filter((seen) => !live.some((other) => deniesReach(other, seen)));
}

function seenBy(
  logged: LoggedExchange,
  route: Route | undefined,
  router: Router,
  switches: Switches,
): LiveExchange[] {
  const { source, startedAtMs, carried, method, host, target, attempts, answeredBy } = logged;
  // A chain that stood in a row before is not repeated: what is left would look like a handshake that went well.
  const told = attempts.filter(
    ({ failure }) => failure?.kind !== "tls-certificate" || failure.chain !== undefined,
  );
  const layer4 = carried ? { upstreamReceivedBytes: 0, endedFor: undefined } : undefined;
  const listener = route?.listener;
  const asked = { startedAtMs, listener, route, method, originalHost: host, originalTarget: target };
  return attemptsOf({ ...asked, attempts: told, answeredBy, layer4 }, { router, switches }).map(
    (observation) => ({
      source,
      observation: asRecorded(observation),
    }),
  );
}

/** A later exchange got past where this one ended. */
function deniesReach({ observation: later }: LiveExchange, { observation: seen }: LiveExchange): boolean {
  const same = later.sent.target.toLowerCase() === seen.sent.target.toLowerCase();
  if (!same || later.startedAtMs <= seen.startedAtMs) return false;
  if (seen.tcp === undefined) return later.tcp !== undefined;
  if (later.sent.port !== seen.sent.port) return false;
  if (seen.tcp.outcome !== "connected")
    return later.tcp?.outcome === "connected" && !isLate(later.tcp, seen.tcp);
  if (seen.tls === undefined || (seen.tls.outcome === "established" && !isRefused(seen.tls))) return false;
  return later.tls?.outcome === "established" && later.sent.sni === seen.sent.sni;
}

/** Whoever had waited no longer than the one that ran out of time would have seen the same. */
function isLate(later: TcpPhase, seen: TcpPhase): boolean {
  return seen.outcome === "timed-out" && later.tookMs > seen.tookMs;
}

/** The certificates of connections that were taken are not in the log. */
function isRefused({ chain }: TlsPhase): boolean {
  return chain !== undefined;
}
