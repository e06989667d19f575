import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { pathNames } from "../log-evidence.ts";
import { isTooBig } from "./live-framing.ts";
import { refusedBy, refusedEvidence, refusedOnSignIn } from "./refused-answers.ts";
import { fromLog, type RefusedOrSeen } from "./refused-or-seen.ts";
import { isHarmless } from "./repeats.ts";
import {
  askedWords,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

const largerHeadBytes = 1024 * 1024;

export default defineCause({
  id: "http-header-too-big",
  title: "Response headers too big for the gateway",
  layer: "http",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: requestCauses,
  about: `The headers of some answers do not fit the gateway's buffer (32 KB are documented for requests), nearly always because
of many or large cookies. The gateway answers 502 although the server sent a good status; only signing in and pages near
it fail, and only for some users. The log can only suggest it. Live, headers of more than 66 KB are seen, which a larger
limit takes; those of signed-in users, whose cookies are not sent, have to be measured on the server.`,
  find: (facets) => [
    ...refusedBy(facets, refusedOnSignIn, "observed-possible").map(fromLog),
    ...seenLive(facets.live, isTooBig).map(
      (seen): Decision<RefusedOrSeen> => ({
        is: "found",
        key: keyOfSeen(seen),
        match: { by: "live", seen },
        affects: seen.affects,
        effect: seen.effect,
        basis: "observed-likely",
      }),
    ),
  ],
  trials: (_, failing) => largerTrials(failing),
  say: (match): Statement => {
    if (match.by === "live") return sayLive(match.seen);
    const { refused } = match;
    const { seen, count, rows, paths } = refused;
    return {
      summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} (${count} of ${rows} requests got 502): on sign-in paths that fits response headers that are too big`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: (match) => ({
    summary:
      match.by === "live"
        ? `Let the program behind pool ${match.seen.pair.pool.name} send fewer or smaller headers for ${askedWords(match.seen.exchanges[0])}, less than 32 KB together.`
        : `Measure the response headers of ${pathNames(match.refused.paths)} on the server itself, and make cookies fewer or smaller.`,
    changes: [],
    sideEffects: [],
  }),
});

/** How many header lines there may be is not told by a limit in bytes. */
function largerTrials(failing: Failing): Trial[] {
  const { plan, observation } = failing;
  if (!isTooBig(failing) || observation.http?.fault?.kind === "too-many-fields") return [];
  return [
    {
      what: "limit for headers",
      from: `${plan.manner.headBytes / 1024} KB`,
      to: `${largerHeadBytes / 1024} KB`,
      plan: { ...plan, manner: { ...plan.manner, headBytes: largerHeadBytes } },
      proof: "later",
      risk: isHarmless(plan.method) ? "safe" : "all",
      costMs: 300,
    },
  ];
}

function sayLive(seen: SeenLive): Statement {
  const [first] = seen.exchanges;
  const { who, s } = serversOfSeen(seen);
  return {
    summary: `${who} answer${s} ${askedWords(first)} with ${sizeWords(first)}: more than a gateway can be relied on to take`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}

function sizeWords({ plan, observation }: Failing): string {
  switch (observation.http?.fault?.kind) {
    case "line-too-long":
      return "a status line that is longer than 33 KB";
    case "field-too-long":
      return "a header that is longer than 33 KB";
    case "too-many-fields":
      return "more than 200 headers";
    default:
      return `headers of more than ${plan.manner.headBytes / 1024} KB`;
  }
}
