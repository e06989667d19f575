import type { Case } from "../diagnosis/case.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import { facetsOf } from "../diagnosis/facets/build.ts";
import { plansOfFix } from "../diagnosis/fix-plans.ts";
import { judge } from "../diagnosis/judge.ts";
import { wantedExperiments } from "../diagnosis/wanted-experiments.ts";
import { exchangeOfProbe } from "../health/exchange.ts";
import { exchangeKey } from "../health/exchange-key.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Gateway } from "../model/gateway.ts";
import {
  type ExperimentBudget,
  type ExperimentsMade,
  type ExperimentToMake,
  makeExperiments,
} from "../probe/experiment/engine.ts";
import { listProbes } from "../probe/probe-list.ts";
import { listReplays, type NotReplayed } from "../probe/replay-list.ts";
import type { ProbeMeans } from "../probe/send-exchange.ts";
import { TimeLimit } from "../probe/time-limit.ts";
import { type RouteWithoutRequest, replayedRequests } from "../routing/replayed-requests.ts";
import type { ArrivingRequest } from "../routing/request-route.ts";
import { plannedRouterOf } from "../routing/rewrite/planned-router.ts";
import { wiringOf } from "../routing/routes.ts";
import type { LiveSession } from "./live-session.ts";

export interface InvestigationOptions {
  /** Requests to replay; routes that none of them takes get one that is made up. */
  readonly given: readonly ArrivingRequest[];
  /** Names of the fields that the given requests are sent with. */
  readonly clientFields: readonly string[];
  readonly budget: ExperimentBudget;
  /** What is being done, for people who wait. */
  readonly onStep: (step: string) => void;
}

/** What sending for one gateway came to; the exchanges themselves are in the session. */
export interface Investigation {
  readonly probes: number;
  readonly requests: number;
  readonly notReplayed: readonly NotReplayed[];
  readonly withoutRequest: readonly RouteWithoutRequest[];
  readonly experiments: ExperimentsMade;
  readonly fixesTried: number;
}

/**
 * Looks at one gateway from here: sends every server its probe and the requests of the routes it serves, makes the
 * experiments that tell the causes apart, and sends what the fixes found would send. Rejects with the signal's reason when
 * that is aborted; what was seen until then is in the session.
 */
export async function investigate(
  kase: Case,
  gateway: Gateway,
  session: LiveSession,
  options: InvestigationOptions,
  means: ProbeMeans,
): Promise<Investigation> {
  const { switches } = kase;
  const wiring = wiringOf(gateway);
  const everyone = () => true;
  const { probes } = listProbes(gateway.generation, wiring.routes, switches, everyone);
  const probePlans = probes.flatMap(({ server, plan }): Sent[] => {
    const exchange = exchangeOfProbe(gateway.generation, plan);
    return "notSent" in exchange || server.address === undefined
      ? []
      : [{ target: server.address, plan: exchange }];
  });
  const router = plannedRouterOf(gateway, wiring, switches);
  const fieldNames = fieldsPassedOn(options.clientFields);
  const given = options.given.map((client): ArrivingRequest => ({ ...client, fieldNames }));
  const traffic = replayedRequests(wiring.routes, router, given);
  const replayList = listReplays(gateway.generation, traffic, switches, everyone);
  options.onStep(`sending ${probePlans.length} probes and ${replayList.replays.length} requests`);
  const replays = replayList.replays.map(({ target, plan, uses }) => ({
    target,
    plan: uses.some(({ request }) => given.includes(request.client))
      ? { ...plan, clientFields: fieldNames }
      : plan,
  }));
  await sendAll([...probePlans, ...replays], session, means);
  return {
    probes: probePlans.length,
    requests: replayList.replays.length,
    notReplayed: replayList.notReplayed,
    withoutRequest: replayList.without,
    ...(await settle(kase, gateway, session, options, means)),
  };
}

/**
 * Makes the experiments that tell the causes apart of what the session has seen fail, and sends what the fixes found would
 * send. Rejects as `investigate` does.
 */
export async function settle(
  kase: Case,
  gateway: Gateway,
  session: LiveSession,
  options: Pick<InvestigationOptions, "budget" | "onStep">,
  means: ProbeMeans,
): Promise<Pick<Investigation, "experiments" | "fixesTried">> {
  using time = new TimeLimit(options.budget.durationMs, means.clock, means.signal);
  const trying = { kase, gateway, session, options, means, time };
  const first = await experiment(trying, options.budget);
  const fixesTried = await tryFixes(trying);
  // What went well with a fix is held against another try like any other experiment.
  const left = { ...options.budget, count: options.budget.count - first.made };
  const then = fixesTried === 0 ? undefined : await experiment(trying, left);
  const experiments = then === undefined ? first : { ...then, made: first.made + then.made };
  return { experiments, fixesTried };
}

/** Other names are not passed on by the gateway (request-handling.md §5). */
function fieldsPassedOn(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^[a-z0-9-]+$/.test(name));
}

interface Sent {
  readonly target: string;
  readonly plan: ExchangePlan;
}

/** The same to the same server goes out once: probe and request may ask alike. */
async function sendAll(plans: readonly Sent[], session: LiveSession, means: ProbeMeans): Promise<void> {
  const once = new Map(plans.map((one) => [`${one.plan.purpose} ${exchangeKey(one.target, one.plan)}`, one]));
  await Promise.all([...once.values()].map(({ target, plan }) => session.send(target, plan, means)));
}

/** The case with what was seen so far. */
function withSeen(kase: Case, session: LiveSession): Case {
  return { ...kase, observations: { ...kase.observations, live: [...session.exchanges] } };
}

/** What experiments and fixes share, their time too. */
interface Trying {
  readonly kase: Case;
  readonly gateway: Gateway;
  readonly session: LiveSession;
  readonly options: Pick<InvestigationOptions, "budget" | "onStep">;
  readonly means: ProbeMeans;
  readonly time: TimeLimit;
}

async function experiment(
  { kase, gateway, session, options: { onStep }, means, time }: Trying,
  budget: ExperimentBudget,
): Promise<ExperimentsMade> {
  const next = (): ExperimentToMake[] => {
    const judgement = judge(facetsOf(withSeen(kase, session), gateway));
    return wantedExperiments(judgement).flatMap(({ group, from, trial }): ExperimentToMake[] => {
      const { address } = from.server;
      const { plan, risk, costMs } = trial;
      return address === undefined ? [] : [{ group, target: address, plan, risk, costMs }];
    });
  };
  let made = 0;
  const send = ({ target, plan }: ExperimentToMake, signal: AbortSignal): Promise<boolean> => {
    made += 1;
    onStep(`experiment ${made}`);
    return session.send(target, plan, { ...means, signal });
  };
  return makeExperiments(next, budget, { send, time });
}

/** Fixes of roots are sent before they are offered; what one turns up may change the next. */
async function tryFixes({
  kase,
  gateway,
  session,
  options: { budget, onStep },
  means,
  time,
}: Trying): Promise<number> {
  if (budget.mode === "off" || time.leftMs === 0) return 0;
  time.throwIfAborted();
  const seen = withSeen(kase, session);
  const { findings, facets } = diagnose(seen, gateway);
  const roots = findings.filter(({ role }) => role === "root");
  const plans = roots.flatMap((finding) => plansOfFix(seen, gateway, facets, finding));
  const once = new Map(plans.map((one) => [exchangeKey(one.target, one.plan), one]));
  const chosen = [...once.values()].slice(0, budget.count);
  if (chosen.length > 0) onStep(`trying ${chosen.length} fixes`);
  const results = await Promise.all(
    chosen.map(({ target, plan }) =>
      time.within((signal) => session.send(target, plan, { ...means, signal })),
    ),
  );
  return results.filter((sent) => sent !== undefined).length;
}
