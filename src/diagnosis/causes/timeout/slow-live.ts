import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Decision } from "../../cause.ts";
import { flipOf, type Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Live, ReplayedRequest } from "../../live-evidence.ts";
import { evidence, exchangesEvidence, partId, settingSubject } from "../../statements.ts";
import { isHarmless } from "../http/repeats.ts";
import { askedWords, isRequest } from "../http/seen-live.ts";
import { seconds } from "../log-evidence.ts";

/** Requests that were replayed through one backend setting and not answered within its time-out. */
export interface SlowLive {
  readonly by: "live";
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly status: number;
  readonly requests: readonly [ReplayedRequest, ...ReplayedRequest[]];
  /** How long the slowest answer took that came when it was waited for; undefined = none came. */
  readonly neededS: number | undefined;
}

/** No experiment waits longer. */
const longestWaitMs = 120_000;

export function slowLive(
  { gateway, live }: Pick<Facets, "gateway" | "live">,
  status: number,
): Decision<SlowLive>[] {
  const slow = live.requests.filter(isSlow);
  return [...Map.groupBy(slow, ({ server }) => server.pair.setting)].flatMap(
    ([setting, all]): Decision<SlowLive>[] => {
      const needs = all.flatMap((request) => neededMs(live, request) ?? []);
      // A server whose probe fails too does not just need time: something else is wrong with it.
      const requests = needs.length > 0 ? all : all.filter(({ server }) => !isDown(live, server));
      const [first, ...rest] = requests;
      if (first === undefined) return [];
      const waitedFor = requests.some((request) => allWaits(live, request).every(({ made }) => made));
      return [
        {
          is: "found",
          key: `${setting.name}/live`,
          match: {
            by: "live",
            gateway,
            setting,
            status,
            requests: [first, ...rest],
            neededS: needs.length === 0 ? undefined : Math.max(...needs) / 1000,
          },
          affects: { routes: [...new Set(requests.map(({ route }) => route))] },
          effect: "impairs",
          basis: waitedFor ? "observed-likely" : "observed-possible",
          status,
        },
      ];
    },
  );
}

function isSlow({ outcome, kind }: ReplayedRequest): boolean {
  return outcome === "failing" && kind === "http-timed-out";
}

function isDown(live: Live, server: ReplayedRequest["server"]): boolean {
  return live.probe(server)?.outcome === "failing";
}

function neededMs(live: Live, request: ReplayedRequest): number | undefined {
  const http = flipOf(live, request, waits(request))?.after.observation.http;
  return http?.completeMs ?? http?.firstByteMs;
}

/** Longer waits, as trials. That none of them was long enough refutes nothing. */
export function longerTrials(live: Live, failing: Parameters<typeof isRequest>[0]): Trial[] {
  if (!isRequest(failing) || !isSlow(failing)) return [];
  const all = allWaits(live, failing);
  return all.every(({ made, helped }) => made && !helped) ? [] : all.map(({ trial }) => trial);
}

function allWaits(live: Live, request: ReplayedRequest) {
  return waits(request).map((trial) => {
    const after = live.outcome(request, trial.plan);
    return { trial, made: after !== undefined, helped: after?.outcome === "fine" };
  });
}

function waits({ plan }: ReplayedRequest): Trial[] {
  const limitMs = plan.timeoutMs;
  const steps = [Math.min(3 * limitMs, longestWaitMs), longestWaitMs].filter((step) => step > limitMs);
  return [...new Set(steps)].map((timeoutMs) => ({
    what: "time-out",
    from: seconds(limitMs / 1000),
    to: seconds(timeoutMs / 1000),
    plan: { ...plan, timeoutMs },
    proof: "fine",
    risk: isHarmless(plan.method) ? "safe" : "all",
    costMs: timeoutMs,
  }));
}

export function saySlowLive({ setting, status, requests, neededS }: SlowLive): Statement {
  const [first] = requests;
  const limit = setting.requestTimeoutS;
  const took = neededS === undefined ? "gets no answer in that time" : `needs ${seconds(neededS)}`;
  return {
    summary: `Backend setting ${setting.name} waits ${limit} s for an answer and ${askedWords(first)} ${took}: clients get ${status}`,
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(`requestTimeout is ${limit} s`, setting.source.at("requestTimeout")),
      ...exchangesEvidence(requests),
    ],
  };
}

export function fixSlowLive({ gateway, setting, requests, neededS }: SlowLive): FixProposal {
  const limit = setting.requestTimeoutS;
  // What was waited for is below the four minutes that public targets are given at most.
  const value = neededS === undefined ? limit : Math.ceil(1.5 * neededS);
  if (neededS === undefined || value <= limit) {
    return {
      summary: `Find out what ${askedWords(requests[0])} waits for on the servers of pool ${requests[0].server.pair.pool.name}; a longer time-out comes after that.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Raise requestTimeout of backend setting ${setting.name} from ${limit} s to ${value} s.`,
    changes: [
      {
        action: "set",
        resourceId: partId(gateway, setting.collection, setting),
        path: "requestTimeout",
        value,
      },
    ],
    sideEffects: [
      `Holds for everything that is routed through ${setting.name}: a server that hangs keeps its clients waiting up to ${value} s.`,
    ],
  };
}
