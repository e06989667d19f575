import type { Gateway } from "../../model/gateway.ts";
import { PathAnalyser } from "../../network/path-analysis.ts";
import { wiringOf } from "../../routing/routes.ts";
import type { Case } from "../case.ts";
import type { Facets } from "../facets.ts";
import { certificateReader } from "./certificates.ts";
import { healthOf } from "./health.ts";
import { hostsOf } from "./hosts.ts";
import { liveOf } from "./live.ts";
import { plansOf } from "./plans.ts";
import { namesOf, reachOf } from "./reach.ts";
import { servicesOf } from "./services.ts";
import { trafficOf } from "./traffic.ts";

/** The views that depend on the configuration alone. */
type ConfigurationFacets = Omit<Facets, "activities" | "clock" | "drainCuts" | "health" | "live" | "traffic">;

/** The views of one gateway's case. Each is made when first read and remembered. */
export function facetsOf(kase: Case, gateway: Gateway): Facets {
  return withObservations(configurationFacets(kase, gateway), kase);
}

/** The views of the same configuration beside other observations; what is known of the configuration is kept. */
export function withObservations(
  same: ConfigurationFacets,
  { observations, nowMs, wellKnownRoots }: Case,
): Facets {
  const once = lazily();
  const own: Pick<Facets, "activities" | "clock" | "drainCuts" | "health" | "live" | "traffic"> = {
    activities: observations.activities,
    drainCuts: observations.drainCuts ?? [],
    clock: { nowMs },
    get health() {
      return once("health", () =>
        healthOf(same.gateway, same.wiring, observations.healthReports, own.live.probes),
      );
    },
    get live() {
      return once("live", () => liveOf({ ...picked(same), wellKnownRoots }, observations.live));
    },
    get traffic() {
      return once("traffic", () => trafficOf(same.gateway, same.wiring, observations.traffic));
    },
  };
  return Object.create(same, Object.getOwnPropertyDescriptors(own)) as Facets;
}

function configurationFacets(kase: Case, gateway: Gateway): ConfigurationFacets {
  const { network, gateways } = kase.model;
  const once = lazily();
  const analyser = (): PathAnalyser => once("analyser", () => new PathAnalyser(network));
  const facets: ConfigurationFacets = {
    gateway,
    gateways,
    network,
    get wiring() {
      return once("wiring", () => wiringOf(gateway));
    },
    get plans() {
      return once("plans", () => plansOf(gateway, kase.switches));
    },
    get names() {
      return once("names", () => namesOf(gateway, network, analyser(), facets.wiring));
    },
    get reach() {
      return once("reach", () => reachOf(gateway, analyser(), facets.wiring, facets.plans, facets.names));
    },
    get hosts() {
      return once("hosts", () => hostsOf(network, gateways));
    },
    get services() {
      return once("services", () => servicesOf(network, facets.hosts));
    },
    get certificates() {
      return once("certificates", certificateReader);
    },
  };
  return facets;
}

/** Read now: an object of getters does not spread. */
function picked({ gateway, wiring, plans, services }: ConfigurationFacets) {
  return { gateway, wiring, plans, services };
}

function lazily(): <T>(name: string, make: () => T) => T {
  const made = new Map<string, unknown>();
  return <T>(name: string, make: () => T): T => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
}
