import { exchangeOfProbe, type NotPlanned } from "../health/exchange.ts";
import type { ProbePlan } from "../health/probe-plan.ts";
import type { Generation } from "../model/gateway.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { type CannotSend, type ProbeMeans, sendExchange } from "./send-exchange.ts";

/** One plan and the server it is for. */
export interface ProbeToSend {
  readonly plan: ProbePlan;
  readonly generation: Generation;
  /** The pool member: a name or an address. */
  readonly target: string;
  readonly fromAddress: string | undefined;
}

/** Why nothing was sent. */
export type NotSent = NotPlanned | CannotSend;

/** Sends a probe as its plan says; see `sendExchange`. */
export async function sendProbe(probe: ProbeToSend, means: ProbeMeans): Promise<ProbeObservation | NotSent> {
  means.signal?.throwIfAborted();
  const { plan, generation, target, fromAddress } = probe;
  const exchange = exchangeOfProbe(generation, plan);
  if ("notSent" in exchange) return exchange;
  return sendExchange({ plan: exchange, target, fromAddress }, means);
}
