import type { Attempt, ExchangeRecord } from "../exchange/exchange-record.ts";

/** A record as JSON: names in place of objects, and neither queries nor bytes of anybody's. */
export function recordJson(record: ExchangeRecord): Readonly<Record<string, unknown>> {
  const { route, listener, attempts, startedAtMs, originalTarget, target, ...rest } = record;
  return {
    ...rest,
    startedAt: new Date(startedAtMs).toISOString(),
    originalPath: originalTarget.replace(/\?.*$/s, ""),
    path: target.replace(/\?.*$/s, ""),
    listener: listener?.name ?? null,
    route: route?.id ?? null,
    rule: route?.rule.name ?? null,
    pool: route?.leadsTo.pool?.target?.name ?? null,
    backendSetting: route?.leadsTo.setting?.target?.name ?? null,
    cause: record.cause ?? null,
    attempts: attempts.map(attemptJson),
  };
}

function attemptJson({ failure, ...attempt }: Attempt): Readonly<Record<string, unknown>> {
  if (failure === undefined) return { ...attempt, failure: null };
  const { chain: _, firstBytes: __, ...told } = failure;
  return { ...attempt, failure: told };
}
