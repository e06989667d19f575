import type { Gateway } from "../../model/gateway.ts";
import type { ServerTraffic, TrafficLog, TrafficObservation } from "../../model/observations.ts";
import { idKey, nameOfId } from "../../model/resource.ts";
import type { Pair, Route, Wiring } from "../../routing/routes.ts";
import type { PairTraffic, Traffic } from "../facets.ts";
import { remembered } from "./plans.ts";

/** Joins the access log to routes and pairs by the names its rows carry, and by server where they carry none. */
export function trafficOf(gateway: Gateway, wiring: Wiring, log: TrafficLog | undefined): Traffic {
  const own = ownLog(gateway, log);
  const placed = new Placing(wiring, own?.observations ?? []);
  const serversByAddress = new Map<Pair, ReadonlyMap<string, readonly ServerTraffic[]>>();
  return {
    log: own,
    ofRoute: (route) => placed.byRoute.get(route) ?? [],
    ofPair: (pair) => placed.byPair.get(pair) ?? [],
    ofServer: (server) => {
      const { pair } = server;
      const seen = placed.pairs.get(pair);
      if (seen === undefined || server.address === undefined) return [];
      const known = remembered(serversByAddress, pair, () => indexServers(seen.servers));
      return writings(server.address, pair).flatMap((written) => known.get(written) ?? []);
    },
    pairs: wiring.pairs.flatMap((pair) => placed.pairs.get(pair) ?? []),
    unattributed: wiring.routes.length === 0 ? [] : placed.unattributed,
    unplaced: placed.unplaced,
  };
}

/** The part of the log that is this gateway's: rows name it by id; ids of anonymised exports still agree in the name. */
export function ownLog(gateway: Gateway, log: TrafficLog | undefined): TrafficLog | undefined {
  if (log === undefined || log.gatewayIds.length === 0) return log;
  const exact = log.gatewayIds.some((id) => idKey(id) === idKey(gateway.id));
  const name = gateway.name.toLowerCase();
  const isOwn = (id: string): boolean =>
    exact ? idKey(id) === idKey(gateway.id) : nameOfId(id).toLowerCase() === name;
  if (!log.gatewayIds.some(isOwn)) return undefined;
  if (log.gatewayIds.every(isOwn)) return log;
  const observations = log.observations.filter(
    ({ gatewayId }) => gatewayId === undefined || isOwn(gatewayId),
  );
  const own = log.own.filter(({ gatewayId }) => gatewayId === undefined || isOwn(gatewayId));
  return { ...log, own, observations, rows: observations.reduce((sum, { rows }) => sum + rows, 0) };
}

/** Which observation belongs where. One that could belong to several pairs belongs to none. */
class Placing {
  readonly byRoute = new Map<Route, TrafficObservation[]>();
  readonly byPair = new Map<Pair, TrafficObservation[]>();
  readonly pairs = new Map<Pair, PairTraffic>();
  readonly unattributed: TrafficObservation[] = [];
  readonly unplaced: ServerTraffic[] = [];
  private readonly wiring: Wiring;
  /** Then rows without one are of requests that went to none. */
  private readonly namesPools: boolean;

  constructor(wiring: Wiring, observations: readonly TrafficObservation[]) {
    this.wiring = wiring;
    this.namesPools = observations.some(({ poolName }) => poolName !== undefined);
    for (const seen of observations) this.place(seen);
    const slices = this.sliceByServer();
    for (const pair of wiring.pairs) {
      const whole = this.byPair.get(pair) ?? [];
      const sliced = slices.get(pair) ?? [];
      if (whole.length + sliced.length > 0) this.pairs.set(pair, pairTraffic(pair, whole, sliced));
    }
  }

  private place(seen: TrafficObservation): void {
    const routes = this.routesOf(seen);
    const pairs = new Set(routes.map(({ pair }) => pair));
    const [pair] = pairs;
    if (pairs.size !== 1) {
      this.unattributed.push(seen);
      return;
    }
    if (pair !== undefined) append(this.byPair, pair, seen);
    // Rows without a rule name cannot tell routes of one pair apart.
    if (seen.ruleName !== undefined || routes.length === 1) {
      for (const route of routes) append(this.byRoute, route, seen);
    }
  }

  private routesOf(seen: TrafficObservation): readonly Route[] {
    const { routes, pairs } = this.wiring;
    if (seen.ruleName !== undefined) {
      const ofRule = this.routesByRule().get(seen.ruleName.toLowerCase()) ?? [];
      const matching = ofRule.filter((route) => isOfRoute(seen, route));
      const without = matching.filter(({ pair }) => pair === undefined);
      if (this.namesPools && seen.poolName === undefined && without.length > 0) return without;
      if (matching.length > 0) return matching;
    }
    if (seen.poolName !== undefined && seen.settingName !== undefined) {
      const id = `${seen.poolName}~${seen.settingName}`.toLowerCase();
      return pairs.find((pair) => pair.id.toLowerCase() === id)?.routes ?? [];
    }
    if (seen.ruleName !== undefined || seen.poolName !== undefined) return [];
    const [only] = pairs;
    return pairs.length === 1 && only !== undefined && routes.length > 0 ? only.routes : [];
  }

  private rules: Map<string, Route[]> | undefined;

  private routesByRule(): Map<string, Route[]> {
    if (this.rules === undefined) {
      this.rules = new Map();
      for (const route of this.wiring.routes) append(this.rules, route.rule.name.toLowerCase(), route);
    }
    return this.rules;
  }

  /** Rows that name neither rule nor pool still name the server: it tells the pair when only one pair has it. */
  private sliceByServer(): Map<Pair, { server: ServerTraffic; of: TrafficObservation }[]> {
    const slices = new Map<Pair, { server: ServerTraffic; of: TrafficObservation }[]>();
    const nameless = this.unattributed.filter(
      ({ ruleName, poolName }) => ruleName === undefined && poolName === undefined,
    );
    const owners = nameless.length === 0 ? new Map<string, Set<Pair>>() : pairsByAddress(this.wiring);
    for (const of of nameless) {
      for (const server of of.servers) {
        const [pair, other] = owners.get(server.server.toLowerCase()) ?? [];
        if (pair === undefined || other !== undefined) this.unplaced.push(server);
        else append(slices, pair, { server, of });
      }
    }
    return slices;
  }
}

function pairTraffic(
  pair: Pair,
  observations: readonly TrafficObservation[],
  slices: readonly { readonly server: ServerTraffic; readonly of: TrafficObservation }[],
): PairTraffic {
  const sliced = slices.map(({ server }) => server);
  return {
    pair,
    observations,
    counts: [...observations, ...sliced],
    servers: [...observations.flatMap(({ servers }) => servers), ...sliced],
    samples: [
      ...observations.flatMap(({ samples }) => samples),
      ...slices.flatMap(({ server, of }) =>
        of.samples.filter(({ serverRouted }) => serverRouted === server.server),
      ),
    ],
  };
}

/** Rows name rule, pool and setting: within one rule that tells the path rules apart unless they share the pair. */
function isOfRoute(seen: TrafficObservation, route: Route): boolean {
  if (!same(seen.listenerName, route.listener?.name)) return false;
  if (route.pair === undefined) return seen.poolName === undefined;
  return same(seen.poolName, route.pair.pool.name) && same(seen.settingName, route.pair.setting.name);
}

function same(written: string | undefined, name: string | undefined): boolean {
  return written === undefined || name === undefined || written.toLowerCase() === name.toLowerCase();
}

/** How rows write a server of a pair. */
function writings(address: string, pair: Pair): string[] {
  const routed = address.toLowerCase();
  const { port } = pair.setting;
  return [routed, routed.includes(":") ? `[${routed}]:${port}` : `${routed}:${port}`];
}

function pairsByAddress(wiring: Wiring): Map<string, Set<Pair>> {
  const owners = new Map<string, Set<Pair>>();
  for (const pair of wiring.pairs) {
    for (const { address } of pair.servers) {
      if (address === undefined) continue;
      for (const written of writings(address, pair)) {
        const known = owners.get(written);
        if (known === undefined) owners.set(written, new Set([pair]));
        else known.add(pair);
      }
    }
  }
  return owners;
}

function indexServers(servers: readonly ServerTraffic[]): Map<string, ServerTraffic[]> {
  const index = new Map<string, ServerTraffic[]>();
  for (const seen of servers) if (seen.server !== "") append(index, seen.server.toLowerCase(), seen);
  return index;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
