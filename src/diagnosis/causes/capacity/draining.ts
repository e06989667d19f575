import { drainTimeS } from "../../../health/drain-time.ts";
import { fewestRows, latenciesOf } from "../log-evidence.ts";
import { changeBehind, type GapBursts, type PoolChange } from "./pool-changes.ts";

export interface DrainCut {
  readonly count: number;
  /** How long the requests that were cut had been running. */
  readonly shortestS: number;
  readonly longestS: number;
  readonly changes: readonly PoolChange[];
}

/** Connections closed at a change, all on requests that had been running for longer than draining lasts. */
export function cutWhileDraining(
  { seen, bursts }: GapBursts,
  changes: readonly PoolChange[],
): DrainCut | undefined {
  const drainS = drainTimeS(seen.pair.setting);
  const behind = bursts.map((burst) => changeBehind(burst, changes, drainS));
  if (behind.some((change) => change === undefined)) return undefined;
  const closedOnly = bursts.every(({ readings, failed }) => readings.get("upstream-closed") === failed);
  const latencies = latenciesOf(seen, "upstream-closed");
  const count = latencies.reduce((sum, one) => sum + one.count, 0);
  if (!closedOnly || count < fewestRows) return undefined;
  const shortestS = Math.min(...latencies.map(({ minS }) => minS));
  const longestS = Math.max(...latencies.map(({ maxS }) => maxS));
  if (shortestS < 0.9 * drainS) return undefined;
  return { count, shortestS, longestS, changes: [...new Set(behind.flatMap((change) => change ?? []))] };
}
