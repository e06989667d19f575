import { setImmediate } from "node:timers/promises";
import type { Steps } from "../diagnosis/steps.ts";

/** So long requests may wait for it, or as long as one step takes. */
const turnMs = 10;

/** Takes the steps with pauses in which requests are served. `now` in milliseconds. */
export async function inTurns<T>(steps: Steps<T>, now: () => number = () => performance.now()): Promise<T> {
  let sinceMs = now();
  let step = steps.next();
  while (!step.done) {
    if (now() - sinceMs > turnMs) {
      await setImmediate();
      sinceMs = now();
    }
    step = steps.next();
  }
  return step.value;
}
