import type { ClientRequest } from "../model/exchange-plan.ts";
import type { FrontendIpConfiguration, Gateway } from "../model/gateway.ts";
import { idKey } from "../model/resource.ts";
import { type BoundListener, chooseListener, type ListenerGroup, listenerGroups } from "./listener-match.ts";
import {
  behindPattern,
  compilePathMap,
  type PathMatcher,
  type PathRules,
  routingPath,
} from "./path-match.ts";
import { resolvedPath } from "./path-segments.ts";
import { type RedirectSwitches, redirectStatus } from "./redirect.ts";
import type { Pair, Route, Wiring } from "./routes.ts";

/** A client's request at the door of the gateway. */
export interface ArrivingRequest extends ClientRequest {
  readonly port: number;
  /** Id of the frontend IP configuration it comes to; undefined = not known which. */
  readonly frontend?: string | undefined;
  /** Lower-case names of the fields that it is sent with, where it is planned; their values are kept nowhere. */
  readonly fieldNames?: readonly string[] | undefined;
}

/** A route that leads to a pool and a setting. */
export type BackendRoute = Route & { readonly pair: Pair };

/** What the gateway does with one request, as far as listener, rule and path map decide. */
export type RequestRoute =
  | {
      readonly to: "backend";
      readonly route: BackendRoute;
      /** The pattern of the path rule that takes it; undefined for Basic rules and default targets. */
      readonly pattern: string | undefined;
      /** The path as the client wrote it, without query and without what that pattern names literally. */
      readonly rest: string;
      /** What rewrite rules make of it; undefined = nobody looked. */
      readonly rewritten?: PlannedRewrite | undefined;
    }
  | {
      readonly to: "none";
      readonly why: NoBackend;
      /** The route it takes so far, where it takes one. */
      readonly route: Route | undefined;
      /** What the client gets; undefined = no answer, or one that is not documented. */
      readonly status: number | undefined;
    };

/** A planned request after the rules that act on it, or the name of a rewrite set that is not known to act how. */
export type PlannedRewrite =
  | {
      /** Origin form. */
      readonly target: string;
      /** Set by a rule; undefined = no rule did. */
      readonly host: string | undefined;
    }
  | { readonly notKnown: string };

export type NoBackend =
  /** Nothing listens on that port. */
  | "no-listener"
  /** The port speaks the other of http and https. */
  | "other-scheme"
  | "host-not-taken"
  | "redirect"
  /** No path rule fits and the path map has no default target. */
  | "no-default"
  /** Pool or setting is missing, or not among the documents. */
  | "nothing-behind"
  /** Several frontends have that port and would not do the same; it is not known which one is asked. */
  | "frontend-unknown";

/** Rows on which the vendor's sources disagree, as far as routing goes. */
export interface RoutingSwitches
  extends Pick<PathRules, "pathCase">,
    Pick<RedirectSwitches, "seeOtherStatus"> {
  readonly pathSegments: "resolved" | "as-sent";
  readonly missingDefaultStatus: "404" | "502";
}

/** The rules of a gateway made ready: asked once per request. */
export interface Router {
  readonly gateway: Gateway;
  routeOf(request: ArrivingRequest): RequestRoute;
  /** The route that the same rule gives another target, which begins with a slash: its path map is evaluated again. */
  rerouted(route: Route, target: string): RequestRoute;
  /** What is left of the target that a rewrite made, where the request stays on its route. */
  restOf(pattern: string | undefined, target: string): string;
}

/** The route one request takes; for many requests make a `Router` once. */
export function routeOf(
  gateway: Gateway,
  wiring: Pick<Wiring, "routes">,
  request: ArrivingRequest,
  switches: RoutingSwitches,
): RequestRoute {
  return routerOf(gateway, wiring, switches).routeOf(request);
}

/** Makes listeners and path maps ready (request-handling.md §1: steps 1 to 6). */
export function routerOf(
  gateway: Gateway,
  wiring: Pick<Wiring, "routes">,
  switches: RoutingSwitches,
): Router {
  const rules = rulesFor(gateway, switches);
  const byRule = routesByRule(wiring, rules);
  const byPort = Map.groupBy(doorsOf(gateway, byRule, switches), ({ port }) => port);
  return {
    gateway,
    rerouted: (route, target) => {
      const routes = byRule.get(route.rule);
      if (routes === undefined) return none("nothing-behind", undefined, undefined);
      return routeWithin(routes, target, gateway, switches);
    },
    restOf: (pattern, target) => restOf(pattern, target, rules),
    routeOf: (request) => {
      const here = byPort.get(request.port);
      if (here === undefined) return agreed([]);
      const asked = here.filter((door) => mayBeAt(door, request.frontend));
      const [only] = asked;
      if (asked.length === 1 && only !== undefined) return only.routeOf(request);
      return agreed(asked.map((door) => door.routeOf(request)));
    },
  };
}

/** The frontends whose address this is, public or private; empty = none of those whose address is known. */
export function frontendsAt(gateway: Gateway, address: string): readonly FrontendIpConfiguration[] {
  return gateway.frontendIpConfigurations.filter(
    ({ privateIpAddress, publicIpAddress }) =>
      privateIpAddress === address || publicIpAddress?.target?.ipAddress === address,
  );
}

/** One frontend address and port. */
interface Door {
  readonly port: number;
  /** Id of its frontend IP configuration; undefined = not known. */
  readonly frontend: string | undefined;
  readonly frontendKey: string | undefined;
  readonly routeOf: (request: ArrivingRequest) => RequestRoute;
}

/** The routes of one rule. */
interface RuleRoutes {
  readonly matcher: PathMatcher | undefined;
  readonly routes: Map<Route["pathRule"], Route>;
}

function doorsOf(
  gateway: Gateway,
  byRule: ReadonlyMap<Route["rule"], RuleRoutes>,
  switches: RoutingSwitches,
): Door[] {
  return listenerGroups(gateway).flatMap((group): Door[] => {
    const listener = group.candidates[0]?.listener;
    const port = listener?.frontendPort?.target?.port;
    if (listener === undefined || port === undefined) return [];
    const frontend = listener.frontendIpConfiguration?.id;
    const byScheme = candidatesByScheme(group);
    const answerOf = (request: ArrivingRequest): RequestRoute => {
      const bound = boundTo(byScheme, request, gateway);
      if ("to" in bound) return bound;
      const routes = byRule.get(bound.rule);
      if (routes === undefined) return none("nothing-behind", undefined, undefined);
      return routeWithin(routes, request.path, gateway, switches);
    };
    return [{ port, frontend, frontendKey: frontend && idKey(frontend), routeOf: answerOf }];
  });
}

function routesByRule({ routes }: Pick<Wiring, "routes">, rules: PathRules): Map<Route["rule"], RuleRoutes> {
  const byRule = new Map<Route["rule"], RuleRoutes>();
  for (const route of routes) {
    const known = byRule.get(route.rule);
    if (known !== undefined) known.routes.set(route.pathRule, route);
    else {
      const map = route.pathRule === undefined ? undefined : route.pathMap;
      const matcher = map && compilePathMap(map, rules);
      byRule.set(route.rule, { matcher, routes: new Map([[route.pathRule, route]]) });
    }
  }
  return byRule;
}

function mayBeAt(door: Door, frontend: string | undefined): boolean {
  if (frontend === undefined || door.frontend === undefined || door.frontend === frontend) return true;
  return door.frontendKey === idKey(frontend);
}

type ByScheme = Readonly<Record<"plain" | "secure", ListenerGroup>>;

function candidatesByScheme(group: ListenerGroup): ByScheme {
  const only = (secure: boolean): ListenerGroup => ({
    ...group,
    candidates: group.candidates.filter(({ listener }) => (listener.protocol === "Https") === secure),
  });
  return { plain: only(false), secure: only(true) };
}

function boundTo(
  byScheme: ByScheme,
  { scheme, host }: ArrivingRequest,
  { generation }: Gateway,
): BoundListener | RequestRoute {
  const secure = scheme === "https" || scheme === "wss";
  const group = secure ? byScheme.secure : byScheme.plain;
  // Plain HTTP on a TLS port is told so; a handshake on a plain one gets no answer that a client would understand.
  if (group.candidates.length === 0) return none("other-scheme", undefined, secure ? undefined : 400);
  const bound = chooseListener(group, host);
  return bound ?? none("host-not-taken", undefined, generation === "v2" ? 404 : undefined);
}

function routeWithin(
  { matcher, routes }: RuleRoutes,
  path: string,
  gateway: Gateway,
  switches: RoutingSwitches,
): RequestRoute {
  const matched = matcher?.find(routingPath(path, gateway.generation, switches.pathSegments));
  const pattern = matched?.pattern;
  const route = routes.get(matcher === undefined ? undefined : (matched?.rule ?? "default"));
  if (route === undefined) return none("nothing-behind", undefined, undefined);
  const { pool, setting, redirect } = route.leadsTo;
  if (redirect !== undefined) {
    const type = redirect.target?.redirectType;
    return none("redirect", route, type && redirectStatus(type, switches));
  }
  if (isBackendRoute(route)) {
    const rest = restOf(pattern, path, rulesFor(gateway, switches));
    return { to: "backend", route, pattern, rest };
  }
  if (route.pathRule === "default" && pool === undefined && setting === undefined) {
    return none("no-default", route, Number(switches.missingDefaultStatus));
  }
  return none("nothing-behind", route, undefined);
}

/** Whether requests that take it go to a pool. */
export function isBackendRoute(route: Route): route is BackendRoute {
  return route.pair !== undefined;
}

function none(why: NoBackend, route: Route | undefined, status: number | undefined): RequestRoute {
  return { to: "none", why, route, status };
}

/** Of several frontends that may be the one: what they all do, or the one of them that knows the host. */
function agreed(answers: readonly RequestRoute[]): RequestRoute {
  const taking = answers.filter((answer) => answer.route !== undefined);
  const [first, ...others] = taking.length > 0 ? taking : answers;
  if (first === undefined) return none("no-listener", undefined, undefined);
  const same = others.every((other) => other.route === first.route || sameTarget(other, first));
  return same ? first : none("frontend-unknown", undefined, undefined);
}

/** Two rules that send a request to the same pool with the same setting, rewritten alike, by the same path. */
function sameTarget(one: RequestRoute, other: RequestRoute): boolean {
  if (one.to === "none" || other.to === "none") return one.to === other.to && one.route === other.route;
  return (
    one.route.pair === other.route.pair &&
    one.pattern === other.pattern &&
    one.route.leadsTo.rewriteRuleSet?.target === other.route.leadsTo.rewriteRuleSet?.target
  );
}

type RestRules = PathRules & Pick<RoutingSwitches, "pathSegments">;

function rulesFor({ generation }: Gateway, { pathCase, pathSegments }: RoutingSwitches): RestRules {
  return { generation, pathCase, pathSegments };
}

/** Without query, and without what the pattern that took it names literally. */
function restOf(pattern: string | undefined, target: string, rules: RestRules): string {
  const end = target.search(/[?#]/);
  const sent = end < 0 ? target : target.slice(0, end);
  const asked = rules.pathSegments === "resolved" ? resolvedPath(sent, rules.generation) : sent;
  return pattern === undefined ? asked : behindPattern(pattern, asked, rules);
}

/** A client's request with the port that its Host and scheme say. */
export function arrivingAt(client: ClientRequest): ArrivingRequest {
  const secure = client.scheme === "https" || client.scheme === "wss";
  const written = /:(\d{1,5})$/.exec(client.host)?.[1];
  return { ...client, port: written === undefined ? (secure ? 443 : 80) : Number(written) };
}
