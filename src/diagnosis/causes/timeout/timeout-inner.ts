import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { type BackendErrors, backendErrorsOf } from "../http/backend-errors.ts";
import { isDown, routesWith, rowEvidence, seconds, withoutLog } from "../log-evidence.ts";

export default defineCause({
  id: "timeout-inner",
  title: "Time-out behind the gateway, shorter than the gateway's own",
  layer: "timeout",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts"],
  explainedBy: requestCauses,
  about: `Something in or behind the server (its web server, a proxy in front of the program, a database client) has a limit of
its own that is shorter than the gateway's \`requestTimeout\`, and answers 502, 503, 504 or 500 itself when that runs out. The
log has a status of the server and always the same latency, below the gateway's limit. The limits have to grow from the
inside out.`,
  find: (facets) => {
    const { traffic, health } = facets;
    const decisions: Decision<BackendErrors>[] = withoutLog(facets);
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      for (const errors of backendErrorsOf(seen, facets)) {
        if (errors.innerLimitS === undefined) continue;
        decisions.push({
          is: "found",
          key: `${seen.pair.id}/${errors.status}`,
          match: errors,
          affects: { routes: routesWith(traffic, seen.pair, ["backend-error"]) },
          effect: "impairs",
          basis: "observed-likely",
          status: errors.status,
        });
      }
    }
    return decisions;
  },
  say: ({ seen, status, count, rows, innerLimitS }): Statement => ({
    summary: `Servers of pool ${seen.pair.pool.name} give up by themselves after ${seconds(innerLimitS ?? 0)} and answer ${status} (${count} of ${rows} requests), before the ${seen.pair.setting.requestTimeoutS} s of setting ${seen.pair.setting.name} are over`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: [
      ...rowEvidence(
        seen,
        ["backend-error"],
        (row) =>
          `${row.uri}: the server itself answered ${row.serverStatus} after ${row.serverLatencyS ?? row.timeTakenS} s; all ${count} such rows took about as long`,
      ),
      evidence(
        `requestTimeout is ${seen.pair.setting.requestTimeoutS} s`,
        seen.pair.setting.source.at("requestTimeout"),
      ),
    ],
  }),
  fix: ({ seen, innerLimitS }) => ({
    summary: `Raise the limit of about ${seconds(innerLimitS ?? 0)} in or behind the servers of pool ${seen.pair.pool.name} (web server, proxy, database client), or make what waits for it faster.`,
    changes: [],
    sideEffects: [],
  }),
});
