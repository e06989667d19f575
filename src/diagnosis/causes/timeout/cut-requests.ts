import type { RowReading } from "../../../model/observations.ts";
import type { PairTraffic } from "../../facets.ts";
import { constantTime, fewestRows, isNear, latenciesOf, timesTakenOf } from "../log-evidence.ts";
import { publicCapS } from "./public-target.ts";

/** How requests of a pair ended that were left without an answer for long. */
export type Cut =
  /** At the setting's limit, once or, after a retry on another server, twice that. */
  | { readonly at: "limit"; readonly waitedS: number }
  /** At four minutes, which is below the limit. */
  | { readonly at: "four-minutes"; readonly waitedS: number }
  /** The server took no time, the way to it did. */
  | { readonly at: "network"; readonly waitedS: number }
  | { readonly at: "elsewhere"; readonly waitedS: number | undefined };

/** Below this share the rows have no common end. */
const leastConstant = 0.5;
/** A server that answered at all takes longer than this to be counted as slow. */
const noLatencyS = 0.1;
/** A way that takes less than this is no reason to complain. */
const longWayS = 1;

export function cutOf(seen: PairTraffic, reading: RowReading): Cut | undefined {
  const latencies = latenciesOf(seen, reading);
  if (latencies.length === 0) return undefined;
  const limitS = seen.pair.setting.requestTimeoutS;
  const constant = constantTime(latencies, leastConstant);
  const waitedS = constant?.seconds;
  if (latencies.every(({ minS, maxS }) => minS >= 0.95 * limitS && maxS <= 2.1 * limitS)) {
    return { at: "limit", waitedS: waitedS ?? limitS };
  }
  if (constant !== undefined && constant.count >= fewestRows && waitedS !== undefined) {
    if (isNear(waitedS, limitS) || isNear(waitedS, 2 * limitS)) return { at: "limit", waitedS };
    if (limitS > publicCapS && isNear(waitedS, publicCapS)) return { at: "four-minutes", waitedS };
  }
  return onTheWay(seen, reading) ?? { at: "elsewhere", waitedS };
}

function onTheWay(seen: PairTraffic, reading: RowReading): Cut | undefined {
  const taken = timesTakenOf(seen, reading);
  const slowWay = taken.length > 0 && taken.every(({ medianS }) => medianS >= longWayS);
  const quickServer = latenciesOf(seen, reading).every(({ p95S }) => p95S <= noLatencyS);
  return slowWay && quickServer ? { at: "network", waitedS: taken[0]?.medianS ?? longWayS } : undefined;
}
