import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import {
  type Failures,
  failuresOf,
  isDown,
  routesWith,
  rowEvidence,
  seconds,
  withoutLog,
} from "../log-evidence.ts";
import { cutOf } from "./cut-requests.ts";

interface Match {
  readonly failures: Failures;
  readonly waitedS: number;
}

export default defineCause({
  id: "timeout-network",
  title: "Time lost on the network, not in the backend",
  layer: "timeout",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: requestCauses,
  about: `The log says that the server took no time (\`serverResponseLatency\` about 0) while the whole request took long
(\`timeTaken\`), and the answer was 504. The time went on the way: an overloaded appliance, lost packets, replies that come
back another way. Raising the request time-out does not help; capture packets on the path.`,
  find: (facets) => {
    if (facets.gateway.generation !== "v2") return [];
    const decisions: Decision<Match>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) {
      if (isDown(facets.health, seen.pair)) continue;
      const failures = failuresOf(seen, ["timeout-v2"]);
      const cut = failures && cutOf(seen, "timeout-v2");
      if (failures === undefined || cut?.at !== "network") continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: { failures, waitedS: cut.waitedS },
        affects: { routes: routesWith(facets.traffic, seen.pair, ["timeout-v2"]) },
        effect: "impairs",
        basis: "observed-possible",
        status: 504,
      });
    }
    return decisions;
  },
  say: ({ failures: { seen, count, rows }, waitedS }): Statement => ({
    summary: `Requests to pool ${seen.pair.pool.name} lose about ${seconds(waitedS)} on the way: ${count} of ${rows} got 504 although the servers took no time`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: rowEvidence(
      seen,
      ["timeout-v2"],
      (row) =>
        `${row.httpStatus} for ${row.uri}: timeTaken ${row.timeTakenS} s, serverResponseLatency ${row.serverLatencyS} s`,
    ),
  }),
  fix: ({ failures: { seen } }) => ({
    summary: `Look at the way to pool ${seen.pair.pool.name}: load of the appliances on it, lost packets, the way back.`,
    changes: [],
    sideEffects: [],
  }),
});
