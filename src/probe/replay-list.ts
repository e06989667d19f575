import type { NotPlanned } from "../health/exchange.ts";
import { exchangeKey } from "../health/exchange-key.ts";
import { planExchange, type Rewritten } from "../health/live-request.ts";
import type { Switches } from "../health/switches.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Generation } from "../model/gateway.ts";
import type { ReplayedRequests, RoutedRequest, RouteWithoutRequest } from "../routing/replayed-requests.ts";
import type { Server } from "../routing/routes.ts";

/** One request as it is sent on to one server. */
export interface ReplayUse {
  readonly server: Server;
  readonly request: RoutedRequest;
}

/** What is sent to one server, for every request and pair that would send the very same. */
export interface PlannedReplay {
  /** Name or address of the pool member. */
  readonly target: string;
  /** Under the longest of the times they give. */
  readonly plan: ExchangePlan;
  /** At least one. They may trust different certificates, so each is judged for itself. */
  readonly uses: readonly [ReplayUse, ...ReplayUse[]];
}

/** What a server is not sent, and why. */
export interface NotReplayed extends ReplayUse {
  readonly why: NotPlanned["notSent"] | Rewritten["notSent"] | "address-unknown";
  /** Empty where `why` says it all. */
  readonly detail: string;
}

export interface ReplayList {
  readonly replays: readonly PlannedReplay[];
  readonly notReplayed: readonly NotReplayed[];
  readonly without: readonly RouteWithoutRequest[];
}

type GrowingReplay = Omit<PlannedReplay, "uses"> & { uses: [ReplayUse, ...ReplayUse[]] };

/** Plans what every server gets for these requests; what is the same is planned to be sent once. */
export function listReplays(
  generation: Generation,
  { requests, without }: ReplayedRequests,
  switches: Switches,
  wanted: (server: Server) => boolean,
): ReplayList {
  const replays = new Map<string, GrowingReplay>();
  const notReplayed: NotReplayed[] = [];
  for (const request of requests) {
    for (const server of request.route.pair.servers.filter(wanted)) {
      const use: ReplayUse = { server, request };
      const { address } = server;
      if (address === undefined) {
        notReplayed.push({ ...use, why: "address-unknown", detail: "" });
        continue;
      }
      const plan = planExchange(generation, request, address, request.client, switches);
      if ("notSent" in plan) notReplayed.push({ ...use, why: plan.notSent, detail: plan.detail });
      else add(replays, address, plan, use);
    }
  }
  return { replays: [...replays.values()], notReplayed, without };
}

function add(replays: Map<string, GrowingReplay>, target: string, plan: ExchangePlan, use: ReplayUse): void {
  const key = exchangeKey(target, plan);
  const known = replays.get(key);
  if (known === undefined) {
    replays.set(key, { target, plan, uses: [use] });
    return;
  }
  known.uses.push(use);
  if (plan.timeoutMs > known.plan.timeoutMs) {
    replays.set(key, { ...known, plan: { ...known.plan, timeoutMs: plan.timeoutMs } });
  }
}
