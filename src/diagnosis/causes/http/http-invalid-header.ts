import { type Decision, defineCause, type Undecided } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import type { Live } from "../../live-evidence.ts";
import { listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { serversAmong } from "../helped.ts";
import { pathNames } from "../log-evidence.ts";
import { faultWords, isBrokenAnswer, tolerable } from "./live-framing.ts";
import { refusedBy, refusedElsewhere, refusedEvidence } from "./refused-answers.ts";
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
  id: "http-invalid-header",
  title: "Backend's answer is not valid HTTP",
  layer: "http",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: requestCauses,
  about: `The server sends a status and then something the gateway may not pass on: \`Transfer-Encoding\` or \`Content-Length\` twice
or against each other, bytes that are not allowed in a header, more body than announced. Lenient clients accept it when
they talk to the server directly. The access log has 502 with a good \`serverStatus\`. Live, the fault is named with the
byte at which it stands; whether the gateway minds faults that common proxies put up with cannot be told from the answer
alone: then it stays undecided.`,
  find: (facets) => [
    ...refusedBy(facets, refusedElsewhere, "observed-possible").map(fromLog),
    ...seenLive(facets.live, isBrokenAnswer).map(
      (seen): Decision<RefusedOrSeen> => ({
        is: "found",
        key: keyOfSeen(seen),
        match: { by: "live", seen },
        affects: seen.affects,
        effect: seen.effect,
        basis: "state",
      }),
    ),
    ...untold(facets.live),
  ],
  say: (match): Statement => {
    if (match.by === "live") return sayLive(match.seen);
    const { refused } = match;
    const { seen, statuses, count, rows, paths } = refused;
    return {
      summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} although the server sent ${listed(statuses.map(String))}: ${count} of ${rows} requests got 502, which fits an answer that is not valid HTTP`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: (match) => ({
    summary:
      match.by === "live"
        ? `Let the program behind pool ${match.seen.pair.pool.name} answer ${askedWords(match.seen.exchanges[0])} without ${faultWords(match.seen.exchanges[0])}.`
        : `Look at the raw answer to ${pathNames(match.refused.paths)} on a server of pool ${match.refused.seen.pair.pool.name} (\`curl -sv --raw\`), and correct its headers.`,
    changes: [],
    sideEffects: [],
  }),
});

/** What the gateway may take or not: the answers of each pair that break such a rule. */
function untold(live: Live): Undecided[] {
  return [...Map.groupBy(tolerable(live), ({ server }) => server.pair)].map(([{ pool }, exchanges]) => ({
    is: "undecided",
    needs: {
      what: `whether the gateway puts up with what servers of pool ${pool.name} answer: ${exchanges.slice(0, 1).map(faultWords).join()}`,
      command: "causeway bypass URL PATH…, which asks through the gateway too",
    },
    affects: { servers: serversAmong(exchanges) },
  }));
}

function sayLive(seen: SeenLive): Statement {
  const [first] = seen.exchanges;
  const { who, s } = serversOfSeen(seen);
  return {
    summary: `${who} answer${s} ${askedWords(first)} with what is no valid HTTP: ${faultWords(first)}`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}
