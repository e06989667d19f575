import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { BackendSetting, Generation, RewriteRule, RouteTarget } from "../model/gateway.ts";
import { nameOfId } from "../model/resource.ts";
import { exchangeOfRequest, type NotPlanned } from "./exchange.ts";
import { planRequest } from "./request-plan.ts";
import type { Switches } from "./switches.ts";

/** The backend end of the route that a request takes, as routing finds it. */
export interface TakenRoute {
  readonly route: { readonly pair: { readonly setting: BackendSetting }; readonly leadsTo: RouteTarget };
  /** The request path without query, and without what the pattern that took it names literally. */
  readonly rest: string;
}

/** A rewrite rule set may change what servers are asked; `detail` is its name. */
export interface Rewritten {
  readonly notSent: "rewritten";
  readonly detail: string;
}

/**
 * What the gateway sends to one server for a client's request that takes this route: everything but rewrites, for which
 * it is not told. `address` is the pool member's.
 */
export function planExchange(
  generation: Generation,
  taken: TakenRoute,
  address: string | undefined,
  client: ClientRequest,
  switches: Switches,
): ExchangePlan | NotPlanned | Rewritten {
  const { pair, leadsTo } = taken.route;
  const detail = rewritingSet(leadsTo);
  if (detail !== undefined) return { notSent: "rewritten", detail };
  const plan = planRequest(generation, pair.setting, address, switches);
  return exchangeOfRequest(
    generation,
    plan,
    client,
    forwardedPath(plan.pathOverride.value, taken.rest, client.path),
  );
}

/**
 * The target that servers get (request-handling.md §6): without an override the client's own; with one, the override and
 * what stands behind the pattern, or the whole path where no pattern took it, with one slash between them. The query
 * stays.
 */
export function forwardedPath(override: string | undefined, rest: string, requestTarget: string): string {
  if (override === undefined || override === "") return requestTarget;
  const query = /\?.*$/s.exec(requestTarget)?.[0] ?? "";
  const front = override.startsWith("/") ? override : `/${override}`;
  if (rest === "") return front + query;
  return `${front.replace(/\/$/, "")}/${rest.replace(/^\//, "")}${query}`;
}

/** Fields that only tell a server who asks and by which way; rewriting them is common and changes no answer. */
const tracingFields: ReadonlySet<string> = new Set([
  "forwarded",
  "true-client-ip",
  "x-client-ip",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-real-ip",
]);

/** The set that may change what a server is asked, as far as its rules tell without being evaluated. */
function rewritingSet({ rewriteRuleSet }: RouteTarget): string | undefined {
  if (rewriteRuleSet === undefined) return undefined;
  const { target, id } = rewriteRuleSet;
  if (target === undefined) return nameOfId(id);
  return target.rewriteRules.some(changesRequest) ? target.name : undefined;
}

function changesRequest({ requestHeaders, url }: RewriteRule): boolean {
  if (url?.modifiedPath !== undefined || url?.modifiedQueryString !== undefined) return true;
  return requestHeaders.some(({ headerName }) => !tracingFields.has(headerName.toLowerCase()));
}
