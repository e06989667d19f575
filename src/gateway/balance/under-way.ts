import { TimerEntry } from "../timer-wheel.ts";
import type { UpstreamAttempt } from "../upstream/contract.ts";

/**
 * The attempts under way at one server of one pair, over all configurations that have it. Once it has left the pool it stands
 * on a wheel with the end of its drain time, when what is left of them is ended.
 */
export class UnderWay extends TimerEntry {
  readonly #attempts = new Set<UpstreamAttempt>();
  #drained = false;

  get size(): number {
    return this.#attempts.size;
  }

  began(attempt: UpstreamAttempt): void {
    this.#attempts.add(attempt);
    // A request that came before the server left may have waited for its body, or for another server, until now. Nobody
    // is told within the call that begins an attempt.
    if (this.#drained) setImmediate(() => attempt.drainOver());
  }

  ended(attempt: UpstreamAttempt): void {
    this.#attempts.delete(attempt);
  }

  /** The server is in the pool again. Whoever calls it has taken this off its wheel. */
  returned(): void {
    this.#drained = false;
  }

  override due(): void {
    this.#drained = true;
    for (const attempt of [...this.#attempts]) attempt.drainOver();
  }
}
