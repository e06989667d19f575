import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { BackendSetting, Generation, RouteTarget } from "../model/gateway.ts";
import { nameOfId } from "../model/resource.ts";
import { exchangeOfRequest, type NotPlanned } from "./exchange.ts";
import { planRequest } from "./request-plan.ts";
import type { Switches } from "./switches.ts";

/** The backend end of the route that a request takes, as routing finds it. */
export interface TakenRoute {
  readonly route: { readonly pair: { readonly setting: BackendSetting }; readonly leadsTo: RouteTarget };
  /** The request path without query, and without what the pattern that took it names literally. */
  readonly rest: string;
  /** What rewrite rules make of the request, or the set of which that is not known; undefined = nobody looked. */
  readonly rewritten?:
    | { readonly target: string; readonly host: string | undefined }
    | { readonly notKnown: string }
    | undefined;
}

/** A rewrite rule set may change what servers are asked, and how is not known; `detail` is its name. */
export interface Rewritten {
  readonly notSent: "rewritten";
  readonly detail: string;
}

/**
 * What the gateway sends to one server for a client's request that takes this route. `address` is the pool member's.
 */
export function planExchange(
  generation: Generation,
  { route, rest, rewritten }: TakenRoute,
  address: string | undefined,
  client: ClientRequest,
  switches: Switches,
): ExchangePlan | NotPlanned | Rewritten {
  const { pair, leadsTo } = route;
  const unseen = rewritten === undefined ? leadsTo.rewriteRuleSet : undefined;
  if (unseen !== undefined) {
    return { notSent: "rewritten", detail: unseen.target?.name ?? nameOfId(unseen.id) };
  }
  if (rewritten !== undefined && "notKnown" in rewritten) {
    return { notSent: "rewritten", detail: rewritten.notKnown };
  }
  const plan = planRequest(generation, pair.setting, address, switches);
  const path = forwardedPath(plan.pathOverride.value, rest, rewritten?.target ?? client.path);
  const onItsWay = { path, rewrittenHost: rewritten?.host };
  return exchangeOfRequest(generation, plan, client, onItsWay, switches);
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
