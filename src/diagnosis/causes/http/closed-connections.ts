import type { PairTraffic } from "../../facets.ts";
import { type Failures, failuresOf, fewestRows, latenciesOf } from "../log-evidence.ts";

/** Connections that servers closed on the gateway, and whether idleness before explains it. */
export interface ClosedConnections extends Failures {
  /** Set when the closings come after a pause: the race of keep-alive times. */
  readonly afterIdle: AfterIdle | undefined;
}

export interface AfterIdle {
  /** The pause after which connections were found closed: at least four in five failures come after one as long. */
  readonly fromS: number;
  /** Set when the pauses are all about as long: then this is the server's keep-alive time. */
  readonly aboutS: number | undefined;
  /** Requests that were served say what is usual: with few of them nothing can be compared. */
  readonly compared: boolean;
}

/** Times in the log are whole seconds: shorter pauses are noise. */
const shortestPauseS = 1;
/** A few failures among them may have another reason. */
const mostFailures = 0.8;
/** Requests that were served after such a pause: rare, or the pause is not the reason. */
const rarelyServed = 0.2;
/** A request that is answered by a reset fails at once; slower ones were cut while they ran. */
const atOnceS = 1;
const enoughServed = 10;

export function closedConnectionsOf(seen: PairTraffic): ClosedConnections | undefined {
  const failures = failuresOf(seen, ["upstream-closed"]);
  return failures && { ...failures, afterIdle: idleness(seen) };
}

function idleness(seen: PairTraffic): AfterIdle | undefined {
  if (latenciesOf(seen, "upstream-closed").some(({ medianS }) => medianS > atOnceS)) return undefined;
  const failed = seen.servers.flatMap(({ idleBeforeFailureS }) => idleBeforeFailureS).sort((a, b) => a - b);
  const served = seen.servers.flatMap(({ idleBeforeServedS }) => idleBeforeServedS);
  const paused = failed.filter((pause) => pause > shortestPauseS);
  if (paused.length < fewestRows || paused.length < mostFailures * failed.length) return undefined;
  const compared = served.length >= enoughServed;
  const shortest = paused[0] as number;
  const mostFrom = paused[Math.floor((1 - mostFailures) * paused.length)] as number;
  const fromS = rare(served, (pause) => pause >= shortest) ? shortest : mostFrom;
  const medianS = paused[Math.floor(paused.length / 2)] as number;
  const inBand = (pause: number): boolean => Math.abs(pause - medianS) <= Math.max(1, 0.1 * medianS);
  const cluster = paused.filter(inBand).length >= mostFailures * failed.length;
  if (cluster && rare(served, inBand)) return { fromS, aboutS: medianS, compared };
  return rare(served, (pause) => pause >= fromS) ? { fromS, aboutS: undefined, compared } : undefined;
}

function rare(served: readonly number[], like: (pause: number) => boolean): boolean {
  return served.filter(like).length <= rarelyServed * served.length;
}
