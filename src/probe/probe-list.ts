import { type ProbePlan, planProbe } from "../health/probe-plan.ts";
import type { Switches } from "../health/switches.ts";
import type { BackendSetting, Generation } from "../model/gateway.ts";
import { idKey } from "../model/resource.ts";
import type { Pair, Route, Server, Wiring } from "../routing/routes.ts";

/** One probe to one server, for every pair that would send the very same. */
export interface PlannedProbe {
  /** As the first of the pairs uses it; the others trust the same certificates in the same way. */
  readonly server: Server;
  readonly generation: Generation;
  readonly plan: ProbePlan;
  readonly pairs: readonly Pair[];
}

/** A route that leads to no server. */
export interface RouteWithoutServer {
  readonly route: Route;
  readonly why: "redirect" | "nothing-behind" | "pool-empty";
}

export interface ProbeList {
  readonly probes: readonly PlannedProbe[];
  readonly withoutServer: readonly RouteWithoutServer[];
}

/** Plans the probe of every server of these routes; what is the same for several pairs is planned to be sent once. */
export function listProbes(
  generation: Generation,
  routes: Wiring["routes"],
  switches: Switches,
  wanted: (server: Server) => boolean,
): ProbeList {
  const pairs = [...new Set(routes.flatMap(({ pair }) => pair ?? []))];
  const probes = new Map<string, PlannedProbe & { readonly pairs: Pair[] }>();
  for (const server of pairs.flatMap(({ servers }) => servers).filter(wanted)) {
    const { pair, address, member } = server;
    const plan = planProbe(generation, pair.setting, address, switches);
    const key = keyOf(address ?? idKey(member.ipConfiguration?.id ?? ""), plan, pair.setting);
    const known = probes.get(key);
    if (known === undefined) probes.set(key, { server, generation, plan, pairs: [pair] });
    else if (!known.pairs.includes(pair)) known.pairs.push(pair);
  }
  return { probes: [...probes.values()], withoutServer: routes.flatMap(serverless) };
}

function serverless(route: Route): readonly RouteWithoutServer[] {
  if (route.leadsTo.redirect !== undefined) return [{ route, why: "redirect" }];
  if (route.pair === undefined) return [{ route, why: "nothing-behind" }];
  return route.pair.servers.length === 0 ? [{ route, why: "pool-empty" }] : [];
}

/** Equal for probes that send the same and judge the answer alike. */
function keyOf(server: string, plan: ProbePlan, setting: BackendSetting): string {
  const certificates = [...setting.trustedRootCertificates, ...setting.authenticationCertificates];
  return JSON.stringify([
    server.toLowerCase(),
    [plan.kind, plan.protocol, plan.port.value, plan.host.value, plan.host.rejected],
    [
      plan.path.value,
      plan.sni.value,
      plan.timeoutS,
      plan.intervalS,
      plan.unhealthyThreshold,
      plan.minServers,
    ],
    [plan.healthyStatuses.value, plan.healthyBody.value],
    [setting.validateSni, setting.validateCertChainAndExpiry],
    certificates.map(({ id }) => idKey(id)).sort(),
  ]);
}
