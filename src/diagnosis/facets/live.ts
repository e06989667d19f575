import { exchangeOfProbe } from "../../health/exchange.ts";
import { planExchange } from "../../health/live-request.ts";
import type { Switches } from "../../health/switches.ts";
import type { ClientRequest, ExchangePlan } from "../../model/exchange-plan.ts";
import type { LiveExchange } from "../../model/observations.ts";
import { clientsOf } from "../../routing/representative-client.ts";
import { arrivingAt, type Router } from "../../routing/request-route.ts";
import { plannedRouterOf } from "../../routing/rewrite/planned-router.ts";
import type { Route, Server } from "../../routing/routes.ts";
import type { JudgedExchange, Live, ReplayedRequest } from "../live-evidence.ts";
import { ExchangeJudge, type LiveWorld } from "./exchange-judge.ts";
import { LiveRecords } from "./live-records.ts";
import { remembered } from "./plans.ts";

/** Joins what was sent to the servers whose plans it carried out, and judges it by the gateway's rules. */
export function liveOf(world: LiveWorld, exchanges: readonly LiveExchange[]): Live {
  if (exchanges.length === 0) return nothingSent;
  const records = new LiveRecords(exchanges);
  const judge = new ExchangeJudge(world, records);
  const servers = world.wiring.pairs.flatMap((pair) => pair.servers);
  const known = new Map<Server, JudgedExchange | undefined>();
  const probeOf = (server: Server): JudgedExchange | undefined =>
    remembered(known, server, () => {
      const plan = exchangeOfProbe(world.gateway.generation, world.plans.probe(server));
      return "notSent" in plan ? undefined : judge.asked(server, plan, undefined);
    });
  const probes = servers.flatMap((server) => probeOf(server) ?? []);
  const requests = replayed(world, records, judge);
  const byRoute = Map.groupBy(requests, ({ route }) => route);
  const byServer = Map.groupBy(requests, ({ server }) => server);
  return {
    tried: probes.length > 0 || requests.length > 0,
    probe: probeOf,
    probes,
    requests,
    requestsOf: (route) => byRoute.get(route) ?? [],
    requestsTo: (server) => byServer.get(server) ?? [],
    failing: [...probes, ...requests].filter(({ outcome }) => outcome === "failing"),
    outcome: ({ server }, plan, reckoning) => judge.asked(server, plan, reckoning),
    sentTo: ({ address }) => (address === undefined ? [] : records.to(address)),
  };
}

const nothingSent: Live = {
  tried: false,
  probe: () => undefined,
  probes: [],
  requests: [],
  requestsOf: () => [],
  requestsTo: () => [],
  failing: [],
  outcome: () => undefined,
  sentTo: () => [],
};

/** Every client's request that was replayed, at every server of the route that it takes. */
function replayed(world: LiveWorld, records: LiveRecords, judge: ExchangeJudge): readonly ReplayedRequest[] {
  const clients = new Map<string, SentFor>();
  for (const { observation } of records.all) {
    const { client, clientFields } = observation.sent;
    if (client !== undefined) clients.set(JSON.stringify([client, clientFields]), { client, clientFields });
  }
  if (clients.size === 0) return [];
  const { switches } = world.plans;
  const router = plannedRouterOf(world.gateway, world.wiring, switches);
  const known = new Map<Route, ReadonlySet<string>>();
  const madeUpFor = (route: Route): ReadonlySet<string> =>
    remembered(known, route, () => {
      const found = clientsOf(route, router);
      return new Set(found.known ? found.clients.map(nameOf) : []);
    });
  return [...clients.values()].flatMap((sent) =>
    replaysOf(sent, router, switches, judge).map((replay) => ({
      ...replay,
      madeUp: madeUpFor(replay.route).has(nameOf(sent.client)),
    })),
  );
}

const nameOf = ({ method, scheme, host, path }: ClientRequest): string =>
  `${method} ${scheme}://${host}${path}`;

/** A client's request, and the names of the fields it was sent with. */
type SentFor = { readonly client: ClientRequest } & Pick<ExchangePlan, "clientFields">;

function replaysOf(
  { client, clientFields }: SentFor,
  router: Router,
  switches: Switches,
  judge: ExchangeJudge,
): readonly Omit<ReplayedRequest, "madeUp">[] {
  const taken = router.routeOf({ ...arrivingAt(client), fieldNames: clientFields });
  if (taken.to !== "backend") return [];
  const { route } = taken;
  return route.pair.servers.flatMap((server) => {
    const plan = planExchange(router.gateway.generation, taken, server.address, client, switches);
    if ("notSent" in plan) return [];
    const judged = judge.asked(server, { ...plan, clientFields }, undefined);
    return judged === undefined ? [] : [{ ...judged, route, client }];
  });
}
