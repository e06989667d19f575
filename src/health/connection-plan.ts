import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { BackendSetting, Generation } from "../model/gateway.ts";
import { exchangeOfRequest, type NotPlanned } from "./exchange.ts";
import { planRequest } from "./request-plan.ts";
import type { Switches } from "./switches.ts";

/** A client of layer 4 names no host. */
const nobody = { scheme: "https", host: "", path: "/", method: "GET" } as const;

/**
 * What the gateway opens towards one server for a client of layer 4 (request-handling.md §10). Nothing is asked on it. Where
 * the setting has no host, no name is sent, as probes of layer 4 have it: what the client named is the gateway's.
 */
export function planConnection(
  generation: Generation,
  setting: BackendSetting,
  address: string | undefined,
  switches: Switches,
): ExchangePlan | NotPlanned {
  const plan = planRequest(generation, setting, address, switches);
  const sent = exchangeOfRequest(generation, plan, nobody, { path: "/", rewrittenHost: undefined }, switches);
  if ("notSent" in sent) return sent;
  const { manner } = sent;
  return {
    ...sent,
    client: undefined,
    manner: { ...manner, proxyHeader: setting.enableL4ClientIpPreservation },
  };
}
