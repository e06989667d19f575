import { asRecorded } from "../documents/observations/recording.ts";
import type { ExperimentMode } from "../gateway/admin/admin-api.ts";
import type { ExchangeRecord } from "../gateway/exchange/exchange-record.ts";
import { clientOf } from "../gateway/explain/evidence.ts";
import { settle } from "../live/investigate.ts";
import { LiveSession } from "../live/live-session.ts";
import type { LiveExchange } from "../model/observations.ts";
import type { ProbeMeans } from "../probe/send-exchange.ts";
import type { Question } from "./explain-exchange.ts";

/** For all experiments on one exchange; somebody waits for the answer. */
const limits = { count: 40, durationMs: 120_000 };

/**
 * What `diagnose --live` does after it has seen something fail, for one exchange of the running gateway: the experiments
 * that tell its causes apart, and what the fixes would send. Gives all that was seen, before and now.
 */
export async function experimentOnExchange(
  record: ExchangeRecord,
  { kase, gateway, seen }: Pick<Question, "kase" | "gateway" | "seen">,
  mode: ExperimentMode,
  means: ProbeMeans,
): Promise<readonly LiveExchange[]> {
  const session = new LiveSession(
    {
      fromAddress: undefined,
      document: `transaction ${record.transactionId}`,
      keep: asRecorded,
      given: [clientOf(record)],
      onExchange: () => {},
    },
    seen.map(({ source, observation }) => ({ source, observation: asRecorded(observation) })),
  );
  await settle(kase, gateway, session, { budget: { mode, ...limits }, onStep: () => {} }, means);
  return session.exchanges;
}
