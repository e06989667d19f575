import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Affects, Statement } from "../../finding.ts";
import { poolSubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { requestCauses } from "../families.ts";
import {
  type Failures,
  failuresOf,
  isDown,
  routesWith,
  rowEvidence,
  seconds,
  withoutLog,
} from "../log-evidence.ts";
import { type Connect, connectEvidence, connectsTo } from "../tcp/connects.ts";
import { cutOf } from "./cut-requests.ts";

type Match =
  | { readonly by: "log"; readonly failures: Failures; readonly waitedS: number }
  | { readonly by: "live"; readonly pair: Pair; readonly late: readonly Connect[] };

export default defineCause({
  id: "timeout-network",
  title: "Time lost on the network, not in the backend",
  layer: "timeout",
  decidedBy: ["log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "live"],
  explainedBy: requestCauses,
  about: `The log says that the server took no time (\`serverResponseLatency\` about 0) while the whole request took long
(\`timeTaken\`), and the answer was 504. The time went on the way: an overloaded appliance, lost packets, replies that come
back another way. Live, every connection to the server comes about only once its first packet was repeated. Raising the
request time-out does not help; capture packets on the path.`,
  find: (facets) => [...inTheLog(facets), ...onEveryTry(facets)],
  say: (match, affects): Statement => (match.by === "log" ? sayLogged(match) : sayLive(match, affects)),
  fix: (match) => ({
    summary: `Look at the way to pool ${(match.by === "log" ? match.failures.seen.pair : match.pair).pool.name}: load of the appliances on it, lost packets, the way back.`,
    changes: [],
    sideEffects: [],
  }),
});

type Reads = Pick<Facets, "gateway" | "wiring" | "traffic" | "health" | "live">;

function inTheLog(facets: Reads): Decision<Match>[] {
  if (facets.gateway.generation !== "v2") return [];
  const decisions: Decision<Match>[] = withoutLog(facets);
  for (const seen of facets.traffic.pairs) {
    if (isDown(facets.health, seen.pair)) continue;
    const failures = failuresOf(seen, ["timeout-v2"]);
    const cut = failures && cutOf(seen, "timeout-v2");
    if (failures === undefined || cut?.at !== "network") continue;
    decisions.push({
      is: "found",
      key: seen.pair.id,
      match: { by: "log", failures, waitedS: cut.waitedS },
      affects: { routes: routesWith(facets.traffic, seen.pair, ["timeout-v2"]) },
      effect: "impairs",
      basis: "observed-possible",
      status: 504,
    });
  }
  return decisions;
}

/** Fewer may be single packets that were lost: to one server, and to all of a pair that are reached so. */
const fewestConnects = { server: 2, pair: 3 } as const;

/** Servers whose exchanges run out of time, and to whom no connection comes about without a repeated packet. */
function onEveryTry({ wiring, live }: Reads): Decision<Match>[] {
  return wiring.pairs.flatMap((pair): Decision<Match>[] => {
    const slow = pair.servers.flatMap((server) => {
      const late = connectsTo(live, server);
      const always =
        late.length >= fewestConnects.server && late.every(({ end }) => end === "late" || end === "silent");
      const some = late.some(({ end }) => end === "late");
      const fails = live.failing.some((one) => one.server === server && one.kind.endsWith("timed-out"));
      return always && some && fails ? [{ server, late }] : [];
    });
    const [first] = slow;
    const connects = slow.reduce((sum, { late }) => sum + late.length, 0);
    if (first === undefined || connects < fewestConnects.pair) return [];
    const servers = slow.map(({ server }) => server);
    // Probes may be given more time than requests.
    const down = servers.every((server) => live.probe(server)?.outcome === "failing");
    return [
      {
        is: "found",
        key: `${pair.id}/live`,
        match: { by: "live", pair, late: slow.flatMap(({ late }) => late) },
        affects: { servers },
        effect: down ? "stops" : "impairs",
        basis: "observed-likely",
      },
    ];
  });
}

function sayLogged({ failures: { seen, count, rows }, waitedS }: Match & { readonly by: "log" }): Statement {
  return {
    summary: `Requests to pool ${seen.pair.pool.name} lose about ${seconds(waitedS)} on the way: ${count} of ${rows} got 504 although the servers took no time`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: rowEvidence(
      seen,
      ["timeout-v2"],
      (row) =>
        `${row.httpStatus} for ${row.uri}: timeTaken ${row.timeTakenS} s, serverResponseLatency ${row.serverLatencyS} s`,
    ),
  };
}

function sayLive({ pair, late }: Match & { readonly by: "live" }, affects: Affects): Statement {
  return {
    summary: `Packets to ${serverNames(serversOf(affects))} of pool ${pair.pool.name} are lost on the way: none of ${late.length} connections came about without repeating the first one`,
    subjects: [poolSubject(pair.pool)],
    evidence: late.slice(0, 3).map(connectEvidence),
  };
}
