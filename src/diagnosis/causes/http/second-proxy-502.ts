import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { isDown, pathNames, routesWith, rowEvidence, withoutLog } from "../log-evidence.ts";
import { type BackendErrors, backendErrorsOf } from "./backend-errors.ts";

export default defineCause({
  id: "second-proxy-502",
  title: "A proxy behind the gateway answers 502 or 504",
  layer: "http",
  decidedBy: ["configuration", "log"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts"],
  explainedBy: [...requestCauses, "timeout-inner"],
  about: `The backend is itself a proxy: API Management, an ingress, Front Door, another application gateway. It could not reach
what stands behind it and answered 502 or 504, which this gateway passed on. The access log has that status in
\`serverStatus\`; the page and its \`Server\` header are the other product's. The search goes on there.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    const decisions: Decision<BackendErrors>[] = withoutLog(facets);
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      const { services, hosts } = facets;
      for (const errors of backendErrorsOf(seen, { gateway, services, hosts })) {
        if (errors.proxy === undefined || errors.innerLimitS !== undefined) continue;
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
  say: ({ seen, proxy, status, count, rows, paths }): Statement => ({
    summary: `The ${status} for ${pathNames(paths)} (${count} of ${rows} requests to pool ${seen.pair.pool.name}) comes from ${proxy}, which got no good answer from what is behind it`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: [
      ...rowEvidence(
        seen,
        ["backend-error"],
        (row) => `${row.uri}: ${row.serverRouted} answered ${row.serverStatus}`,
      ),
      evidence(
        `the servers of pool ${seen.pair.pool.name} are ${proxy}`,
        seen.pair.servers[0]?.member.source ?? seen.pair.pool.source,
      ),
    ],
  }),
  fix: ({ proxy, status }) => ({
    summary: `Find the reason of the ${status} in ${proxy}.`,
    changes: [],
    sideEffects: [],
  }),
});
