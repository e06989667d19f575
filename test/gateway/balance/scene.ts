import { Balancer, type BalancerOptions } from "../../../src/gateway/balance/balancer.ts";
import type { ServerWanted } from "../../../src/gateway/balance/contract.ts";
import { HealthBoard, unprobed } from "../../../src/gateway/health/health-board.ts";
import { type ProbeTargets, probeTargetsOf } from "../../../src/gateway/health/probe-targets.ts";
import type { TimerEntry } from "../../../src/gateway/timer-wheel.ts";
import type { UpstreamAttempt } from "../../../src/gateway/upstream/contract.ts";
import { initialState } from "../../../src/health/server-state.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import type { Attempt, AttemptFailure } from "../../../src/model/attempt.ts";
import type { Gateway } from "../../../src/model/gateway.ts";
import { type Pair, type Server, wiringOf } from "../../../src/routing/routes.ts";
import { type RoutingWish, routingGateway } from "../../support/routing-gateway.ts";

export function gatewayWith(members: readonly string[], wish: Partial<RoutingWish> = {}): Gateway {
  return routingGateway({ listeners: [{ name: "shop", to: "app" }], members, ...wish });
}

/** A wheel that is turned by hand. */
class DueAt {
  readonly #entries = new Set<TimerEntry>();

  set(entry: TimerEntry, dueMs: number): void {
    entry.dueMs = dueMs;
    this.#entries.add(entry);
  }

  clear(entry: TimerEntry): void {
    this.#entries.delete(entry);
  }

  turnTo(nowMs: number): void {
    for (const entry of [...this.#entries]) {
      if (entry.dueMs > nowMs) continue;
      this.#entries.delete(entry);
      entry.due();
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** One pair called `app~app`, whose servers are up or down as the test says. */
export class Scene {
  readonly board: HealthBoard;
  readonly targets: ProbeTargets;
  readonly pair: Pair;
  readonly balancer: Balancer;
  readonly wheel: DueAt;
  nowMs = 1_000;

  constructor(gateway: Gateway, before?: Scene, options: Partial<BalancerOptions> = {}) {
    this.wheel = before?.wheel ?? new DueAt();
    this.board = before?.board ?? new HealthBoard();
    this.nowMs = before?.nowMs ?? 1_000;
    const wiring = wiringOf(gateway);
    const [pair] = wiring.pairs;
    if (pair === undefined) throw new Error("no pair");
    this.pair = pair;
    this.targets = probeTargetsOf(gateway.generation, wiring, defaultSwitches, () => undefined);
    this.balancer = new Balancer({
      gatewayId: gateway.id,
      wiring,
      targets: this.targets,
      board: this.board,
      nowMs: () => this.nowMs,
      wheel: this.wheel,
      start: () => 0,
      before: before?.balancer,
      ...options,
    });
    this.balancer.served();
    this.board.retain(new Set(this.targets.targets.map(({ key }) => key)));
  }

  set(address: string, up: boolean, cause?: "tcp-refused" | "tls-expired"): void {
    const key = this.targets.keyOf(this.server(address)) ?? "";
    const kind = up ? "healthy" : "tcp-refused";
    const last = {
      outcome: up ? "healthy" : "unhealthy",
      kind,
      says: `${address} says so`,
      atMs: 5,
    } as const;
    const change = { to: up ? "up" : "down", kind, says: last.says, atMs: 5 } as const;
    const state = { ...initialState(0, 0), up, failuresInRow: up ? 0 : 3, last, changes: [change] };
    this.board.set({ ...unprobed(key, state), cause });
  }

  server(address: string): Server {
    const found = this.pair.servers.find((one) => one.address === address);
    if (found === undefined) throw new Error(`no server ${address}`);
    return found;
  }

  wanted(more: Partial<ServerWanted> = {}): ServerWanted {
    return { pair: this.pair, cookies: "", tried: [], secure: false, ...more };
  }

  choose(more: Partial<ServerWanted> = {}) {
    return this.balancer.choose(this.wanted(more));
  }

  /** Addresses of so many choices in a row. */
  turns(count: number, more: Partial<ServerWanted> = {}): (string | undefined)[] {
    return Array.from({ length: count }, () => this.choose(more).server?.address);
  }
}

/** An attempt under way; `told`: that its server has drained. */
export function running(told: () => void = () => {}): UpstreamAttempt {
  return {
    write: () => true,
    endBody: () => {},
    pause: () => {},
    resume: () => {},
    abort: () => {},
    drainOver: told,
    record: () => attempt(),
  };
}

export function attempt(failure?: Partial<AttemptFailure>): Attempt {
  return {
    server: "127.0.0.1:8080",
    member: "10.0.1.4",
    connection: "fresh",
    idleMs: undefined,
    startedMs: 0,
    dnsMs: undefined,
    connectedMs: 1,
    tlsMs: undefined,
    sentMs: 1,
    firstByteMs: undefined,
    endedMs: 2,
    status: failure === undefined ? 200 : undefined,
    bytesSent: 0,
    failure: failure && {
      kind: "connect-refused",
      detail: "ECONNREFUSED",
      offset: undefined,
      nothingSent: true,
      stale: false,
      ...failure,
    },
  };
}
