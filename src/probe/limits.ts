/** How much may be under way at once. */
export interface Bounds {
  readonly total: number;
  /** To one server, whatever the caller takes for its key. */
  readonly perServer: number;
  /**
   * Sends that have run for so long only wait for an answer: they give their place in `total` to others, as long as not
   * more than `most` do. Otherwise servers that say nothing would hold up all others.
   */
  readonly slow?: { readonly afterMs: number; readonly most: number } | undefined;
}

/**
 * Everything that is sent to servers: each is one small request, and a gateway has as many under way to a server as it has
 * instances. A process may have 1,024 files open on most systems.
 */
export const sendBounds: Bounds = { total: 16, perServer: 2, slow: { afterMs: 250, most: 480 } };

/**
 * Of what comes on one connection: a handshake, a head and as much of a body as anybody looks into are a fraction of it.
 */
export const mostReceivedBytes = 2 * 1024 * 1024;

interface Waiting {
  readonly start: () => void;
}

interface Server {
  running: number;
  /** In order of arrival. */
  readonly waiting: Set<Waiting>;
}

/**
 * Lets at most so many sends run at once. Those to one server start in the order they came; servers take turns, so that
 * one with a thousand waiting does not hold up one with a single one. A send that was cancelled while waiting never
 * starts; one that runs keeps its place until it has ended, so that the bounds hold for what is really open.
 */
export class SendLimiter {
  readonly #bounds: Bounds;
  /** Only servers with something running or waiting. */
  readonly #servers = new Map<string, Server>();
  /** Servers that could start one now, the next to be served first. */
  readonly #turns = new Set<string>();
  /** What to do with those who wait when a signal is aborted. */
  readonly #cancels = new Map<
    AbortSignal,
    { readonly cancels: Set<() => void>; readonly listener: () => void }
  >();
  /** Without those that are slow. */
  #running = 0;
  #slow = 0;

  /** Throws a RangeError on bounds that would let nothing through. */
  constructor(bounds: Bounds) {
    for (const bound of [bounds.total, bounds.perServer, bounds.slow?.most ?? 1]) {
      if (!Number.isInteger(bound) || bound < 1) throw new RangeError(`not a number of sends: ${bound}`);
    }
    this.#bounds = bounds;
  }

  /** Runs `send` when there is room. Rejects with the signal's reason if that is aborted before it started. */
  run<T>(server: string, send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const state = this.#serverOf(server);
      const cancel = (): void => {
        state.waiting.delete(entry);
        this.#queueTurn(server, state);
        reject(signal?.reason);
      };
      const entry: Waiting = {
        start: () => {
          if (signal !== undefined) this.#forget(signal, cancel);
          const left = this.#counted();
          // A send that throws at once is a send that failed.
          const result = new Promise<T>((settle) => settle(send()));
          result.then(resolve, reject).finally(() => {
            left();
            this.#ended(server, state);
          });
        },
      };
      if (signal !== undefined) this.#onAbort(signal, cancel);
      state.waiting.add(entry);
      this.#queueTurn(server, state);
      this.#startWhatFits();
    });
  }

  /** Counts one that starts: among those that run, later among the slow ones. The answer ends it. */
  #counted(): () => void {
    this.#running += 1;
    let isSlow = false;
    const slow = this.#bounds.slow;
    const timer =
      slow &&
      setTimeout(() => {
        if (this.#slow >= slow.most) return;
        isSlow = true;
        this.#slow += 1;
        this.#running -= 1;
        this.#startWhatFits();
      }, slow.afterMs);
    return () => {
      clearTimeout(timer);
      if (isSlow) this.#slow -= 1;
      else this.#running -= 1;
    };
  }

  /** One listener a signal, however many wait for it: a signal looks through all it has for every one that is added. */
  #onAbort(signal: AbortSignal, cancel: () => void): void {
    const known = this.#cancels.get(signal);
    if (known !== undefined) {
      known.cancels.add(cancel);
      return;
    }
    const cancels = new Set([cancel]);
    const listener = (): void => {
      this.#cancels.delete(signal);
      for (const one of cancels) one();
    };
    this.#cancels.set(signal, { cancels, listener });
    signal.addEventListener("abort", listener, { once: true });
  }

  #forget(signal: AbortSignal, cancel: () => void): void {
    const known = this.#cancels.get(signal);
    if (known === undefined) return;
    known.cancels.delete(cancel);
    if (known.cancels.size > 0) return;
    this.#cancels.delete(signal);
    signal.removeEventListener("abort", known.listener);
  }

  #serverOf(key: string): Server {
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    const server: Server = { running: 0, waiting: new Set() };
    this.#servers.set(key, server);
    return server;
  }

  /** Puts a server at the end of the line if it could start one, takes it out if not; forgets it when idle. */
  #queueTurn(key: string, server: Server): void {
    if (server.waiting.size > 0 && server.running < this.#bounds.perServer) this.#turns.add(key);
    else this.#turns.delete(key);
    if (server.waiting.size === 0 && server.running === 0) this.#servers.delete(key);
  }

  #startWhatFits(): void {
    for (const key of this.#turns) {
      if (this.#running >= this.#bounds.total) return;
      this.#turns.delete(key);
      const server = this.#servers.get(key);
      const [next] = server?.waiting ?? [];
      if (server === undefined || next === undefined) continue;
      server.waiting.delete(next);
      server.running += 1;
      // Back to the end of the line; the loop comes to it again if there is room after the others.
      this.#queueTurn(key, server);
      next.start();
    }
  }

  #ended(key: string, server: Server): void {
    server.running -= 1;
    this.#queueTurn(key, server);
    this.#startWhatFits();
  }
}
