import { performance } from "node:perf_hooks";
import { type Clock, systemClock } from "../probe/clock.ts";

let readMs = 0;
let isFresh = false;

const forget = (): void => {
  isFresh = false;
};

/**
 * `performance.now()`, read once in a turn of the event loop: an exchange asks a dozen times, mostly within one. It is never
 * older than the work of the turn itself, since the loop does not wait for anything before `forget`.
 */
export function loopNowMs(): number {
  if (isFresh) return readMs;
  readMs = performance.now();
  isFresh = true;
  setImmediate(forget);
  return readMs;
}

/** The clock of everything that happens to an exchange: one clock, so that no time is before the one it follows. */
export const loopClock: Clock = { ...systemClock, nowMs: loopNowMs };
