import type {
  BackendPool,
  BackendSetting,
  Gateway,
  Listener,
  PathRule,
  PoolMember,
  RouteTarget,
  RoutingRule,
  UrlPathMap,
} from "../model/gateway.ts";

/** listener → rule → (path rule) → pool × backend setting, or a redirect: the smallest thing that can fail. */
export interface Route {
  /** `listener/rule` or `listener/rule/pathRule` (`default` for the path map's default target). */
  readonly id: string;
  readonly listener: Listener | undefined;
  readonly rule: RoutingRule;
  readonly pathMap: UrlPathMap | undefined;
  /** `"default"` = the path map's default target; undefined for Basic rules. */
  readonly pathRule: PathRule | "default" | undefined;
  /** Where it leads as written; references may lead nowhere. */
  readonly leadsTo: RouteTarget;
  /** Undefined for redirects and for routes whose pool or setting is missing. */
  readonly pair: Pair | undefined;
}

/** A pool × backend setting that some rule connects to a listener: what is probed (health-probes.md §1). */
export interface Pair {
  /** `pool~setting`, as in Azure's metrics dimension. */
  readonly id: string;
  readonly pool: BackendPool;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly routes: readonly Route[];
}

/** A pool member as one pair uses it. */
export interface Server {
  readonly pair: Pair;
  readonly member: PoolMember;
  /** IP address or FQDN; undefined when its joined IP configuration was not exported. */
  readonly address: string | undefined;
}

export interface Wiring {
  readonly routes: readonly Route[];
  readonly pairs: readonly Pair[];
}

/** Every route of a gateway in the order in which Azure tries the rules, and the pairs they lead to. */
export function wiringOf(gateway: Gateway): Wiring {
  const pairs = new Map<string, MutablePair>();
  const routes: Route[] = [];
  for (const rule of rulesInOrder(gateway)) {
    for (const [pathRule, leadsTo] of targetsOf(rule)) {
      const listener = rule.listener?.target;
      const route: Route = {
        id: [listener?.name ?? "?", rule.name, ...(pathRule ? [pathNameOf(pathRule)] : [])].join("/"),
        listener,
        rule,
        pathMap: rule.urlPathMap?.target,
        pathRule,
        leadsTo,
        pair: pairFor(leadsTo, pairs),
      };
      routes.push(route);
      if (route.pair) (route.pair.routes as Route[]).push(route);
    }
  }
  return { routes, pairs: [...pairs.values()] };
}

/** v2: ascending priority, 1 first; v1 and rules without priority: array order (request-handling.md §2). */
export function rulesInOrder(gateway: Gateway): readonly RoutingRule[] {
  if (gateway.generation === "v1") return gateway.rules;
  return gateway.rules
    .map((rule, index) => ({ rule, index, rank: rule.priority ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.rank === b.rank ? a.index - b.index : a.rank - b.rank))
    .map(({ rule }) => rule);
}

type MutablePair = Pair & { servers: Server[]; routes: Route[] };

function pathNameOf(pathRule: PathRule | "default"): string {
  return pathRule === "default" ? "default" : pathRule.name;
}

function targetsOf(rule: RoutingRule): [PathRule | "default" | undefined, RouteTarget][] {
  if (rule.ruleType === "Basic") return [[undefined, rule]];
  const map = rule.urlPathMap?.target;
  if (map === undefined) return [[undefined, rule]];
  return [
    ...map.pathRules.map((path): [PathRule, RouteTarget] => [path, path]),
    ["default", map.defaultTarget],
  ];
}

function pairFor(leadsTo: RouteTarget, pairs: Map<string, MutablePair>): Pair | undefined {
  const pool = leadsTo.pool?.target;
  const setting = leadsTo.setting?.target;
  if (leadsTo.redirect !== undefined || pool === undefined || setting === undefined) return undefined;
  const id = `${pool.name}~${setting.name}`;
  const known = pairs.get(id);
  if (known !== undefined) return known;
  const pair: MutablePair = { id, pool, setting, servers: [], routes: [] };
  for (const member of pool.members) {
    pair.servers.push({ pair, member, address: addressOf(member) });
  }
  pairs.set(id, pair);
  return pair;
}

function addressOf(member: PoolMember): string | undefined {
  return member.address ?? member.ipConfiguration?.target?.privateIpAddress;
}
