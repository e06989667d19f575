import { productWords, proxyBefore } from "../../../health/answer-maker.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { Failing, JudgedExchange, Live } from "../../live-evidence.ts";
import { repeatsOf } from "./repeats.ts";

/** Errors that servers themselves were seen to answer, and whose they are, as `backendErrorsOf` tells from the log. */

/** Quicker answers are errors, not time-outs. */
const shortestLimitMs = 1000;
/** How much times of one limit differ: by a share of it, and by what a way and busy machines take. */
const differ = { share: 0.05, ms: 400 } as const;
const innerStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** An answer of 5xx to a probe or a request. 501 refuses the method. */
export function errorStatusOf({ kind, status }: Failing): number | undefined {
  const answered = kind === "status" || kind === "backend-error";
  return answered && status !== undefined && status >= 500 && status !== 501 ? status : undefined;
}

export interface SeenProxy {
  readonly words: string;
  /** By its own page, or only by a field that also stands in what is merely passed on. */
  readonly surely: boolean;
}

/** The product that answers for what is behind it and got no good answer there. */
export function proxyOf(failing: Failing): SeenProxy | undefined {
  const { http } = failing.observation;
  if (http === undefined || errorStatusOf(failing) === undefined) return undefined;
  const maker = proxyBefore(http);
  return maker && { words: productWords(maker.product), surely: maker.by === "page" };
}

/** The vendor's log has the status alone; requests that were sent show whose page comes with it. */
export function isOfSeenProxy(live: Live, pair: Pair, status: number): boolean {
  return live.failing.some(
    (failing) => failing.server.pair === pair && failing.status === status && proxyOf(failing) !== undefined,
  );
}

/** Whether it may be that something behind the server gave up; asking again then tells. */
export function isSlowError(failing: Failing): boolean {
  const status = errorStatusOf(failing);
  const tookMs = waitedMs(failing);
  if (status === undefined || !innerStatuses.has(status)) return false;
  return tookMs >= shortestLimitMs && tookMs < 0.95 * failing.plan.timeoutMs;
}

/**
 * The same error after the same time, each time it was asked: how long that is; undefined = not so, or not yet seen. A
 * proxy's own page of 504 says itself that it waited in vain, as long as no other try says otherwise.
 */
export function innerLimitMs(live: Live, failing: Failing): number | undefined {
  if (!isSlowError(failing)) return undefined;
  const { made, always } = repeatsOf(live, failing);
  const limitMs = waitedMs(failing);
  if (made.length === 0 && failing.status === 504 && proxyOf(failing)?.surely === true) return limitMs;
  const atMostMs = Math.max(differ.share * limitMs, differ.ms);
  const constant = made.every(
    (again) => again.status === failing.status && Math.abs(waitedMs(again) - limitMs) <= atMostMs,
  );
  return always && constant ? limitMs : undefined;
}

/** From the request to the first byte of the answer: connecting is not the server's doing. */
function waitedMs({ observation: { http } }: JudgedExchange): number {
  if (http?.firstByteMs === undefined) return 0;
  return http.firstByteMs - (http.endedMs - http.tookMs);
}
