import { planConnection } from "../../health/connection-plan.ts";
import { planExchange } from "../../health/live-request.ts";
import type { Switches } from "../../health/switches.ts";
import type { ClientRequest } from "../../model/exchange-plan.ts";
import type { Listener } from "../../model/gateway.ts";
import type { LiveExchange } from "../../model/observations.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import { Source } from "../../model/source.ts";
import { arrivingAt, type Router } from "../../routing/request-route.ts";
import type { Pair, Server } from "../../routing/routes.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import type { BoardEntry } from "../health/health-board.ts";
import { observationOf } from "./attempt-observation.ts";

/** What of an exchange tells what its attempts saw. */
export type SeenExchange = Pick<
  ExchangeRecord,
  | "startedAtMs"
  | "listener"
  | "route"
  | "method"
  | "originalHost"
  | "originalTarget"
  | "attempts"
  | "answeredBy"
  | "layer4"
>;

/** What tells how requests are sent on by one configuration. */
export interface AttemptWorld {
  readonly router: Router;
  readonly switches: Switches;
}

/** What else is known of one configuration. */
export interface EvidenceWorld extends AttemptWorld {
  readonly pairs: readonly Pair[];
  readonly entryOf: (server: Server) => BoardEntry | undefined;
}

/**
 * Everything that was seen of an exchange: the last probes of its servers and, as they tell whether pool and setting are
 * each well with another partner, of the pairs that share one of them; then its attempts.
 */
export function evidenceOf(record: ExchangeRecord, world: EvidenceWorld): readonly LiveExchange[] {
  const { pair } = record.route ?? {};
  const servers = pair === undefined ? [] : withPartners(pair, world.pairs).flatMap((one) => one.servers);
  const probes = servers.flatMap((server) => world.entryOf(server)?.observation ?? []);
  return [...new Set(probes), ...attemptsOf(record, world)].map((observation, at) => ({
    source: new Source(`transaction ${record.transactionId}`, `observation ${at + 1}`, null),
    observation,
  }));
}

function withPartners(pair: Pair, all: readonly Pair[]): readonly Pair[] {
  const others = all.filter(
    (other) => other !== pair && (other.pool === pair.pool || other.setting === pair.setting),
  );
  return [pair, ...others];
}

/** What its attempts saw, each as if it had been sent to find out; none where the route it took is not known. */
export function attemptsOf(record: SeenExchange, world: AttemptWorld): ProbeObservation[] {
  return record.layer4 === undefined ? requestsOf(record, world) : connectionsOf(record, world);
}

function connectionsOf(record: SeenExchange, { router, switches }: AttemptWorld): ProbeObservation[] {
  const setting = record.route?.pair?.setting;
  if (setting === undefined) return [];
  return record.attempts.flatMap((attempt) => {
    const plan = planConnection(router.gateway.generation, setting, attempt.member, switches);
    return "notSent" in plan ? [] : (observationOf(attempt, plan, record) ?? []);
  });
}

function requestsOf(record: SeenExchange, { router, switches }: AttemptWorld): ProbeObservation[] {
  const client = clientOf(record);
  const taken = router.routeOf(arrivingAt(client));
  if (taken.to === "none" || taken.route.id !== record.route?.id) return [];
  return record.attempts.flatMap((attempt) => {
    const plan = planExchange(router.gateway.generation, taken, attempt.member, client, switches);
    return "notSent" in plan ? [] : (observationOf(attempt, plan, record) ?? []);
  });
}

/** The request with the port of the listener: on this machine the gateway may listen on another one. */
export function clientOf({
  listener,
  originalHost,
  originalTarget,
  method,
}: Pick<SeenExchange, "listener" | "originalHost" | "originalTarget" | "method">): ClientRequest {
  const secure = listener?.protocol === "Https";
  const name = originalHost.replace(/:\d*$/, "");
  const port = portOf(listener);
  const usual = port === undefined || port === (secure ? 443 : 80);
  return {
    scheme: secure ? "https" : "http",
    host: usual ? name : `${name}:${port}`,
    path: originalTarget,
    method,
  };
}

function portOf(listener: Listener | undefined): number | undefined {
  return listener?.frontendPort?.target?.port;
}
