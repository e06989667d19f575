import type { Pair } from "../../../routing/routes.ts";
import type { Provocation } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { JudgedExchange } from "../../live-evidence.ts";
import { seconds } from "../log-evidence.ts";
import type { AfterIdle } from "./closed-connections.ts";
import { isHarmless } from "./repeats.ts";

/** Waits up to so long are harmless; a longer one holds a connection of the server for as long. */
const shortWaitMs = 10_000;
/** No pause that is longer is tried. */
const longestWaitMs = 120_000;

/** How a server treats a connection that is idle for the pause after which the log shows connections closed. */
export interface IdleSeen {
  readonly exchange: JudgedExchange;
  /** When the server closed it; undefined = it stayed open, and was of use again. */
  readonly closedAfterMs: number | undefined;
  /** It was closed at about the time that the log tells. */
  readonly agrees: boolean;
}

/**
 * The same request again on a connection that was idle for a little longer than the pause in the log. Undefined where
 * nothing goes well that could be asked twice, or the pause is too long.
 */
export function idleProvocation(live: Facets["live"], pair: Pair, after: AfterIdle): Provocation | undefined {
  const afterIdleMs = Math.ceil(1.1 * pauseMs(after) + 1000);
  if (afterIdleMs > longestWaitMs) return undefined;
  const from = pair.servers.map((server) => fineAt(live, server)).find((one) => one !== undefined);
  if (from === undefined) return undefined;
  return {
    from,
    trial: {
      what: "idle time",
      from: "none",
      to: seconds(afterIdleMs / 1000),
      plan: { ...from.plan, manner: { ...from.plan.manner, afterIdleMs } },
      proof: "fine",
      risk: afterIdleMs <= shortWaitMs ? "safe" : "all",
      costMs: afterIdleMs + 500,
    },
  };
}

export function idleSeen(live: Facets["live"], pair: Pair, after: AfterIdle): IdleSeen | undefined {
  const provocation = idleProvocation(live, pair, after);
  const exchange = provocation && live.outcome(provocation.from, provocation.trial.plan);
  const idle = exchange?.observation.http?.idle;
  if (exchange === undefined || idle === undefined || !idle.reusable) return undefined;
  const { closedAfterMs } = idle;
  // Long before, the gateway would have seen the end of the connection and not have used it.
  const agrees = closedAfterMs !== undefined && closedAfterMs >= 0.8 * pauseMs(after) - 1000;
  return { exchange, closedAfterMs, agrees };
}

function pauseMs({ aboutS, fromS }: AfterIdle): number {
  return (aboutS ?? fromS) * 1000;
}

/** A request that goes well, or else the probe. */
function fineAt(live: Facets["live"], server: Pair["servers"][number]): JudgedExchange | undefined {
  const probe = live.probe(server);
  const asked = [...live.requestsTo(server), ...(probe === undefined ? [] : [probe])];
  return asked.find(
    ({ outcome, status, plan }) => outcome === "fine" && status !== 101 && isHarmless(plan.method),
  );
}
