import { type Level, noOverload, type Overload, type Resource } from "./overload.ts";

/** Why something was refused: a limit of its own, or what the gateway as a whole is short of. */
export type Limit = Resource | "client-connections" | "handshakes";

/** How much is taken on at a time. */
export interface GateLimits {
  readonly connections: number;
  /** From one address. */
  readonly connectionsPerClient: number;
  /** TLS handshakes under way. */
  readonly handshakes: number;
  /** Requests and tunnels under way. */
  readonly requests: number;
}

/** What a gate, or several together, have counted. */
export interface GateFigures {
  readonly overload: Overload;
  readonly refused: ReadonlyMap<Limit, number>;
  readonly connections: number;
  /** Since the start, those that were refused among them. */
  readonly connectionsSoFar: number;
  readonly webSockets: number;
  readonly handshakes: number;
  readonly requests: number;
}

/** Who has connections that may be closed when they are idle. */
export interface IdleHolder {
  /** Closes this share of those that are idle, at least one, those first that have been so for longest. */
  closeIdle(share: number): void;
}

/** So many connections beyond the limit are still told why; further ones are reset. */
const answeredBeyond = 64;
/** Of the idle connections, at each look while something is short. */
const closedShare = 0.1;

/**
 * Counts what is under way in this process and says what may be added. It outlives configurations; a process has one.
 * What is refused is counted by reason.
 */
export class Gate {
  readonly limits: GateLimits;
  readonly refused = new Map<Limit, number>();
  overload: Overload = noOverload;
  /** Since the start, those that were refused among them. */
  #came = 0;
  #connections = 0;
  #webSockets = 0;
  #handshakes = 0;
  #requests = 0;
  readonly #perClient = new Map<string, number>();
  readonly #holders = new Set<IdleHolder>();

  constructor(limits: GateLimits) {
    this.limits = limits;
  }

  get level(): Level {
    return this.overload.level;
  }

  get connections(): number {
    return this.#connections;
  }

  get connectionsSoFar(): number {
    return this.#came;
  }

  get webSockets(): number {
    return this.#webSockets;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** A connection came, which counts until `left`. Undefined = it is welcome. */
  came(address: string): Limit | undefined {
    this.#came += 1;
    this.#connections += 1;
    const { connections, connectionsPerClient } = this.limits;
    if (connectionsPerClient < connections) {
      const own = (this.#perClient.get(address) ?? 0) + 1;
      this.#perClient.set(address, own);
      if (own > connectionsPerClient) return this.#refuse("client-connections");
    }
    return this.#connections > connections ? this.#refuse("connections") : undefined;
  }

  left(address: string): void {
    this.#connections -= 1;
    const own = this.#perClient.get(address);
    if (own === undefined) return;
    if (own > 1) this.#perClient.set(address, own - 1);
    else this.#perClient.delete(address);
  }

  /** Whether a connection that is not welcome can be told so: that, too, costs something. */
  get tells(): boolean {
    return this.level < 2 && this.#connections <= this.limits.connections + answeredBeyond;
  }

  /** Before a handshake. Undefined = it may begin. */
  mayShake(): Limit | undefined {
    return this.#handshakes >= this.limits.handshakes ? this.#refuse("handshakes") : undefined;
  }

  handshakeBegan(): void {
    this.#handshakes += 1;
  }

  handshakeEnded(): void {
    this.#handshakes -= 1;
  }

  /** A request came, which counts until `requestEnded`. Undefined = it is served. */
  requestBegins(): Limit | undefined {
    this.#requests += 1;
    if (this.#requests > this.limits.requests) return this.#refuse("requests");
    return this.level === 2 ? this.#refuse(this.overload.because ?? "memory") : undefined;
  }

  requestEnded(): void {
    this.#requests -= 1;
  }

  /** A request became a WebSocket, which counts until `webSocketEnded`. */
  webSocketBegan(): void {
    this.#webSockets += 1;
  }

  webSocketEnded(): void {
    this.#webSockets -= 1;
  }

  hold(holder: IdleHolder): void {
    this.#holders.add(holder);
  }

  release(holder: IdleHolder): void {
    this.#holders.delete(holder);
  }

  /** Something is short: a part of the idle connections is given up. */
  relieve(): void {
    for (const holder of this.#holders) holder.closeIdle(closedShare);
  }

  /** As plain data. */
  figures(): GateFigures {
    const { overload, refused, connections, connectionsSoFar, webSockets, handshakes, requests } = this;
    return { overload, refused, connections, connectionsSoFar, webSockets, handshakes, requests };
  }

  #refuse(limit: Limit): Limit {
    this.refused.set(limit, (this.refused.get(limit) ?? 0) + 1);
    return limit;
  }
}
