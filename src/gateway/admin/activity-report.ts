import type { Gateway, Generation } from "../../model/gateway.ts";
import type { NoServer } from "../../model/own-member.ts";
import type { Route } from "../../routing/routes.ts";
import type { MemberView } from "../balance/balancer.ts";
import {
  type ActivityCounts,
  type FailureCounts,
  type RouteCounts,
  recentMinutes,
  type ServerCounts,
} from "../metrics/activity.ts";
import { type MemberState, memberState } from "./member-state.ts";

/** What `/activity` tells: numbers since the start, of which whoever asks twice makes rates. */
export interface ActivityReport {
  readonly format: "causeway/activity/v1";
  readonly at: string;
  /** Since when it counts. */
  readonly since: string;
  readonly gateway: { readonly name: string; readonly generation: Generation };
  /** Of clients. */
  readonly connections: number;
  /** The minutes that `failures` are of. */
  readonly recentMinutes: number;
  readonly routes: readonly RouteActivity[];
  readonly servers: readonly ServerActivity[];
  readonly failures: readonly FailureActivity[];
}

export interface RouteActivity extends RouteCounts {
  /** `listener/rule[/path rule]`; null: requests that took no route. */
  readonly route: string | null;
  readonly pool: string | null;
  readonly setting: string | null;
  readonly leadsTo: "pool" | "redirect" | "nothing";
  /** False: a configuration before had it. */
  readonly served: boolean;
}

export interface ServerActivity extends MemberState, ServerCounts {}

export interface FailureActivity
  extends Omit<FailureCounts, "cause" | "route" | "ending" | "noServer" | "atMs"> {
  readonly cause: string | null;
  /** The two letters of docs/endings.md. */
  readonly ending: string;
  /** Why no server could be chosen; null: one could, or the rule leads to none. */
  readonly noServer: NoServer | null;
  readonly route: string | null;
  /** Of the last one. */
  readonly at: string;
}

/** What the report is made of. */
export interface ActivityParts {
  readonly activity: ActivityCounts;
  readonly gateway: Pick<Gateway, "name" | "generation">;
  readonly routes: readonly Route[];
  readonly members: readonly MemberView[];
  readonly connections: number;
  readonly sinceMs: number;
  readonly nowMs: number;
}

export function activityReport(parts: ActivityParts): ActivityReport {
  const { activity, gateway, routes, members, connections, sinceMs, nowMs } = parts;
  const known = new Set(routes.map(({ id }) => id));
  const others = activity.routeIds().filter((id) => !known.has(id));
  return {
    format: "causeway/activity/v1",
    at: new Date(nowMs).toISOString(),
    since: new Date(sinceMs).toISOString(),
    gateway: { name: gateway.name, generation: gateway.generation },
    connections,
    recentMinutes,
    routes: [
      ...routes.map((route) => routeActivity(route, activity)),
      ...others.map((id) => otherActivity(id, activity)),
    ],
    servers: members.map((member) => serverActivity(member, activity)),
    failures: activity
      .failures(nowMs)
      .map(({ cause, route, noServer, atMs, ...rest }) => ({
        ...rest,
        cause: cause ?? null,
        noServer: noServer ?? null,
        route: route ?? null,
        at: new Date(atMs).toISOString(),
      }))
      .sort((a, b) => b.recent - a.recent),
  };
}

const noRequests: RouteCounts = {
  requests: 0,
  statuses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, other: 0 },
  badGateways: 0,
  latency: [],
};

function routeActivity({ id, leadsTo, pair }: Route, activity: ActivityCounts): RouteActivity {
  return {
    route: id,
    pool: leadsTo.pool?.target?.name ?? null,
    setting: leadsTo.setting?.target?.name ?? null,
    leadsTo: pair !== undefined ? "pool" : leadsTo.redirect !== undefined ? "redirect" : "nothing",
    served: true,
    ...(activity.route(id) ?? noRequests),
  };
}

/** Of requests without route, and of routes that are not served any more. */
function otherActivity(id: string, activity: ActivityCounts): RouteActivity {
  return {
    route: id === "" ? null : id,
    pool: null,
    setting: null,
    leadsTo: "nothing",
    served: id === "",
    ...(activity.route(id) ?? noRequests),
  };
}

function serverActivity(view: MemberView, activity: ActivityCounts): ServerActivity {
  const state = memberState(view);
  const counts = state.address === null ? undefined : activity.server(state.pair, state.address);
  return { ...state, ...(counts ?? { attempts: 0, failed: 0, latency: [] }) };
}
