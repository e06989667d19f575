import { type Decision, defineCause } from "../../cause.ts";
import type { PairTraffic } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, settingSubject } from "../../statements.ts";
import {
  constantTime,
  countOf,
  routesWith,
  rowEvidence,
  rowsOf,
  seconds,
  timesTakenOf,
  withoutLog,
} from "../log-evidence.ts";

interface Match {
  readonly seen: PairTraffic;
  readonly count: number;
  readonly waitedS: number;
}

/** People close pages all the time: only many requests that end at one and the same time show a limit. */
const fewestClosed = 20;
const leastClosedShare = 0.01;
const leastConstant = 0.6;
/** A client that gives up sooner than this was not waiting for a slow answer. */
const shortestS = 1;

export default defineCause({
  id: "client-shorter",
  title: "Clients give up before the gateway does",
  layer: "timeout",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: [],
  about: `The client, or a proxy in front of the gateway, waits for less time than the gateway's \`requestTimeout\`. The log then
has 499 (0 on v1) at always the same time and the client saw its own time-out or the 504 of that proxy: no 502 of this
gateway, and nothing to repair in it. Listed because it is easily taken for one.`,
  find: (facets) => [
    ...withoutLog(facets),
    ...facets.traffic.pairs.flatMap((seen): Decision<Match>[] => {
      const count = countOf(seen, ["client-closed"]);
      if (count < fewestClosed || count < leastClosedShare * rowsOf(seen)) return [];
      const constant = constantTime(timesTakenOf(seen, "client-closed"), leastConstant);
      if (constant === undefined || constant.seconds < shortestS) return [];
      if (constant.seconds >= 0.95 * seen.pair.setting.requestTimeoutS) return [];
      return [
        {
          is: "found",
          key: seen.pair.id,
          match: { seen, count, waitedS: constant.seconds },
          affects: { routes: routesWith(facets.traffic, seen.pair, ["client-closed"]) },
          effect: "threatens",
          basis: "observed-possible",
        },
      ];
    }),
  ],
  say: ({ seen, count, waitedS }): Statement => ({
    summary: `Clients of pool ${seen.pair.pool.name} give up after about ${seconds(waitedS)} (${count} requests), before the ${seen.pair.setting.requestTimeoutS} s of setting ${seen.pair.setting.name}: what they then see is not from this gateway`,
    subjects: [settingSubject(seen.pair.setting)],
    evidence: [
      ...rowEvidence(
        seen,
        ["client-closed"],
        (row) => `${row.uri}: the client closed after ${row.timeTakenS} s (status ${row.httpStatus})`,
      ),
      evidence(
        `requestTimeout is ${seen.pair.setting.requestTimeoutS} s`,
        seen.pair.setting.source.at("requestTimeout"),
      ),
    ],
  }),
  fix: ({ waitedS }) => ({
    summary: `Let the client, or the proxy in front of the gateway, wait longer than ${seconds(waitedS)}, or make the answer faster.`,
    changes: [],
    sideEffects: [],
  }),
});
