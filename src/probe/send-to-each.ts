import { isIP } from "node:net";
import type { DnsPhase, ProbeObservation } from "../model/probe-observation.ts";
import { type CannotSend, type ExchangeToSend, type ProbeMeans, sendExchange } from "./send-exchange.ts";

/** More addresses than any honest name of a server has; what comes after is not sent to. */
const maxAddresses = 8;

/**
 * Sends a plan to every address of its server, to at most 8, so that one bad address among several is seen: one
 * observation each, in the order of the answer, all with the same DNS phase. A name is resolved once, and each address
 * then has the plan's whole time. One observation where there is one address, or none. Rejects only when the signal is
 * aborted, with its reason.
 */
export async function sendToEach(
  exchange: Omit<ExchangeToSend, "resolved">,
  means: ProbeMeans,
): Promise<readonly ProbeObservation[] | CannotSend> {
  means.signal?.throwIfAborted();
  const { plan, target } = exchange;
  const reachedElsewhere =
    plan.manner.connectTo !== undefined || means.mapping?.lookup(target, plan.port) !== undefined;
  if (reachedElsewhere || isIP(target) !== 0) return sendTo([undefined], exchange, means);
  const dns = await means.resolve(target, plan.timeoutMs, means.signal);
  const addresses = [...new Set(dns.used)].slice(0, maxAddresses);
  if (addresses.length === 0) return sendTo([undefined], exchange, { ...means, resolve: async () => dns });
  return sendTo(
    addresses.map((address) => ({ dns, address })),
    exchange,
    means,
  );
}

/** All at once: each is another server for all that is known. */
async function sendTo(
  places: readonly ({ readonly dns: DnsPhase; readonly address: string } | undefined)[],
  exchange: Omit<ExchangeToSend, "resolved">,
  means: ProbeMeans,
): Promise<readonly ProbeObservation[] | CannotSend> {
  const results = await Promise.all(places.map((resolved) => sendExchange({ ...exchange, resolved }, means)));
  const observations: ProbeObservation[] = [];
  for (const result of results) {
    if ("notSent" in result) return result;
    observations.push(result);
  }
  return observations;
}
