import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { makerFactsOf } from "../../health/answer-maker.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { Generation } from "../../model/gateway.ts";
import { emptyPools, isDefaultOfMap } from "../../routing/empty-pools.ts";
import type { Pair, Route, Wiring } from "../../routing/routes.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { causeOfFailure } from "./cause-of-failure.ts";
import { causeOfServerError } from "./cause-of-probe.ts";
import { type DocumentedCause, silentPhaseOf } from "./documented-cause.ts";

/** What causes are told by, of one configuration. */
export interface CauseWorld {
  readonly generation: Generation;
  readonly wiring: Pick<Wiring, "pairs">;
  /** What keeps the servers of a pair from being healthy. */
  readonly causeOfUnhealthy: (pair: Pair) => CauseId | undefined;
  readonly documented: DocumentedCause;
}

/** The cause of an ended exchange; undefined where nothing is wrong on the gateway's side, or nothing tells what. */
export type CauseOf = (record: ExchangeRecord) => CauseId | undefined;

export function causeTeller(world: CauseWorld): CauseOf {
  const { wiring, causeOfUnhealthy } = world;
  const emptyDefaults = new Set(
    emptyPools(wiring).flatMap(({ routes, onlyDefault }) => (onlyDefault ? routes : [])),
  );
  const ofNoServer = ({ route, noServer }: ExchangeRecord): CauseId | undefined => {
    if (noServer === "pool-empty") {
      return route !== undefined && emptyDefaults.has(route) ? "pathmap-default-empty" : "pool-empty";
    }
    return noServer === "none-healthy" && route?.pair !== undefined
      ? causeOfUnhealthy(route.pair)
      : undefined;
  };
  return (record) => {
    const { ending, attempts, backendError, noServer, route, status } = record;
    if (backendError) return causeOfBackendError(record);
    if (noServer !== undefined && noServer !== "all-tried") return ofNoServer(record);
    const by = ending.charCodeAt(0);
    if (by === operator) return "drain-too-short";
    // A connection that was carried: nothing tells why its server ended it.
    if (record.layer4 !== undefined && status < 500) return undefined;
    if (by === client || by === clientLate || by === limited) return undefined;
    if (ending === "sU") return "websocket";
    if (status === tooLarge) return undefined;
    const last = attempts.length === 0 ? undefined : attempts[attempts.length - 1];
    if (last?.failure !== undefined) return causeOfAttempt(last, record, world);
    return status >= 400 && attempts.length === 0 && route !== undefined ? causeOfNowhere(route) : undefined;
  };
}

function causeOfAttempt(
  { member, failure }: Attempt,
  { route, layer4 }: ExchangeRecord,
  { documented, generation }: CauseWorld,
): CauseId | undefined {
  if (failure === undefined) return undefined;
  const [phase, pairId] = [silentPhaseOf(failure.kind), route?.pair?.id];
  const known =
    phase === undefined || pairId === undefined ? undefined : documented({ pairId, address: member }, phase);
  return known ?? causeOfFailure(failure, generation, layer4 !== undefined);
}

const client = "C".charCodeAt(0);
const clientLate = "c".charCodeAt(0);
/** Of this machine and this process: nothing in the gateway's resources tells of it. */
const limited = "K".charCodeAt(0);
const operator = "O".charCodeAt(0);
const tooLarge = 413;

function causeOfBackendError({ status, answeredBy }: ExchangeRecord): CauseId {
  return causeOfServerError({ status, ...makerFactsOf(answeredBy) });
}

/** A route that leads neither to a pool nor to a redirect. */
function causeOfNowhere(route: Route): CauseId | undefined {
  const { pool, setting, redirect } = route.leadsTo;
  if (redirect !== undefined || route.pair !== undefined) return undefined;
  if (pool === undefined && setting === undefined) {
    return isDefaultOfMap(route) ? "pathmap-default-empty" : undefined;
  }
  return "reference-missing";
}
