import type { Gateway } from "../../model/gateway.ts";
import { PathAnalyser } from "../../network/path-analysis.ts";
import { wiringOf } from "../../routing/routes.ts";
import type { Case } from "../case.ts";
import type { Facets } from "../facets.ts";
import { certificateReader } from "./certificates.ts";
import { healthOf } from "./health.ts";
import { hostsOf } from "./hosts.ts";
import { plansOf } from "./plans.ts";
import { namesOf, reachOf } from "./reach.ts";
import { servicesOf } from "./services.ts";
import { trafficOf } from "./traffic.ts";

/** The views of one gateway's case. Each is made when first read and remembered. */
export function facetsOf(kase: Case, gateway: Gateway): Facets {
  const { observations, switches, nowMs } = kase;
  const { network } = kase.model;
  const once = lazily();
  const analyser = (): PathAnalyser => once("analyser", () => new PathAnalyser(network));
  const facets: Facets = {
    gateway,
    gateways: kase.model.gateways,
    network,
    activities: observations.activities,
    clock: { nowMs },
    get wiring() {
      return once("wiring", () => wiringOf(gateway));
    },
    get plans() {
      return once("plans", () => plansOf(gateway, switches));
    },
    get names() {
      return once("names", () => namesOf(gateway, network, analyser(), facets.wiring));
    },
    get reach() {
      return once("reach", () => reachOf(gateway, analyser(), facets.wiring, facets.plans, facets.names));
    },
    get health() {
      return once("health", () => healthOf(gateway, facets.wiring, observations.healthReports));
    },
    get traffic() {
      return once("traffic", () => trafficOf(gateway, facets.wiring, observations.traffic));
    },
    get hosts() {
      return once("hosts", () => hostsOf(network, kase.model.gateways));
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

function lazily(): <T>(name: string, make: () => T) => T {
  const made = new Map<string, unknown>();
  return <T>(name: string, make: () => T): T => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
}
