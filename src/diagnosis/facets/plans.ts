import { type ProbePlan, planProbe, plansVaryByServer } from "../../health/probe-plan.ts";
import { planRequest, type RequestPlan } from "../../health/request-plan.ts";
import type { Switches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { Pair, Server } from "../../routing/routes.ts";
import type { Plans } from "../facets.ts";

export function plansOf({ generation }: Gateway, switches: Switches): Plans {
  const probes = new Map<Server | Pair, ProbePlan>();
  const requests = new Map<Server | Pair, RequestPlan>();
  const varying = new Map<Pair, boolean>();
  /** What a plan is remembered under: the server, or its whole pair when the plan is the same for all. */
  const holder = (server: Server): Server | Pair => {
    const { pair } = server;
    const varies = remembered(varying, pair, () => plansVaryByServer(generation, pair.setting, switches));
    return varies ? server : pair;
  };
  return {
    switches,
    probe: (server) =>
      remembered(probes, holder(server), () =>
        planProbe(generation, server.pair.setting, server.address, switches),
      ),
    request: (server) =>
      remembered(requests, holder(server), () =>
        planRequest(generation, server.pair.setting, server.address, switches),
      ),
  };
}

export function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
