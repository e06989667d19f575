/** How slowly a client may send a body. */
export interface PaceLimits {
  /** The longest silence, and how long a body may take whatever its size. */
  readonly clientMs: number;
  /** On average over the whole body, beyond that time. */
  readonly bodyBytesPerS: number;
}

/**
 * How a body comes: it ends in time when no silence is too long and, beyond the time that every body has, its average is
 * fast enough. While the gateway itself takes no more, the clock stands.
 */
export class BodyPace {
  #sinceMs = 0;
  #bytes = 0;
  #pausedMs = 0;

  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    this.#pausedMs = 0;
  }

  took(bytes: number): void {
    this.#bytes += bytes;
  }

  pause(nowMs: number): void {
    this.#pausedMs = nowMs;
  }

  resume(nowMs: number): void {
    this.#sinceMs += nowMs - this.#pausedMs;
  }

  /** Until when more has to come. */
  dueMs(nowMs: number, { clientMs, bodyBytesPerS }: PaceLimits): number {
    const silenceMs = nowMs + clientMs;
    const paceMs = this.#sinceMs + clientMs + (this.#bytes / bodyBytesPerS) * 1000;
    return silenceMs < paceMs ? silenceMs : paceMs;
  }
}
