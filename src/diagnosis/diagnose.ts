import type { Gateway } from "../model/gateway.ts";
import type { Case } from "./case.ts";
import { facetsOf } from "./facets/build.ts";
import type { Finding } from "./finding.ts";
import { tryingFix } from "./fix-trial.ts";
import { type Judged, type Judgement, judging } from "./judge.ts";
import { allSteps, type Steps } from "./steps.ts";
import { serversOf } from "./weigh.ts";

/** What one gateway's case comes to. */
export interface Diagnosis extends Omit<Judgement, "findings" | "facets"> {
  readonly gateway: Gateway;
  readonly findings: readonly Finding[];
  readonly facets: Judgement["facets"];
}

/** Each trial of a fix costs a whole diagnosis: how many servers may be judged again for all of them together. */
const trialBudgetServers = 400_000;

/** How many fixes are tried, roots first: 40, fewer for a gateway with thousands of servers, never less than three. */
function trialLimitOf({ facets }: Judgement): number {
  const servers = facets.wiring.pairs.reduce((sum, pair) => sum + pair.servers.length, 0);
  return Math.max(3, Math.min(40, Math.floor(trialBudgetServers / Math.max(1, servers))));
}

/** Diagnoses one gateway: judges the case, then tries the fix of every finding on a copy of it. */
export function diagnose(kase: Case, gateway: Gateway): Diagnosis {
  return allSteps(diagnosing(kase, gateway));
}

/** The same in steps: of the largest gateway it takes seconds. */
export function* diagnosing(kase: Case, gateway: Gateway): Steps<Diagnosis> {
  const judgement = yield* judging(facetsOf(kase, gateway));
  const trialLimit = trialLimitOf(judgement);
  let trials = 0;
  const findings: Finding[] = [];
  for (const judged of judgement.findings) {
    const { proposal: propose, ...finding } = judged;
    const azureMessage = azureMessageFor(judged, judgement);
    const proposal = propose();
    yield;
    if (proposal === undefined) findings.push({ ...finding, azureMessage, fix: undefined });
    else if (proposal.changes.length > 0 && trials >= trialLimit) {
      const reason = `not tried: only the ${trialLimit} most important fixes of so large a gateway are`;
      const fix = { ...proposal, verified: false, triedLive: false, reason };
      findings.push({ ...finding, azureMessage, fix });
    } else {
      trials++;
      const fix = yield* tryingFix(kase, gateway, judgement, judged, proposal);
      findings.push({ ...finding, azureMessage, fix });
    }
  }
  return { ...judgement, gateway, findings };
}

/** The text the portal shows for the first affected server that is not well. */
function azureMessageFor(judged: Judged, { facets }: Judgement): string | null {
  for (const server of serversOf(judged.affects)) {
    const seen = facets.health.of(server)?.observation;
    if (seen !== undefined && seen.health !== "healthy" && seen.log !== "") return seen.log;
  }
  return null;
}
