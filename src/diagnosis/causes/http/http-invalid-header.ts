import { defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { listed, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { pathNames } from "../log-evidence.ts";
import { refusedBy, refusedElsewhere, refusedEvidence } from "./refused-answers.ts";

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
  find: (facets) => refusedBy(facets, refusedElsewhere, "observed-possible"),
  say: (refused): Statement => {
    const { seen, statuses, count, rows, paths } = refused;
    return {
      summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} although the server sent ${listed(statuses.map(String))}: ${count} of ${rows} requests got 502, which fits an answer that is not valid HTTP`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: ({ seen, paths }) => ({
    summary: `Look at the raw answer to ${pathNames(paths)} on a server of pool ${seen.pair.pool.name} (\`curl -sv --raw\`), and correct its headers.`,
    changes: [],
    sideEffects: [],
  }),
});
