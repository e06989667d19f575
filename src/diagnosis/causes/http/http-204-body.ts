import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { isDown, pathNames, routesWith, withoutLog } from "../log-evidence.ts";
import { type RefusedAnswers, refusedBodies } from "./refused-answers.ts";

export default defineCause({
  id: "http-204-body",
  title: "Backend sends a body where none may be (204, 304)",
  layer: "http",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: requestCauses,
  about: `The server answers 204 or 304, which must not have a body, and sends bytes or a wrong length after it. Clients that
talk to it directly put up with that; the gateway answers 502. The access log has 502 with a \`serverStatus\` of 204 or 304,
always on the same requests, while health is good. The application has to send no body, or another status.`,
  find: (facets) => {
    const decisions: Decision<RefusedAnswers>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) {
      const refused = isDown(facets.health, seen.pair) ? undefined : refusedBodies(seen);
      if (refused === undefined) continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: refused,
        affects: { routes: routesWith(facets.traffic, seen.pair, ["gateway-error"]) },
        effect: "impairs",
        basis: "observed-likely",
      });
    }
    return decisions;
  },
  say: ({ seen, statuses, count, rows, paths, sample }): Statement => ({
    summary: `Servers of pool ${seen.pair.pool.name} answer ${pathNames(paths)} with ${listed(statuses.map(String))} and something after it that must not be there: ${count} of ${rows} requests got 502`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence:
      sample === undefined
        ? []
        : [
            evidence(`${sample.uri}: the server answered ${sample.serverStatus}, the client got 502`, {
              document: sample.document,
              pointer: `line ${sample.line}`,
            }),
          ],
  }),
  fix: ({ seen, paths }) => ({
    summary: `Let the application behind pool ${seen.pair.pool.name} send no body with 204 and 304 for ${pathNames(paths)}, or answer 200.`,
    changes: [],
    sideEffects: [],
  }),
});
