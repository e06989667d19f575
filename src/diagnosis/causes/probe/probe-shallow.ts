import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { PairTraffic } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, poolSubject, probeSubject, settingSubject } from "../../statements.ts";
import { failuresOf, rowEvidence, withoutLog } from "../log-evidence.ts";

interface Match {
  readonly pair: Pair;
  readonly path: string;
  readonly seen: PairTraffic;
  readonly count: number;
  readonly rows: number;
  readonly paths: readonly string[];
}

/** From this share of requests on, a probe that notices nothing looks past the application. */
const largeShare = 0.5;

export default defineCause({
  id: "probe-shallow",
  title: "Probe stays green while the application fails",
  layer: "http",
  decidedBy: ["health", "log"],
  reads: ["gateway", "wiring", "plans", "health", "traffic"],
  explainedBy: [],
  about: `The probe asks for something that works even when the application does not: a static file, the start page of the web
server, another program. Servers stay Healthy and go on getting requests that they answer with errors of their own. The
fault is the application's; the probe only hides it, and keeps the gateway from sending requests to servers that are
better off.`,
  find: (facets) => {
    const { wiring, plans, health, traffic } = facets;
    const found = traffic.pairs.flatMap((seen): Decision<Match>[] => {
      const { pair } = seen;
      const { healthy, unhealthy } = health.pair(pair);
      const [server] = pair.servers;
      if (server === undefined || healthy === 0 || unhealthy > 0) return [];
      const failures = failuresOf(seen, ["backend-error"]);
      if (failures === undefined || failures.count < largeShare * failures.rows) return [];
      const path = plans.probe(server).path.value;
      if (path === undefined || failures.paths.includes(path)) return [];
      const { count, rows, paths } = failures;
      return [
        {
          is: "found",
          key: pair.id,
          match: { pair, path, seen, count, rows, paths },
          affects: { pairs: [pair] },
          effect: "threatens",
          basis: "observed-likely",
        },
      ];
    });
    const anyHealthy = wiring.pairs.some((pair) => health.pair(pair).healthy > 0);
    return [...found, ...(anyHealthy ? withoutLog(facets, (pair) => health.pair(pair).healthy > 0) : [])];
  },
  say: ({ pair, path, seen, count, rows, paths }): Statement => {
    const probe = pair.setting.probe?.target;
    return {
      summary: `Servers of pool ${pair.pool.name} are healthy by a probe for ${path} while they answer ${count} of ${rows} requests (${listed(paths)}) with an error`,
      subjects: [
        probe === undefined ? settingSubject(pair.setting) : probeSubject(probe),
        poolSubject(pair.pool),
      ],
      evidence: [
        evidence(`the probe asks for ${path}`, probe?.source.at("path") ?? pair.setting.source.at("probe")),
        ...rowEvidence(seen, ["backend-error"], ({ serverStatus, uri }) => `${uri} answered ${serverStatus}`),
      ],
    };
  },
  fix: ({ pair }) => ({
    summary: `Let the probe of setting ${pair.setting.name} ask for a page that needs what the requests need.`,
    changes: [],
    sideEffects: ["Servers are then taken out when that page fails: with none left clients get 502."],
  }),
});
