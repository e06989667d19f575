import { type ProbePlan, planProbe } from "../../health/probe-plan.ts";
import { planRequest, type RequestPlan } from "../../health/request-plan.ts";
import type { Switches } from "../../health/switches.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { Server } from "../../routing/routes.ts";
import type { Plans } from "../facets.ts";

export function plansOf(gateway: Gateway, switches: Switches): Plans {
  const probes = new Map<Server, ProbePlan>();
  const requests = new Map<Server, RequestPlan>();
  return {
    switches,
    probe: (server) =>
      remembered(probes, server, () =>
        planProbe(gateway.generation, server.pair.setting, server.address, switches),
      ),
    request: (server) =>
      remembered(requests, server, () =>
        planRequest(gateway.generation, server.pair.setting, server.address, switches),
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
