import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { isDown, pathNames, routesWith, withoutLog } from "../log-evidence.ts";
import { isSignInPath, type RefusedAnswers, refusedHeaders } from "./refused-answers.ts";

export default defineCause({
  id: "http-header-too-big",
  title: "Response headers too big for the gateway",
  layer: "http",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: requestCauses,
  about: `The headers of some answers do not fit the gateway's buffer (32 KB are documented for requests), nearly always because
of many or large cookies. The gateway answers 502 although the server sent a good status; only signing in and pages near
it fail, and only for some users. The log can only suggest it: the size of the headers has to be measured on the server.`,
  find: (facets) => {
    const decisions: Decision<RefusedAnswers>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) {
      const refused = isDown(facets.health, seen.pair) ? undefined : refusedHeaders(seen);
      if (refused === undefined || refused.paths.length === 0) continue;
      if (!refused.paths.every(isSignInPath)) continue;
      decisions.push({
        is: "found",
        key: seen.pair.id,
        match: refused,
        affects: { routes: routesWith(facets.traffic, seen.pair, ["gateway-error"]) },
        effect: "impairs",
        basis: "observed-possible",
      });
    }
    return decisions;
  },
  say: ({ seen, count, rows, paths, sample }): Statement => ({
    summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} (${count} of ${rows} requests got 502): on sign-in paths that fits response headers that are too big`,
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
  fix: ({ paths }) => ({
    summary: `Measure the response headers of ${pathNames(paths)} on the server itself, and make cookies fewer or smaller.`,
    changes: [],
    sideEffects: [],
  }),
});
