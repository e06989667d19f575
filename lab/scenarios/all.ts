import comingAndGoing from "./coming-and-going.ts";
import deployment from "./deployment.ts";
import dns from "./dns.ts";
import double from "./double.ts";
import egress from "./egress.ts";
import healthy from "./healthy.ts";
import http from "./http.ts";
import late from "./late.ts";
import lifecycle from "./lifecycle.ts";
import nsg from "./nsg.ts";
import platform from "./platform.ts";
import ports from "./ports.ts";
import probe from "./probe.ts";
import route from "./route.ts";
import type { Scenario } from "./scenario.ts";
import tcp from "./tcp.ts";
import timeout from "./timeout.ts";
import tls from "./tls.ts";
import wiring from "./wiring.ts";

/** Every scenario, by family, in the order of the alphabet. */
export const scenarios: readonly Scenario[] = [
  ...comingAndGoing,
  ...deployment,
  ...dns,
  ...double,
  ...egress,
  ...healthy,
  ...http,
  ...late,
  ...lifecycle,
  ...nsg,
  ...platform,
  ...ports,
  ...probe,
  ...route,
  ...tcp,
  ...timeout,
  ...tls,
  ...wiring,
];
