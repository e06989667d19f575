import type { PreparedGateway } from "../config/prepared.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { ownText } from "./own-text.ts";

/**
 * A record that is kept: plain data, names in place of objects. So it keeps neither configurations nor the heads of
 * messages alive, and one process can tell it to another.
 */
export interface KeptExchange extends Omit<ExchangeRecord, "listener" | "route"> {
  /** Number of the configuration it was served with. */
  readonly configuration: number;
  readonly listener: string | undefined;
  /** Undefined when it took none. */
  readonly route: KeptRoute | undefined;
}

interface KeptRoute {
  readonly id: string;
  readonly rule: string;
  readonly pool: string | undefined;
  readonly setting: string | undefined;
}

export function keptOf(record: ExchangeRecord, configuration: number): KeptExchange {
  const { listener, route, answeredBy } = record;
  return {
    ...record,
    ...ownTexts(record),
    answeredBy: answeredBy && {
      server: answeredBy.server && ownText(answeredBy.server),
      via: answeredBy.via && ownText(answeredBy.via),
      pageOf: answeredBy.pageOf,
    },
    configuration,
    listener: listener?.name,
    route: route && {
      id: route.id,
      rule: route.rule.name,
      pool: route.leadsTo.pool?.target?.name,
      setting: route.leadsTo.setting?.target?.name,
    },
  };
}

/** Those that messages say. */
function ownTexts(record: ExchangeRecord) {
  return {
    method: ownText(record.method),
    originalHost: ownText(record.originalHost),
    host: ownText(record.host),
    originalTarget: ownText(record.originalTarget),
    target: ownText(record.target),
    userAgent: ownText(record.userAgent),
    contentType: ownText(record.contentType),
  };
}

/** The record as it was, given the configuration it was served with. */
export function recordOf(kept: KeptExchange, { gateway, wiring }: PreparedGateway): ExchangeRecord {
  const { configuration: _, ...rest } = kept;
  return {
    ...rest,
    listener: gateway.listeners.find(({ name }) => name === kept.listener),
    route: wiring.routes.find(({ id }) => id === kept.route?.id),
  };
}
