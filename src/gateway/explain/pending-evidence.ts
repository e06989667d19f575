import type { ActivityObservation, HealthObservation, HealthReport } from "../../model/observations.ts";
import { Source } from "../../model/source.ts";
import type { Server } from "../../routing/routes.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";

/** What an operator would have to export to see the same: a report without an answer yet, and when the gateway was changed. */
export interface PendingEvidence {
  readonly healthReports: readonly HealthReport[];
  readonly activities: readonly ActivityObservation[];
}

/** Of servers whose first probe had not come back when the exchange ended; `servedSinceMs`: epoch milliseconds. */
export function pendingEvidence(
  { transactionId, route }: ExchangeRecord,
  gatewayId: string,
  pending: readonly Server[],
  servedSinceMs: number,
): PendingEvidence {
  const pair = route?.pair;
  if (pair === undefined || pending.length === 0) return { healthReports: [], activities: [] };
  const place = `transaction ${transactionId}`;
  const [poolId, settingId] = [pair.pool.id, pair.setting.id];
  const source = new Source(place, "servers without a probe", null);
  const servers = pending.map(
    ({ address = "", member }): HealthObservation => ({
      ...{ source, poolId, settingId, address, health: "unknown", log: "" },
      ipConfigurationId: member.ipConfiguration?.id,
    }),
  );
  const write: ActivityObservation = {
    source: new Source(place, "configuration served since", null),
    timeMs: servedSinceMs,
    operation: "microsoft.network/applicationgateways/write",
    resourceId: gatewayId,
    status: "Succeeded",
  };
  return {
    healthReports: [{ source, gatewayId, pairs: [{ poolId, settingId, source, servers }] }],
    activities: [write],
  };
}
