import { judgeProbeChain, type ProbeTrust } from "../health/probe-chain.ts";
import { type ProbeVerdict, verdictOfProbe } from "../health/probe-verdict.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { SendLimiter } from "./limits.ts";
import type { PlannedProbe } from "./probe-list.ts";
import type { ProbeMeans } from "./send-exchange.ts";
import { type NotSent, sendProbe } from "./send-probe.ts";

/** What became of one planned probe. */
export type ProbeResult =
  | { readonly sent: true; readonly observation: ProbeObservation; readonly verdict: ProbeVerdict }
  | { readonly sent: false; readonly why: NotSent["notSent"] | "address-unknown" | "interrupted" };

export interface ProbeAllOptions {
  readonly fromAddress: string | undefined;
  /** What certificates are held against; undefined for a server that sends none. */
  readonly trustOf: (probe: PlannedProbe) => ProbeTrust;
  /** After each, how many there are results of. */
  readonly onResult: (done: number) => void;
}

/** A probe is one small request; the gateway itself has as many at once to a server as it has instances. */
const bounds = { total: 16, perServer: 2 } as const;

/**
 * Sends every probe of a list once, a bounded number at a time, and judges what came back. Results stand in the order of
 * the list. When the signal is aborted, what runs is given up and what waits is not sent: both are told as interrupted.
 * Rejects only when Causeway itself fails, after everything was ended.
 */
export async function probeAll(
  probes: readonly PlannedProbe[],
  options: ProbeAllOptions,
  means: ProbeMeans,
): Promise<readonly ProbeResult[]> {
  const limiter = new SendLimiter(bounds);
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(means.signal === undefined ? [] : [means.signal])]);
  let done = 0;
  const one = async (probe: PlannedProbe): Promise<ProbeResult> => {
    const result = await sendOne(probe, options, { ...means, signal }, limiter);
    done += 1;
    options.onResult(done);
    return result;
  };
  const outcomes = await Promise.allSettled(
    probes.map(async (probe) => {
      try {
        return await one(probe);
      } catch (error) {
        if (means.signal?.aborted) return { sent: false, why: "interrupted" } as const;
        failure.abort(error);
        throw error;
      }
    }),
  );
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw failure.signal.reason;
    return outcome.value;
  });
}

async function sendOne(
  probe: PlannedProbe,
  { fromAddress, trustOf }: ProbeAllOptions,
  means: ProbeMeans,
  limiter: SendLimiter,
): Promise<ProbeResult> {
  const { plan, generation } = probe;
  const { address: target } = probe.server;
  if (target === undefined) return { sent: false, why: "address-unknown" };
  const send = () => sendProbe({ plan, generation, target, fromAddress }, means);
  const observation = await limiter.run(target.toLowerCase(), send, means.signal);
  if ("notSent" in observation) return { sent: false, why: observation.notSent };
  const chain = observation.tls === undefined ? undefined : judgeProbeChain(observation, trustOf(probe));
  const verdict = verdictOfProbe(plan, observation, chain);
  return { sent: true, observation: withoutBody(observation), verdict };
}

/** It has been judged; there may be thousands of them, and nobody knows what they say. */
function withoutBody(observation: ProbeObservation): ProbeObservation {
  const { http } = observation;
  return http === undefined ? observation : { ...observation, http: { ...http, bodyBase64: "" } };
}
