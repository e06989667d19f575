import type { Gateway } from "../../model/gateway.ts";
import type { ServerTraffic, TrafficLog, TrafficObservation } from "../../model/observations.ts";
import { nameOfId } from "../../model/resource.ts";
import type { Pair, Route, Server, Wiring } from "../../routing/routes.ts";
import type { Traffic } from "../facets.ts";

/** Joins the access log to the routes by the names its rows carry; v1 rows carry none and stay unattributed. */
export function trafficOf(gateway: Gateway, wiring: Wiring, log: TrafficLog | undefined): Traffic {
  const own = log === undefined || !isLogOf(log, gateway) ? undefined : log;
  const byRule = new Map<string, TrafficObservation[]>();
  const unattributed: TrafficObservation[] = [];
  for (const observation of own?.observations ?? []) {
    if (observation.ruleName === undefined) {
      unattributed.push(observation);
      continue;
    }
    const key = observation.ruleName.toLowerCase();
    const list = byRule.get(key);
    if (list === undefined) byRule.set(key, [observation]);
    else list.push(observation);
  }
  const ofRoute = (route: Route): readonly TrafficObservation[] =>
    (byRule.get(route.rule.name.toLowerCase()) ?? []).filter((seen) => isOfRoute(seen, route));
  const ofPair = (pair: Pair): readonly TrafficObservation[] => [
    ...new Set(pair.routes.flatMap((route) => ofRoute(route))),
  ];
  return {
    log: own,
    ofRoute,
    ofPair,
    ofServer: (server) =>
      ofPair(server.pair).flatMap((seen) => seen.servers.filter((one) => isServer(one, server))),
    unattributed: wiring.routes.length === 0 ? [] : unattributed,
  };
}

function isLogOf(log: TrafficLog, gateway: Gateway): boolean {
  return (
    log.gatewayIds.length === 0 ||
    log.gatewayIds.some((id) => nameOfId(id).toLowerCase() === gateway.name.toLowerCase())
  );
}

/** Rows name rule, pool and setting: within one rule that tells the path rules apart unless they share the pair. */
function isOfRoute(seen: TrafficObservation, route: Route): boolean {
  if (route.pair === undefined) return seen.poolName === undefined || seen.poolName === "";
  return (
    same(seen.poolName, route.pair.pool.name) &&
    same(seen.settingName, route.pair.setting.name) &&
    (seen.listenerName === undefined ||
      route.listener === undefined ||
      same(seen.listenerName, route.listener.name))
  );
}

function same(written: string | undefined, name: string): boolean {
  return written === undefined || written === "" || written.toLowerCase() === name.toLowerCase();
}

function isServer(seen: ServerTraffic, server: Server): boolean {
  if (server.address === undefined || seen.server === "") return false;
  const port = server.pair.setting.port;
  const routed = seen.server.toLowerCase();
  const address = server.address.toLowerCase();
  return routed === address || routed === `${address}:${port}` || routed === `[${address}]:${port}`;
}
