import { defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { pathNames } from "../log-evidence.ts";
import { refusedBodies, refusedBy, refusedEvidence } from "./refused-answers.ts";

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
  find: (facets) => refusedBy(facets, refusedBodies, "observed-likely"),
  say: (refused): Statement => {
    const { seen, statuses, count, rows, paths } = refused;
    return {
      summary: `Servers of pool ${seen.pair.pool.name} answer ${pathNames(paths)} with ${listed(statuses.map(String))} and something after it that must not be there: ${count} of ${rows} requests got 502`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: ({ seen, paths }) => ({
    summary: `Let the application behind pool ${seen.pair.pool.name} send no body with 204 and 304 for ${pathNames(paths)}, or answer 200.`,
    changes: [],
    sideEffects: [],
  }),
});
