import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { isDown, pathNames, routesWith, withoutLog } from "../log-evidence.ts";
import { isSignInPath, type RefusedAnswers, refusedHeaders } from "./refused-answers.ts";

export default defineCause({
  id: "http-invalid-header",
  title: "Backend's answer is not valid HTTP",
  layer: "http",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: requestCauses,
  about: `The server sends a status and then something the gateway may not pass on: \`Transfer-Encoding\` or \`Content-Length\` twice
or against each other, bytes that are not allowed in a header, more body than announced. Lenient clients accept it when
they talk to the server directly. The access log has 502 with a good \`serverStatus\`; look at the raw answer on the server.`,
  find: (facets) => {
    const decisions: Decision<RefusedAnswers>[] = withoutLog(facets);
    for (const seen of facets.traffic.pairs) {
      const refused = isDown(facets.health, seen.pair) ? undefined : refusedHeaders(seen);
      if (refused === undefined) continue;
      if (refused.paths.length > 0 && refused.paths.every(isSignInPath)) continue;
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
  say: ({ seen, statuses, count, rows, paths, sample }): Statement => ({
    summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} although the server sent ${listed(statuses.map(String))}: ${count} of ${rows} requests got 502, which fits an answer that is not valid HTTP`,
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
    summary: `Look at the raw answer to ${pathNames(paths)} on a server of pool ${seen.pair.pool.name} (\`curl -sv --raw\`), and correct its headers.`,
    changes: [],
    sideEffects: [],
  }),
});
