import { messageMark } from "../../health/message.ts";
import type { ActivityObservation, HealthObservation, HealthReport } from "../../model/observations.ts";
import { Source } from "../../model/source.ts";
import type { Server } from "../../routing/routes.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { hasNoAddress } from "../health/backend-health.ts";
import { type BoardEntry, isProbed } from "../health/health-board.ts";

/** What an operator would have to export to see the same: a report on servers that no probe was sent to, and when the gateway was changed. */
export interface PendingEvidence {
  readonly healthReports: readonly HealthReport[];
  readonly activities: readonly ActivityObservation[];
}

/** Servers of one exchange that no probe had told anything of when it ended. */
export interface UntoldServers {
  /** Their first probe had not come back. */
  readonly pending: readonly Server[];
  /** The DNS servers that the gateway asks gave it no address. */
  readonly nameless: readonly Server[];
}

/** Which they are; `entryThen` = how they stood then. Whose address no document tells is never probed, and not among them. */
export function untoldServers(
  { cause, route }: ExchangeRecord,
  entryThen: (server: Server) => BoardEntry | undefined,
  isWatched: (server: Server) => boolean,
): UntoldServers {
  const servers = (route?.pair?.servers ?? []).filter(isWatched);
  return {
    pending: servers.filter(
      (server) => cause === "probe-first-success-pending" && !isProbed(entryThen(server)),
    ),
    nameless: servers.filter((server) => isNameless(entryThen(server))),
  };
}

/** Silence of DNS servers decides nothing for who asks from elsewhere; this is the gateway itself. */
function isNameless(entry: BoardEntry | undefined): boolean {
  // Without a cause it was this machine that could not ask.
  return hasNoAddress(entry) && entry?.state.last?.outcome === "undecided" && entry.cause !== undefined;
}

/** `servedSinceMs`: epoch milliseconds. */
export function pendingEvidence(
  { transactionId, route }: ExchangeRecord,
  gatewayId: string,
  { pending, nameless }: UntoldServers,
  servedSinceMs: number,
): PendingEvidence {
  const pair = route?.pair;
  if (pair === undefined || pending.length + nameless.length === 0)
    return { healthReports: [], activities: [] };
  const place = `transaction ${transactionId}`;
  const [poolId, settingId] = [pair.pool.id, pair.setting.id];
  const source = new Source(place, "servers without a probe", null);
  const entryFor =
    (log: string) =>
    ({ address = "", member }: Server): HealthObservation => ({
      ...{ source, poolId, settingId, address, health: "unknown", log },
      ipConfigurationId: member.ipConfiguration?.id,
    });
  const servers = [
    ...pending.map(entryFor("")),
    ...nameless.map(entryFor(`Its name has no address. ${messageMark("dns", undefined)}`)),
  ];
  const write: ActivityObservation = {
    source: new Source(place, "configuration served since", null),
    timeMs: servedSinceMs,
    operation: "microsoft.network/applicationgateways/write",
    resourceId: gatewayId,
    status: "Succeeded",
  };
  return {
    healthReports: [{ source, gatewayId, pairs: [{ poolId, settingId, source, servers }] }],
    activities: pending.length === 0 ? [] : [write],
  };
}
