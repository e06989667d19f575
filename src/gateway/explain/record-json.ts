import type { Attempt } from "../../model/attempt.ts";
import type { KeptExchange } from "./kept-exchange.ts";

/** A record as JSON, without queries and bytes of anybody's. */
export function recordJson(record: KeptExchange): Readonly<Record<string, unknown>> {
  const {
    route,
    listener,
    attempts,
    startedAtMs,
    originalTarget,
    target,
    configuration: _,
    ...rest
  } = record;
  return {
    ...rest,
    startedAt: new Date(startedAtMs).toISOString(),
    originalPath: originalTarget.replace(/\?.*$/s, ""),
    path: target.replace(/\?.*$/s, ""),
    listener: listener ?? null,
    route: route?.id ?? null,
    rule: route?.rule ?? null,
    pool: route?.pool ?? null,
    backendSetting: route?.setting ?? null,
    cause: record.cause ?? null,
    attempts: attempts.map(attemptJson),
  };
}

function attemptJson({ failure, ...attempt }: Attempt): Readonly<Record<string, unknown>> {
  if (failure === undefined) return { ...attempt, failure: null };
  const { chain: _, firstBytes: __, ...told } = failure;
  return { ...attempt, failure: told };
}
