import type { AttemptFailureKind, LoggedExchange } from "../../model/attempt.ts";
import { recentMs } from "../../model/recent.ts";
import type { OwnAnswer, OwnFacts } from "./own-row.ts";

/** Of each route, server and failure. */
const MOST_ALIKE = 2;
const MOST_KINDS = 128;
const MOST_ANSWERS = 8192;
/** Of certificates that were refused. */
const MOST_CHAIN_BYTES = 4 * 1024 * 1024;

/** When what was last answered; of requests also when the last answer was below 500. */
interface Answered {
  readonly timeMs: number;
  readonly fineMs: number;
}

const never: Answered = { timeMs: Number.NEGATIVE_INFINITY, fineMs: Number.NEGATIVE_INFINITY };

/**
 * The newest failures in the rows of `causeway run`, and whether servers answered since. Bounded, whatever comes; rows may
 * come in any order, as each worker has a log of its own.
 */
export class OwnFailures {
  /** Newest last. */
  private readonly kept = new Map<string, LoggedExchange[]>();
  private chainBytes = 0;
  /** The one that was noted longest ago first. */
  private readonly answered = new Map<string, Answered>();
  /** No answer up to then is known to be the last. */
  private forgottenMs = Number.NEGATIVE_INFINITY;
  private lastMs = Number.NEGATIVE_INFINITY;

  take({ answer, failure }: OwnFacts): void {
    if (answer !== undefined) this.note(answer);
    if (failure !== undefined) this.keep(failure);
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
    const key = kindOf(exchange);
    const alike = this.kept.get(key) ?? [];
    alike.push(exchange);
    alike.sort((a, b) => a.timeMs - b.timeMs);
    this.chainBytes += chainBytesOf(exchange);
    if (alike.length > MOST_ALIKE) this.chainBytes -= chainBytesOf(alike.shift());
    this.kept.set(key, alike);
    while (this.kept.size > MOST_KINDS || this.chainBytes > MOST_CHAIN_BYTES) this.dropOldest();
  }

  private dropOldest(): void {
    const times = [...this.kept].map(([key, alike]) => ({ key, alike, timeMs: alike.at(-1)?.timeMs ?? 0 }));
    const oldest = times.reduce((a, b) => (b.timeMs < a.timeMs ? b : a));
    this.kept.delete(oldest.key);
    for (const one of oldest.alike) this.chainBytes -= chainBytesOf(one);
  }

  private note({ timeMs, route, server, method, target, fine }: OwnAnswer): void {
    this.lastMs = Math.max(this.lastMs, timeMs);
    const fineMs = fine ? timeMs : never.fineMs;
    for (const key of [routeKey(route), serverKey(server), requestKey(server, method, target)]) {
      const known = this.answered.get(key) ?? never;
      this.answered.delete(key);
      this.answered.set(key, {
        timeMs: Math.max(known.timeMs, timeMs),
        fineMs: Math.max(known.fineMs, fineMs),
      });
    }
    for (const [key, forgotten] of this.answered) {
      if (this.answered.size <= MOST_ANSWERS) break;
      this.answered.delete(key);
      this.forgottenMs = Math.max(this.forgottenMs, forgotten.timeMs);
    }
  }

  /**
   * What failed went well later, or that is not known any more. Times have whole seconds: what was answered within the same
   * second counts as later.
   */
  private isOver({ timeMs, route, method, target, attempts, answeredBy }: LoggedExchange): boolean {
    if (timeMs <= this.forgottenMs) return true;
    const request = (name: string): string => requestKey(name, method, target);
    return attempts.some(({ server, failure }, at) => {
      const names = [server, server.replace(/:\d+$/, "")];
      if (failure === undefined) {
        const isError = answeredBy !== undefined && at === attempts.length - 1;
        return isError && names.some((name) => this.lastOf(request(name)).fineMs >= timeMs);
      }
      // Only connections that had been idle fail so: that fresh ones are answered says nothing.
      if (failure.stale) return false;
      return keysOf(failure.kind, names, route, request).some((key) => this.lastOf(key).timeMs >= timeMs);
    });
  }

  private lastOf(key: string): Answered {
    return this.answered.get(key) ?? never;
  }
}

/** Rows without the chain that was refused, which stood in one before, must not take the place of those that have it. */
function kindOf({ route, attempts }: LoggedExchange): string {
  const last = attempts.at(-1);
  const { kind, chain } = last?.failure ?? {};
  return JSON.stringify([route, last?.server, kind ?? last?.status, chain !== undefined]);
}

function chainBytesOf(exchange: LoggedExchange | undefined): number {
  const chains = exchange?.attempts.flatMap(({ failure }) => failure?.chain ?? []) ?? [];
  return chains.reduce((sum, { length }) => sum + length, 0);
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
