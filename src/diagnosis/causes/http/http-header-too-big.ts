import { defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { pathNames } from "../log-evidence.ts";
import { refusedBy, refusedEvidence, refusedOnSignIn } from "./refused-answers.ts";

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
  find: (facets) => refusedBy(facets, refusedOnSignIn, "observed-possible"),
  say: (refused): Statement => {
    const { seen, count, rows, paths } = refused;
    return {
      summary: `The gateway refuses the answers of pool ${seen.pair.pool.name} to ${pathNames(paths)} (${count} of ${rows} requests got 502): on sign-in paths that fits response headers that are too big`,
      subjects: [poolSubject(seen.pair.pool)],
      evidence: refusedEvidence(refused),
    };
  },
  fix: ({ paths }) => ({
    summary: `Measure the response headers of ${pathNames(paths)} on the server itself, and make cookies fewer or smaller.`,
    changes: [],
    sideEffects: [],
  }),
});
