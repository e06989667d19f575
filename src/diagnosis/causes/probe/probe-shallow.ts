import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import type { Evidence, Statement } from "../../finding.ts";
import { evidence, listed, poolSubject, probeSubject, sentWords, settingSubject } from "../../statements.ts";
import { failuresOf, rowEvidence, withoutLog } from "../log-evidence.ts";

interface Match {
  readonly pair: Pair;
  readonly path: string;
  readonly count: number;
  readonly rows: number;
  readonly paths: readonly string[];
  readonly evidence: readonly Evidence[];
}

type Reads = Pick<Facets, "plans" | "health" | "live">;

/** From this share of requests on, a probe that notices nothing looks past the application. */
const largeShare = 0.5;

export default defineCause({
  id: "probe-shallow",
  title: "Probe stays green while the application fails",
  layer: "http",
  decidedBy: ["health", "log", "live"],
  reads: ["gateway", "wiring", "plans", "health", "traffic", "live"],
  explainedBy: [],
  about: `The probe asks for something that works even when the application does not: a static file, the start page of the web
server, another program. Servers stay Healthy and go on getting requests that they answer with errors of their own. The
fault is the application's; the probe only hides it, and keeps the gateway from sending requests to servers that are
better off. Live, requests that were replayed to servers whose probe is fine show it. It is a risk beside the fault, never
the fault.`,
  find: (facets) => {
    const { wiring, health, live } = facets;
    const inLog = facets.traffic.pairs.flatMap((seen) => failingInLog(seen, facets));
    const told = new Set(inLog.map(({ pair }) => pair));
    const pairs = new Set(live.requests.map(({ server }) => server.pair));
    const replayed = [...pairs]
      .filter((pair) => !told.has(pair))
      .flatMap((pair) => failingLive(pair, facets));
    const found = [...inLog, ...replayed].map(
      (match): Decision<Match> => ({
        is: "found",
        key: match.pair.id,
        match,
        affects: { pairs: [match.pair] },
        effect: "threatens",
        basis: "observed-likely",
      }),
    );
    const open = (pair: Pair): boolean => health.pair(pair).healthy > 0 && !pairs.has(pair);
    return [...found, ...(wiring.pairs.some(open) ? withoutLog(facets, open) : [])];
  },
  say: ({ pair, path, count, rows, paths, evidence: shown }): Statement => {
    const probe = pair.setting.probe?.target;
    return {
      summary: `Servers of pool ${pair.pool.name} are healthy by a probe for ${path} while they answer ${count} of ${rows} requests (${listed(paths)}) with an error`,
      subjects: [
        probe === undefined ? settingSubject(pair.setting) : probeSubject(probe),
        poolSubject(pair.pool),
      ],
      evidence: [
        evidence(`the probe asks for ${path}`, probe?.source.at("path") ?? pair.setting.source.at("probe")),
        ...shown,
      ],
    };
  },
  fix: ({ pair }) => ({
    summary: `Let the probe of setting ${pair.setting.name} ask for a page that needs what the requests need.`,
    changes: [],
    sideEffects: ["Servers are then taken out when that page fails: with none left clients get 502."],
  }),
});

/** What the probe asks for, where every server that was probed is fine. */
function greenPath(pair: Pair, { plans, health }: Reads): string | undefined {
  const { healthy, unhealthy } = health.pair(pair);
  const [server] = pair.servers;
  return server === undefined || healthy === 0 || unhealthy > 0 ? undefined : plans.probe(server).path.value;
}

function failingInLog(seen: PairTraffic, facets: Reads): Match[] {
  const { pair } = seen;
  const path = greenPath(pair, facets);
  const failures = failuresOf(seen, ["backend-error"]);
  if (path === undefined || failures === undefined || failures.count < largeShare * failures.rows) return [];
  const { count, rows, paths } = failures;
  if (paths.includes(path)) return [];
  const shown = rowEvidence(
    seen,
    ["backend-error"],
    ({ serverStatus, uri }) => `${uri} answered ${serverStatus}`,
  );
  return [{ pair, path, count, rows, paths, evidence: shown }];
}

/** Replayed requests that the servers themselves answer with an error, for something else than the probe asks for. */
function failingLive(pair: Pair, facets: Reads): Match[] {
  const path = greenPath(pair, facets);
  const requests = pair.servers
    .flatMap((server) => facets.live.requestsTo(server))
    .filter(({ outcome }) => outcome !== "undecided");
  const failed = requests.filter(({ kind }) => kind === "backend-error");
  const [first] = failed;
  if (path === undefined || first === undefined || failed.length < largeShare * requests.length) return [];
  const paths = [...new Set(failed.flatMap(({ plan }) => plan.path ?? []))];
  if (paths.includes(path)) return [];
  const shown = [evidence(`${sentWords(first)}: ${first.says}`, first.source)];
  return [{ pair, path, count: failed.length, rows: requests.length, paths, evidence: shown }];
}
