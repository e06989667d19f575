import double from "./double.ts";
import healthy from "./healthy.ts";
import http from "./http.ts";
import lifecycle from "./lifecycle.ts";
import nsg from "./nsg.ts";
import probe from "./probe.ts";
import route from "./route.ts";
import type { Scenario } from "./scenario.ts";
import tcp from "./tcp.ts";

/** Every scenario, by family, in the order of the alphabet. */
export const scenarios: readonly Scenario[] = [
  ...double,
  ...healthy,
  ...http,
  ...lifecycle,
  ...nsg,
  ...probe,
  ...route,
  ...tcp,
];
