import { isIP } from "node:net";
import type { AttemptFailure } from "../../model/attempt.ts";
import type { Clock } from "../../probe/clock.ts";
import { CallbackTimer } from "../callback-timer.ts";
import { idempotentMethods } from "../exchange/idempotent.ts";
import type { TimerWheel } from "../timer-wheel.ts";
import type { AddressBook } from "./address-book.ts";
import { type AttemptHost, ServerAttempt } from "./attempt.ts";
import { type ConnectionKeeper, ServerConnection } from "./connection.ts";
import type {
  AttemptManner,
  ForwardedRequest,
  ResponseTaker,
  Upstream,
  UpstreamAttempt,
} from "./contract.ts";
import { FirstBytes } from "./first-bytes.ts";
import { IdleLimit } from "./idle-limit.ts";
import { IdlePool } from "./idle-pool.ts";
import type { InvalidResponse } from "./invalid-response.ts";
import { ServerTrust } from "./server-trust.ts";
import type { UpstreamTarget, UpstreamTls } from "./target.ts";

/** Shared by all upstreams of a process. */
export interface UpstreamMeans {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly addresses: AddressBook;
}

/** What became of one server's connections since the start, and how many there are. */
export interface UpstreamCounters {
  readonly open: number;
  readonly idle: number;
  /** Attempts, and those of them that went over a reused connection. */
  readonly requests: number;
  readonly reused: number;
  /** Reused connections that turned out to have ended. */
  readonly stale: number;
  /** Idle connections that the server ended, and those closed for bytes that nobody had asked for. */
  readonly endedIdle: number;
  readonly stray: number;
  readonly invalidResponses: number;
  /** For how long a connection may be idle, by what is known now. */
  readonly idleLimitMs: number;
}

const sweepMs = 1_000;

/** One server reached in one way, with its connections, and with what is learnt of it. */
export class ServerUpstream implements Upstream {
  readonly #target: UpstreamTarget;
  readonly #means: UpstreamMeans;
  readonly #pool: IdlePool;
  readonly #idleLimit: IdleLimit;
  readonly #keeper: ConnectionKeeper;
  readonly #host: AttemptHost;
  /** Looks after idle connections, while there are any. */
  readonly #sweep = new CallbackTimer(() => this.#sweepIdle());
  /** Attempts that wait for the next turn of the event loop. */
  #waiting: ServerAttempt[] = [];
  #closed = false;
  #open = 0;
  #requests = 0;
  #reused = 0;
  #stale = 0;
  #endedIdle = 0;
  #stray = 0;
  #invalidResponses = 0;
  #lastInvalid: InvalidResponse | undefined;

  /** @throws when the TLS library knows none of the ciphers of the target. */
  constructor(target: UpstreamTarget, means: UpstreamMeans) {
    const { limits, tls } = target;
    this.#target = target;
    this.#means = means;
    this.#pool = new IdlePool(limits.idleConnections);
    this.#idleLimit = new IdleLimit(limits.idleMs);
    this.#host = this.#attemptHost();
    this.#keeper = this.#connectionKeeper(tls);
  }

  get counters(): UpstreamCounters {
    return {
      open: this.#open,
      idle: this.#pool.size,
      requests: this.#requests,
      reused: this.#reused,
      stale: this.#stale,
      endedIdle: this.#endedIdle,
      stray: this.#stray,
      invalidResponses: this.#invalidResponses,
      idleLimitMs: this.#idleLimit.mostMs(this.#nowMs()),
    };
  }

  /** The last response that was none. */
  get lastInvalid(): InvalidResponse | undefined {
    return this.#lastInvalid;
  }

  start(request: ForwardedRequest, taker: ResponseTaker, manner: AttemptManner): UpstreamAttempt {
    const attempt = new ServerAttempt(this.#host, request, taker, manner);
    this.#requests += 1;
    // By the next turn of the event loop it is known which idle connections have ended meanwhile.
    if (this.#waiting.length === 0) setImmediate(this.#connectWaiting);
    this.#waiting.push(attempt);
    return attempt;
  }

  close(): void {
    this.#closed = true;
    this.#means.wheel.clear(this.#sweep);
    for (const connection of this.#pool.takeAll()) connection.close();
  }

  readonly #connectWaiting = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const attempt of waiting) {
      if (!attempt.isOver) this.#connect(attempt);
    }
  };

  #connect(attempt: ServerAttempt): void {
    const idle = attempt.manner.fresh ? undefined : this.#takeIdle(attempt);
    if (idle !== undefined) {
      this.#reused += 1;
      idle.take(attempt);
      return;
    }
    const { host, limits } = this.#target;
    if (isIP(host) !== 0) {
      this.#dial(attempt, host);
      return;
    }
    attempt.resolving();
    this.#means.addresses.find(host, limits.connectMs, (found) => {
      if (attempt.isOver) return;
      if ("failure" in found) {
        attempt.fail({ kind: "dns", detail: found.failure });
        return;
      }
      attempt.resolved();
      this.#dial(attempt, found.address);
    });
  }

  #takeIdle({ request, manner }: ServerAttempt): ServerConnection | undefined {
    const nowMs = this.#nowMs();
    // A dedicated connection may hold what the client has proven about itself: another one would not do.
    const again = idempotentMethods.has(request.method) || this.#target.dedicated;
    const mostMs = again ? this.#idleLimit.mostMs(nowMs) : this.#idleLimit.safeMs(nowMs);
    return this.#pool.take({ sni: request.sni, owner: this.#ownerOf(manner), sinceMs: nowMs - mostMs });
  }

  #dial(attempt: ServerAttempt, address: string): void {
    const { port, localAddress } = this.#target;
    const owner = this.#ownerOf(attempt.manner);
    const place = { address, port, localAddress, sni: attempt.request.sni, owner };
    this.#open += 1;
    new ServerConnection(this.#keeper, place, attempt);
  }

  #ownerOf({ owner }: AttemptManner): AttemptManner["owner"] {
    return this.#target.dedicated ? owner : undefined;
  }

  #nowMs(): number {
    return this.#means.clock.nowMs();
  }

  #attemptHost(): AttemptHost {
    const { member, port, limits } = this.#target;
    const { clock, wheel } = this.#means;
    return {
      member,
      server: `${member}:${port}`,
      connectMs: limits.connectMs,
      relayMs: limits.relayMs,
      nowMs: () => clock.nowMs(),
      arm: (attempt, dueMs) => wheel.set(attempt, dueMs),
      disarm: (attempt) => wheel.clear(attempt),
      over: (attempt, failure) => this.#over(attempt, failure),
    };
  }

  #over(attempt: ServerAttempt, failure: AttemptFailure | undefined): void {
    const idleMs = attempt.idleMs;
    if (idleMs === undefined) return;
    if (failure === undefined) this.#idleLimit.lived(idleMs);
    else if (failure.stale) {
      this.#stale += 1;
      this.#idleLimit.died(idleMs, this.#nowMs());
    }
  }

  #connectionKeeper(tls: UpstreamTls | undefined): ConnectionKeeper {
    const { addresses, clock } = this.#means;
    const firstBytes = tls === undefined ? undefined : new FirstBytes(tls.offer, clock);
    const { host, limits } = this.#target;
    return {
      trust: tls === undefined ? undefined : new ServerTrust(tls, clock),
      firstBytes: (place, found) => firstBytes?.find(place, place.sni, found),
      limits: limits.http,
      nowMs: () => this.#nowMs(),
      free: (connection) => this.#keep(connection),
      idleEnded: (connection, stray) => this.#idleEnded(connection, stray),
      notConnected: (address) => addresses.failed(host, address),
      closed: () => {
        this.#open -= 1;
      },
      hint: (seconds) => this.#idleLimit.hint(seconds),
      invalid: (response) => {
        this.#invalidResponses += 1;
        this.#lastInvalid = { atMs: clock.epochMs(), ...response };
      },
    };
  }

  #keep(connection: ServerConnection): void {
    if (this.#closed || connection.owner?.gone === true) {
      connection.close();
      return;
    }
    this.#pool.put(connection)?.close();
    if (this.#pool.size === 1) this.#means.wheel.set(this.#sweep, connection.idleSinceMs + sweepMs);
  }

  #idleEnded(connection: ServerConnection, stray: boolean): void {
    this.#pool.remove(connection);
    const nowMs = this.#nowMs();
    if (stray) this.#stray += 1;
    else {
      this.#endedIdle += 1;
      this.#idleLimit.died(nowMs - connection.idleSinceMs, nowMs);
    }
  }

  #sweepIdle(): void {
    const nowMs = this.#nowMs();
    for (const old of this.#pool.takeOld(nowMs - this.#idleLimit.mostMs(nowMs))) old.close();
    if (this.#pool.size > 0) this.#means.wheel.set(this.#sweep, nowMs + sweepMs);
  }
}
