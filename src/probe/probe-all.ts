import { type JudgedProbe, type JudgingOptions, sendAndJudge, serverKey } from "./judged-probe.ts";
import { SendLimiter, sendBounds } from "./limits.ts";
import type { PlannedProbe } from "./probe-list.ts";
import type { ProbeMeans } from "./send-exchange.ts";

/** What became of one planned probe. */
export type ProbeResult = JudgedProbe | { readonly sent: false; readonly why: "interrupted" };

export interface ProbeAllOptions extends JudgingOptions {
  /** After each, how many there are results of. */
  readonly onResult: (done: number) => void;
}

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
  const limiter = new SendLimiter(sendBounds);
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(means.signal === undefined ? [] : [means.signal])]);
  let done = 0;
  const one = async (probe: PlannedProbe): Promise<ProbeResult> => {
    const send = () => sendAndJudge(probe, options, { ...means, signal });
    const result = await limiter.run(serverKey(probe), send, signal);
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
