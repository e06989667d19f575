import type { RowReading } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { PairTraffic } from "../../facets.ts";
import { countOf, type Failures, pathsOf } from "../log-evidence.ts";

/** How long the paths that time out take when they are let: the longest, and which. */
export interface KnownNeed {
  readonly path: string;
  readonly longestS: number;
}

/**
 * Known only when every path that timed out was also served more slowly than the limit: before the limit was lowered,
 * or by another route to the same servers with a longer one.
 */
export function knownNeed(
  failures: readonly Failures[],
  all: readonly PairTraffic[],
  reading: RowReading,
): KnownNeed | undefined {
  let longest: KnownNeed | undefined;
  for (const { seen } of failures) {
    const paths = pathsOf(seen, [reading]);
    const named = paths.reduce((sum, { failed }) => sum + failed, 0);
    if (named < countOf(seen, [reading])) return undefined;
    const elsewhere = all.filter(({ pair }) => pair !== seen.pair && shareServers(pair, seen.pair));
    for (const { path } of paths) {
      const need = servedIn([seen, ...elsewhere], path);
      if (need === undefined || need.longestS <= seen.pair.setting.requestTimeoutS) return undefined;
      if (longest === undefined || need.longestS > longest.longestS) longest = need;
    }
  }
  return longest;
}

function servedIn(traffic: readonly PairTraffic[], path: string): KnownNeed | undefined {
  let longest: KnownNeed | undefined;
  for (const { observations } of traffic) {
    for (const { uris } of observations) {
      const longestS = uris.get(path)?.servedLatency?.maxS ?? 0;
      if (longestS > (longest?.longestS ?? 0)) longest = { path, longestS };
    }
  }
  return longest;
}

function shareServers(a: Pair, b: Pair): boolean {
  if (a.setting.port !== b.setting.port) return false;
  const addresses = new Set(a.servers.map(({ address }) => address));
  return b.servers.some(({ address }) => address !== undefined && addresses.has(address));
}
