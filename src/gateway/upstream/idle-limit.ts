/** Below this age a connection counts as just used, whatever is known of the server. */
const justUsedMs = 20;
/** A hint is given in whole seconds, and the server's clock began before ours. */
const hintMarginMs = 1_000;
const mostMarginMs = 2_000;
/** For how long one death is believed; twice as long for every further one at about that age. */
const believedMs = 10_000;
const longestBelievedMs = 300_000;
const mostDeaths = 5;

/**
 * How long connections to one server may be idle before they are no longer used: what the server says in `Keep-Alive`,
 * and the shortest age at which it ended one, less a margin. A single early death may have had another reason, such as a
 * restart, and is forgotten again unless more follow.
 */
export class IdleLimit {
  readonly #defaultMs: number;
  #hintMs = Number.POSITIVE_INFINITY;
  #shortestMs = Number.POSITIVE_INFINITY;
  #deaths = 0;
  #believedUntilMs = 0;
  /** The longest idle time after which a connection still served. */
  #provenMs = 0;

  constructor(defaultMs: number) {
    this.#defaultMs = defaultMs;
  }

  /** The `timeout` of a `Keep-Alive` field. */
  hint(seconds: number): void {
    const ms = seconds * 1000;
    this.#hintMs = ms - Math.min(hintMarginMs, ms / 2);
  }

  /** The server ended a connection that had been idle for so long. */
  died(ageMs: number, nowMs: number): void {
    this.#provenMs = Math.min(this.#provenMs, ageMs);
    if (nowMs > this.#believedUntilMs) this.#deaths = 0;
    else if (ageMs > this.#shortestMs * 1.25) return;
    const alike = this.#deaths > 0 && ageMs > this.#shortestMs * 0.75;
    this.#deaths = alike ? Math.min(this.#deaths + 1, mostDeaths) : 1;
    this.#shortestMs = this.#deaths > 1 ? Math.min(this.#shortestMs, ageMs) : ageMs;
    this.#believedUntilMs = nowMs + Math.min(believedMs * 2 ** (this.#deaths - 1), longestBelievedMs);
  }

  /** A connection that had been idle for so long carried an exchange. */
  lived(ageMs: number): void {
    if (ageMs > this.#provenMs) this.#provenMs = ageMs;
  }

  /** A connection that has been idle for longer is not used. */
  mostMs(nowMs: number): number {
    const learned =
      nowMs <= this.#believedUntilMs
        ? this.#shortestMs - Math.min(Math.max(this.#shortestMs / 5, 2), mostMarginMs)
        : Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(this.#defaultMs, this.#hintMs, learned));
  }

  /** The same for what must not be sent twice: far from any age at which the server might end it. */
  safeMs(nowMs: number): number {
    const mostMs = this.mostMs(nowMs);
    const known = Math.min(mostMs, Math.max(this.#provenMs, Number.isFinite(this.#hintMs) ? mostMs : 0));
    return Math.min(mostMs, Math.max(justUsedMs, known / 2));
  }
}
