import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { pathNames } from "../log-evidence.ts";
import { isBodyWhereNone } from "./live-framing.ts";
import { refusedBodies, refusedBy, refusedEvidence } from "./refused-answers.ts";
import { fromLog, type RefusedOrSeen } from "./refused-or-seen.ts";
import {
  askedWords,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

export default defineCause({
  id: "http-204-body",
  title: "Backend sends a body where none may be (204, 304)",
  layer: "http",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: requestCauses,
  about: `The server answers 204 or 304, which must not have a body, and sends bytes or a wrong length after it. Clients that
talk to it directly put up with that; the gateway answers 502. The access log has 502 with a \`serverStatus\` of 204 or 304,
always on the same requests, while health is good. Live, the bytes behind such an answer are seen themselves. The
application has to send no body, or another status.`,
  find: (facets) => [
    ...refusedBy(facets, refusedBodies, "observed-likely").map(fromLog),
    ...seenLive(facets.live, isBodyWhereNone).map(
      (seen): Decision<RefusedOrSeen> => ({
        is: "found",
        key: keyOfSeen(seen),
        match: { by: "live", seen },
        affects: seen.affects,
        effect: seen.effect,
        // Probes may be more lenient than requests: where this was seen in the wild, health was good.
        basis: seen.effect === "stops-probes" ? "observed-likely" : "state",
      }),
    ),
  ],
  say: (match): Statement => {
    if (match.by === "live") return sayLive(match.seen);
    const { refused } = match;
    const { seen, statuses, count, rows, paths } = refused;
    return {
      summary: `Servers of pool ${seen.pair.pool.name} answer ${pathNames(paths)} with ${listed(statuses.map(String))} and something after it that must not be there: ${count} of ${rows} requests got 502`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: (match) => ({
    summary: `Let the application behind pool ${poolOf(match)} send no body with 204 and 304 for ${match.by === "live" ? askedWords(match.seen.exchanges[0]) : pathNames(match.refused.paths)}, or answer 200.`,
    changes: [],
    sideEffects: [],
  }),
});

function poolOf(match: RefusedOrSeen): string {
  return (match.by === "live" ? match.seen : match.refused.seen).pair.pool.name;
}

function sayLive(seen: SeenLive): Statement {
  const [first] = seen.exchanges;
  const { who, s } = serversOfSeen(seen);
  return {
    summary: `${who} answer${s} ${askedWords(first)} with ${first.observation.http?.status} and send${s} bytes behind it, where no body may be`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}
