import type { AttemptFailureKind, LoggedExchange } from "../../model/attempt-failure.ts";
import { recentMs } from "../../model/recent.ts";
import { type OwnAnswer, ownRowOf } from "./own-row.ts";

/** Of each route, server and failure. */
const MOST_ALIKE = 2;
const MOST_KINDS = 128;
const MOST_ANSWERS = 8192;

/**
 * The newest failures in the rows of `causeway run`, and whether servers answered since. Bounded, whatever comes; rows may
 * come in any order, as each worker has a log of its own.
 */
export class OwnFailures {
  /** Newest last. */
  private readonly kept = new Map<string, LoggedExchange[]>();
  /** When what was last answered, the one that was noted longest ago first. */
  private readonly answered = new Map<string, number>();
  /** No answer up to then is known to be the last. */
  private forgottenMs = Number.NEGATIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** False where the row's member `causeway` could not be read. */
  take(row: object, document: string, line: number): boolean {
    const own = ownRowOf(row, document, line);
    if (own?.tells === "answer") this.note(own.answer);
    else if (own?.tells === "failure" && own.exchange !== undefined) this.keep(own.exchange);
    return own?.tells !== "unreadable";
  }

  /** Those that still go on, in order of time; `lastMs` is the time of the last row of all logs. */
  result(lastMs: number): LoggedExchange[] {
    const sinceMs = Math.max(lastMs, this.lastMs) - recentMs;
    return [...this.kept.values()]
      .flat()
      .filter((one) => one.timeMs >= sinceMs && !this.isOver(one))
      .sort((a, b) => a.timeMs - b.timeMs);
  }

  private keep(exchange: LoggedExchange): void {
    this.lastMs = Math.max(this.lastMs, exchange.timeMs);
    const last = exchange.attempts.at(-1);
    const key = JSON.stringify([exchange.route, last?.server, last?.failure?.kind]);
    const alike = this.kept.get(key) ?? [];
    alike.push(exchange);
    alike.sort((a, b) => a.timeMs - b.timeMs);
    if (alike.length > MOST_ALIKE) alike.shift();
    this.kept.set(key, alike);
    if (this.kept.size > MOST_KINDS) this.dropOldest();
  }

  private dropOldest(): void {
    const times = [...this.kept].map(([key, alike]) => ({ key, timeMs: alike.at(-1)?.timeMs ?? 0 }));
    const oldest = times.reduce((a, b) => (b.timeMs < a.timeMs ? b : a));
    this.kept.delete(oldest.key);
  }

  private note({ timeMs, route, server, method, target }: OwnAnswer): void {
    this.lastMs = Math.max(this.lastMs, timeMs);
    for (const key of [routeKey(route), serverKey(server), requestKey(server, method, target)]) {
      const known = this.answered.get(key) ?? Number.NEGATIVE_INFINITY;
      this.answered.delete(key);
      this.answered.set(key, Math.max(known, timeMs));
    }
    for (const [key, forgotten] of this.answered) {
      if (this.answered.size <= MOST_ANSWERS) break;
      this.answered.delete(key);
      this.forgottenMs = Math.max(this.forgottenMs, forgotten);
    }
  }

  /**
   * What failed went well later, or that is not known any more. Times have whole seconds: what was answered within the same
   * second counts as later.
   */
  private isOver({ timeMs, route, method, target, attempts }: LoggedExchange): boolean {
    if (timeMs <= this.forgottenMs) return true;
    return attempts.some(({ server, failure }) => {
      // Only connections that had been idle fail so: that fresh ones are answered says nothing.
      if (failure === undefined || failure.stale) return false;
      const names = [server, server.replace(/:\d+$/, "")];
      const keys = keysOf(failure.kind, names, route, (name) => requestKey(name, method, target));
      return keys.some((key) => (this.answered.get(key) ?? Number.NEGATIVE_INFINITY) >= timeMs);
    });
  }
}

/** Whatever is answered shows that a server is reached; what it makes of one request only that request shows. */
function keysOf(
  kind: AttemptFailureKind,
  names: readonly string[],
  route: string,
  request: (name: string) => string,
): string[] {
  if (kind === "dns") return [routeKey(route)];
  return names.map(/^(connect|tls)-/.test(kind) ? serverKey : request);
}

const routeKey = (route: string): string => `route ${route}`;
const serverKey = (server: string): string => `server ${server.slice(0, 320)}`;
const requestKey = (server: string, method: string, target: string): string =>
  `request ${JSON.stringify([server, method, target]).slice(0, 2048)}`;
