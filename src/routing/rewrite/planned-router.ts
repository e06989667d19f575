import type { Gateway, RewriteRule, RewriteRuleSet } from "../../model/gateway.ts";
import { nameOfId } from "../../model/resource.ts";
import {
  type ArrivingRequest,
  type BackendRoute,
  type RequestRoute,
  type Router,
  type RoutingSwitches,
  routerOf,
} from "../request-route.ts";
import type { Wiring } from "../routes.ts";
import { FactNotKnown } from "./facts.ts";
import { plannedFacts, tracingFields } from "./planned-facts.ts";
import { type BackendTaken, type Rewriter, rewriterOf } from "./rewriter.ts";

/**
 * A router for requests that are planned, not served: it lets rewrite rules act and follows where they reroute to. What
 * depends on something that is not known of such a request stays untold (`rewritten.notKnown`).
 */
export function plannedRouterOf(
  gateway: Gateway,
  wiring: Pick<Wiring, "routes">,
  switches: RoutingSwitches,
): Router {
  const router = routerOf(gateway, wiring, switches);
  const rewriter = rewriterOf(gateway, wiring, router, { passOver: tracingFields });
  const planned = new PlannedRewrites(rewriter);
  return {
    ...router,
    routeOf: (request) => {
      const taken = router.routeOf(request);
      return taken.to === "backend" ? planned.routed(taken, request) : taken;
    },
  };
}

/** The route that one planned request takes; for many make a router once. */
export function plannedRouteOf(
  gateway: Gateway,
  wiring: Pick<Wiring, "routes">,
  request: ArrivingRequest,
  switches: RoutingSwitches,
): RequestRoute {
  return plannedRouterOf(gateway, wiring, switches).routeOf(request);
}

class PlannedRewrites {
  readonly #rewriter: Rewriter;

  constructor(rewriter: Rewriter) {
    this.#rewriter = rewriter;
  }

  routed(taken: BackendTaken, request: ArrivingRequest): RequestRoute {
    const unclear = this.#unclear(taken.route, request);
    if (unclear !== undefined) return untold(taken, unclear);
    try {
      const facts = plannedFacts(request, taken.route.listener);
      const done = this.#rewriter.rewrite(taken, () => facts);
      if (done === undefined) return { ...taken, rewritten: { target: request.path, host: undefined } };
      if (done.outcome === "answer") return done.by;
      const name = setName(taken.route) ?? "";
      if (done.outcome === "loop") return untold(taken, name);
      const { route } = done.taken;
      const also = route === taken.route ? undefined : this.#unclear(route, request);
      if (also !== undefined) return untold(taken, also);
      // Which fields a server gets is no part of what is planned.
      const felt = done.changes.some(({ lower, value }) => value !== undefined || isSent(lower, request));
      return felt
        ? untold(taken, name)
        : { ...done.taken, rewritten: { target: done.target, host: done.host } };
    } catch (error) {
      if (error instanceof FactNotKnown) return untold(taken, setName(taken.route) ?? "");
      throw error;
    }
  }

  /** The name of a set that cannot be evaluated at all. */
  #unclear({ leadsTo }: BackendRoute, { path }: ArrivingRequest): string | undefined {
    const reference = leadsTo.rewriteRuleSet;
    if (reference === undefined) return undefined;
    const { target: set } = reference;
    if (set === undefined) return nameOfId(reference.id);
    if (path.endsWith("?(withheld)") && set.rewriteRules.some(looksAtQuery)) return set.name;
    // The query of a client is kept nowhere, and it would stand where nobody expects it.
    if (path.includes("?") && set.rewriteRules.some(movesQuery)) return set.name;
    return this.#leavesOut(set) ? set.name : undefined;
  }

  /** Whether a rule that may change requests is one that the engine cannot take. */
  #leavesOut(set: RewriteRuleSet): boolean {
    const failed = this.#rewriter.problems.filter(
      ({ set: name, problem }) => name === set.name && unsure.has(problem),
    );
    return set.rewriteRules.some(
      (rule) => changesRequest(rule) && failed.some(({ rule: name }) => name === rule.name),
    );
  }
}

/** Problems after which what Azure does is not known. */
const unsure: ReadonlySet<string> = new Set([
  "pattern-syntax",
  "pattern-too-large",
  "unknown-variable",
  "matcher-refused",
  "always-reroutes",
]);

function changesRequest({ requestHeaders, url }: RewriteRule): boolean {
  if (url !== undefined) return true;
  return requestHeaders.some(({ headerName }) => !tracingFields.has(headerName.toLowerCase()));
}

const mentionsQuery = (text: string): boolean => /var_(?:query_string|request_query|request_uri)/i.test(text);

function looksAtQuery(rule: RewriteRule): boolean {
  const conditions = rule.conditions.map(({ variable }) => variable);
  const query = rule.url?.modifiedQueryString ?? "";
  return movesQuery(rule) || [...conditions, query].some(mentionsQuery);
}

/** Whether a part of the query may get into the path or a field. */
function movesQuery({ requestHeaders, url }: RewriteRule): boolean {
  const values = requestHeaders.map(({ headerValue }) => headerValue);
  return [...values, url?.modifiedPath ?? ""].some(mentionsQuery);
}

/** Whether a planned request has such a field that could be taken away. */
function isSent(lower: string, { fieldNames }: ArrivingRequest): boolean {
  return lower === "accept" || lower === "user-agent" || (fieldNames?.includes(lower) ?? false);
}

const setName = ({ leadsTo }: BackendRoute): string | undefined =>
  leadsTo.rewriteRuleSet?.target?.name ?? (leadsTo.rewriteRuleSet && nameOfId(leadsTo.rewriteRuleSet.id));

function untold(taken: BackendTaken, set: string): RequestRoute {
  return { ...taken, rewritten: { notKnown: set } };
}
