import type { AttemptFailure } from "../../model/attempt.ts";
import type { DrainCutObservation } from "../../model/observations.ts";
import { Source } from "../../model/source.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";

const drained: ReadonlySet<AttemptFailure["kind"]> = new Set(["response-drained", "relay-drained"]);

/** The attempts that were ended with the drain time of their server; on layer 4 no setting says how long that is. */
export function drainCutsOf({
  transactionId,
  route,
  layer4,
  attempts,
}: ExchangeRecord): readonly DrainCutObservation[] {
  const pair = route?.pair;
  if (pair === undefined || layer4 !== undefined) return [];
  return attempts.flatMap(({ failure, member, startedMs, endedMs }, index) => {
    if (failure === undefined || failure.nothingSent || !drained.has(failure.kind)) return [];
    return {
      source: new Source(`transaction ${transactionId}`, `attempt ${index + 1}`, null),
      poolId: pair.pool.id,
      settingId: pair.setting.id,
      address: member,
      ranS: (endedMs - startedMs) / 1000,
    };
  });
}
