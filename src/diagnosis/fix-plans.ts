import { exchangeOfProbe } from "../health/exchange.ts";
import { planExchange } from "../health/live-request.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Gateway } from "../model/gateway.ts";
import { idKey } from "../model/resource.ts";
import { arrivingAt } from "../routing/request-route.ts";
import { plannedRouterOf } from "../routing/rewrite/planned-router.ts";
import type { Server } from "../routing/routes.ts";
import { affectedPlaces } from "./affected-places.ts";
import { isToGateway } from "./after-change.ts";
import type { Case } from "./case.ts";
import { facetsOf } from "./facets/build.ts";
import type { Facets } from "./facets.ts";
import type { Finding } from "./finding.ts";
import { modelAfter } from "./fix-trial.ts";

/** What a fix would send to a server that was sent something else before. */
export interface FixPlan {
  readonly target: string;
  readonly plan: ExchangePlan;
}

/** Servers of a finding at which its fix is tried: what helps one helps those that fail alike. */
const triedServers = 2;

/**
 * What the gateway would send after the fix of a finding and nobody has sent yet: to be sent before the fix is offered.
 * Only for changes to the gateway itself: after any other, the servers would have to be changed first.
 */
export function plansOfFix(
  kase: Case,
  gateway: Gateway,
  before: Facets,
  finding: Finding,
): readonly FixPlan[] {
  const { fix } = finding;
  if (fix === undefined || fix.changes.length === 0 || !fix.changes.every(isToGateway)) return [];
  const changed = modelAfter(kase, fix.changes);
  if ("refused" in changed) return [];
  const same = changed.model.gateways.find(({ id }) => idKey(id) === idKey(gateway.id));
  if (same === undefined) return [];
  const after = facetsOf({ ...kase, ...changed }, same);
  const places = affectedPlaces(finding.affects);
  const servers = after.wiring.pairs
    .flatMap((pair) => pair.servers)
    .filter(places.holds)
    .slice(0, triedServers);
  return servers.flatMap((server) => [...probeOf(server, after), ...requestsOf(server, before, after)]);
}

function probeOf(server: Server, { gateway, plans, live }: Facets): FixPlan[] {
  const plan = exchangeOfProbe(gateway.generation, plans.probe(server));
  if ("notSent" in plan || server.address === undefined || live.probe(server) !== undefined) return [];
  return [{ target: server.address, plan }];
}

/** The clients' requests that were replayed before, as they would go now. */
function requestsOf(server: Server, before: Facets, after: Facets): FixPlan[] {
  const { gateway, wiring, plans, live } = after;
  const target = server.address;
  if (target === undefined || before.live.requests.length === 0) return [];
  const router = plannedRouterOf(gateway, wiring, plans.switches);
  const clients = new Map(
    before.live.requests.map(({ client, plan: { clientFields } }) => [
      JSON.stringify([client, clientFields]),
      { client, clientFields },
    ]),
  );
  return [...clients.values()].flatMap(({ client, clientFields }): FixPlan[] => {
    const taken = router.routeOf({ ...arrivingAt(client), fieldNames: clientFields });
    if (taken.to !== "backend" || taken.route.pair !== server.pair) return [];
    const plan = planExchange(gateway.generation, taken, target, client, plans.switches);
    if ("notSent" in plan) return [];
    const known = live.requestsTo(server).some((request) => request.client === client);
    return known ? [] : [{ target, plan: { ...plan, clientFields } }];
  });
}
