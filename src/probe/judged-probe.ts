import { judgeProbeChain, type ProbeTrust } from "../health/probe-chain.ts";
import { type ProbeVerdict, verdictOfProbe } from "../health/probe-verdict.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import type { PlannedProbe } from "./probe-list.ts";
import type { ProbeMeans } from "./send-exchange.ts";
import { type NotSent, sendProbe } from "./send-probe.ts";

/** What one probe came to. What is not sent once will never be: the documents are why. */
export type JudgedProbe =
  | { readonly sent: true; readonly observation: ProbeObservation; readonly verdict: ProbeVerdict }
  | { readonly sent: false; readonly why: NotSent["notSent"] | "address-unknown" };

export interface JudgingOptions {
  readonly fromAddress: string | undefined;
  /** What certificates are held against; asked only for a server that sends some. */
  readonly trustOf: (probe: Pick<PlannedProbe, "server" | "generation">) => ProbeTrust;
}

/** What `sendBounds` counts as one server. */
export function serverKey({ server }: PlannedProbe): string {
  return server.address?.toLowerCase() ?? "";
}

/** Sends one planned probe once and judges what came back. Rejects when the signal of the means is aborted. */
export async function sendAndJudge(
  probe: PlannedProbe,
  { fromAddress, trustOf }: JudgingOptions,
  means: ProbeMeans,
): Promise<JudgedProbe> {
  const { plan, generation } = probe;
  const { address: target } = probe.server;
  if (target === undefined) return { sent: false, why: "address-unknown" };
  const observation = await sendProbe({ plan, generation, target, fromAddress }, means);
  if ("notSent" in observation) return { sent: false, why: observation.notSent };
  const chain = observation.tls === undefined ? undefined : judgeProbeChain(observation, trustOf(probe));
  const verdict = verdictOfProbe(plan, observation, chain);
  return { sent: true, observation, verdict };
}
