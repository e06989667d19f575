import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { JudgedExchange } from "../../live-evidence.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { type BackendErrors, backendErrorsOf } from "../http/backend-errors.ts";
import { innerLimitMs, isSlowError } from "../http/live-errors.ts";
import { repeatsOf, repeatTrials } from "../http/repeats.ts";
import {
  askedWords,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "../http/seen-live.ts";
import { isDown, routesWith, rowEvidence, seconds, withoutLog } from "../log-evidence.ts";

type Match =
  | { readonly by: "log"; readonly errors: BackendErrors }
  | { readonly by: "live"; readonly seen: SeenLive; readonly repeats: readonly JudgedExchange[] };

export default defineCause({
  id: "timeout-inner",
  title: "Time-out behind the gateway, shorter than the gateway's own",
  layer: "timeout",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts", "live"],
  explainedBy: requestCauses,
  about: `Something in or behind the server (its web server, a proxy in front of the program, a database client) has a limit of
its own that is shorter than the gateway's \`requestTimeout\`, and answers 502, 503, 504 or 500 itself when that runs out. The
log has a status of the server and always the same latency, below the gateway's limit. Live, the same request is sent
three times and fails each time after the same time. The limits have to grow from the inside out.`,
  find: (facets) => {
    const { traffic, health } = facets;
    const decisions: Decision<Match>[] = [...withoutLog(facets), ...seenLimits(facets.live)];
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      for (const errors of backendErrorsOf(seen, facets)) {
        if (errors.innerLimitS === undefined) continue;
        decisions.push({
          is: "found",
          key: `${seen.pair.id}/${errors.status}`,
          match: { by: "log", errors },
          affects: { routes: routesWith(traffic, seen.pair, ["backend-error"]) },
          effect: "impairs",
          basis: "observed-likely",
          status: errors.status,
        });
      }
    }
    return decisions;
  },
  // Asking again is for comparing: no answer to it makes the failure go away.
  trials: ({ live }, failing) =>
    isSlowError(failing)
      ? repeatTrials(failing).filter(({ plan }) => live.outcome(failing, plan) === undefined)
      : [],
  say: (match): Statement => (match.by === "log" ? sayLog(match.errors) : sayLive(match)),
  fix: (match) => {
    const { pair } = match.by === "log" ? match.errors.seen : match.seen;
    const limitS = match.by === "log" ? (match.errors.innerLimitS ?? 0) : limitOf(match.seen);
    return {
      summary: `Raise the limit of about ${seconds(limitS)} in or behind the servers of pool ${pair.pool.name} (web server, proxy, database client), or make what waits for it faster.`,
      changes: [],
      sideEffects: [],
    };
  },
});

function seenLimits(live: Facets["live"]): Decision<Match>[] {
  const seen = seenLive(live, (failing) => innerLimitMs(live, failing) !== undefined);
  return seen.map((one): Decision<Match> => {
    const [first] = one.exchanges;
    const repeats = repeatsOf(live, first).made;
    return {
      is: "found",
      key: keyOfSeen(one),
      match: { by: "live", seen: one, repeats },
      affects: one.affects,
      effect: one.effect,
      // 504 says that somebody waited in vain; other errors may come from work that takes as long before it fails.
      basis: first.status === 504 && repeats.length > 0 ? "state" : "observed-likely",
      status: one.effect === "stops-probes" ? 502 : (first.status ?? 504),
    };
  });
}

function limitOf({ exchanges: [first] }: SeenLive): number {
  return (first.observation.http?.firstByteMs ?? 0) / 1000;
}

function sayLive({ seen, repeats }: Extract<Match, { by: "live" }>): Statement {
  const [first] = seen.exchanges;
  const { who, s } = serversOfSeen(seen);
  const when = repeats.length === 0 ? "when" : "each time";
  return {
    summary: `${who} give${s} up after ${seconds(limitOf(seen))} ${when} ${s === "s" ? "it is" : "they are"} asked for ${askedWords(first)} and answer${s} ${first.status}, before the ${first.plan.timeoutMs / 1000} s that the gateway waits are over`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: [
      ...seenLiveEvidence(seen),
      ...repeats.map(({ status, observation, source }) =>
        evidence(
          `asked again, it answered ${status} after ${seconds((observation.http?.firstByteMs ?? 0) / 1000)}`,
          source,
        ),
      ),
    ],
  };
}

function sayLog({ seen, status, count, rows, innerLimitS }: BackendErrors): Statement {
  return {
    summary: `Servers of pool ${seen.pair.pool.name} give up by themselves after ${seconds(innerLimitS ?? 0)} and answer ${status} (${count} of ${rows} requests), before the ${seen.pair.setting.requestTimeoutS} s of setting ${seen.pair.setting.name} are over`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: [
      ...rowEvidence(
        seen,
        ["backend-error"],
        (row) =>
          `${row.uri}: the server itself answered ${row.serverStatus} after ${row.serverLatencyS ?? row.timeTakenS} s; all ${count} such rows took about as long`,
      ),
      evidence(
        `requestTimeout is ${seen.pair.setting.requestTimeoutS} s`,
        seen.pair.setting.source.at("requestTimeout"),
      ),
    ],
  };
}
