import { connect, createServer, type Socket } from "node:net";
import { Assembly, type AssemblyMeans, limitsOf } from "../../../src/gateway/assemble.ts";
import type { Door, PreparedGateway } from "../../../src/gateway/config/prepared.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { BodyBudget } from "../../../src/gateway/exchange/request-body.ts";
import { nothingDocumented } from "../../../src/gateway/explain/documented-cause.ts";
import { HealthBoard, unprobed } from "../../../src/gateway/health/health-board.ts";
import { probeTargetsOf } from "../../../src/gateway/health/probe-targets.ts";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { loopClock } from "../../../src/gateway/loop-clock.ts";
import { GatewayServer } from "../../../src/gateway/server.ts";
import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";
import { AddressBook } from "../../../src/gateway/upstream/address-book.ts";
import { initialState } from "../../../src/health/server-state.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import { wellKnownRoots } from "../../../src/probe/well-known-roots.ts";
import { listenerGroups } from "../../../src/routing/listener-match.ts";
import { routerOf } from "../../../src/routing/request-route.ts";
import { rewriterOf } from "../../../src/routing/rewrite/rewriter.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { type RoutingWish, routingGateway } from "../../support/routing-gateway.ts";

/** A gateway made ready with every door on a free port of 127.0.0.1, its members where they say. */
export function preparedFor(wish: RoutingWish, ports: readonly number[]): PreparedGateway {
  const gateway = routingGateway(wish);
  const wiring = wiringOf(gateway);
  const doors = listenerGroups(gateway).flatMap(({ key, candidates }, index): Door[] => {
    const [first, ...others] = candidates;
    const frontendPort = first?.listener.frontendPort?.target?.port;
    const port = ports[index];
    if (first === undefined || frontendPort === undefined || port === undefined) return [];
    const frontend = first.listener.frontendIpConfiguration?.id;
    return [
      {
        key,
        host: "127.0.0.1",
        port,
        frontendPort,
        frontend,
        protocol: "http",
        listeners: [first, ...others],
        tls: undefined,
        http2: false,
      },
    ];
  });
  const router = routerOf(gateway, wiring, defaultSwitches);
  return {
    gateway,
    wiring,
    router,
    rewriter: rewriterOf(gateway, wiring, router),
    doors,
    places: { placeOf: () => undefined },
    names: { known: new Map(), dnsServers: [] },
    moreRoots: [],
    errorPages: { pageFor: () => undefined },
    buffering: { request: true, response: true },
    notServed: [],
  };
}

/** A gateway that is served, whose servers are all up unless the test says otherwise, and what it leaves behind. */
export class Scene implements AsyncDisposable {
  readonly records: ExchangeRecord[] = [];
  readonly board: HealthBoard;
  readonly server: GatewayServer;
  readonly assembly: Assembly;
  readonly #bodies: BodyBudget;
  readonly #waiting: (() => void)[] = [];

  private constructor(
    server: GatewayServer,
    parts: Pick<Scene, "board" | "assembly">,
    records: ExchangeRecord[],
    waiting: (() => void)[],
    bodies: BodyBudget,
  ) {
    this.server = server;
    this.board = parts.board;
    this.assembly = parts.assembly;
    this.records = records;
    this.#waiting = waiting;
    this.#bodies = bodies;
  }

  static async of(prepared: PreparedGateway, more: Partial<AssemblyMeans> = {}): Promise<Scene> {
    const records: ExchangeRecord[] = [];
    const waiting: (() => void)[] = [];
    const board = new HealthBoard();
    const bodies = new BodyBudget(bodyBudget);
    const assembly = new Assembly({
      switches: defaultSwitches,
      upstream: {
        clock: loopClock,
        wheel: new TimerWheel(loopClock),
        addresses: new AddressBook(() => Promise.reject(new Error("no names here")), loopClock),
      },
      documented: () => nothingDocumented,
      trust: () => ({ wellKnownRoots, isAzureService: () => false }),
      board,
      prober: undefined,
      recordsOf: () => ({
        record: (record) => {
          records.push(record);
          for (const go of waiting.splice(0)) go();
        },
      }),
      pagesOf: () => ({
        server: "Causeway",
        pageFor: (_listener, status) => ({ contentType: "text/html", body: Buffer.from(`<${status}>`) }),
      }),
      bodies,
      gate: new Gate(plenty),
      limitsOf,
      fromAddress: undefined,
      explainHeader: true,
      random: () => 0,
      ...more,
    });
    setUp(board, prepared);
    const server = await GatewayServer.start(prepared, assembly.configure);
    return new Scene(server, { board, assembly }, records, waiting, bodies);
  }

  get port(): number {
    return this.server.doors[0]?.port ?? 0;
  }

  /** Whether no request body is held any more. */
  get holdsNothing(): boolean {
    const all = this.#bodies.take(bodyBudget);
    if (all) this.#bodies.give(bodyBudget);
    return all;
  }

  /** Every server of what is served now is up. */
  allUp(): void {
    const { current } = this.assembly;
    if (current !== undefined) setUp(this.board, current.serving.prepared);
  }

  /** The records, once there are so many. */
  async recorded(count: number): Promise<readonly ExchangeRecord[]> {
    while (this.records.length < count) await new Promise<void>((go) => void this.#waiting.push(go));
    return this.records;
  }

  /** What a client gets for these bytes until the gateway ends the connection, or `until` says it is enough. */
  talk(bytes: string, until?: (text: string) => boolean): Promise<string> {
    return talkTo(this.port, bytes, until);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(0);
  }
}

/** No limit that a test would meet. */
export const plenty = { connections: 4096, connectionsPerClient: 4096, handshakes: 4096, requests: 4096 };

const bodyBudget = 64 * 1024 * 1024;

function setUp(board: HealthBoard, { gateway, wiring, places }: PreparedGateway): void {
  const { targets } = probeTargetsOf(gateway.generation, wiring, defaultSwitches, (server, port) =>
    places.placeOf(server, port),
  );
  for (const { key } of targets) {
    const last = { outcome: "healthy", kind: "healthy", says: "fine", atMs: 5 } as const;
    const state = { ...initialState(0, 0), up: true, failuresInRow: 0, last };
    board.set(unprobed(key, state));
  }
}

export async function talkTo(
  port: number,
  bytes: string,
  until?: (text: string) => boolean,
  address = "127.0.0.1",
): Promise<string> {
  const socket = connect(port, address);
  let text = "";
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (until?.(text) === true) resolve();
    });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
    socket.write(bytes, "latin1");
  });
  socket.destroy();
  return text;
}

/** A port that was free a moment ago. */
export async function freePort(at = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, at, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === "object" ? address.port : 0;
}

/** What a scripted server does with a connection: everything it got so far is in `text`. */
export type Script = (text: string, socket: Socket) => void;

/** Servers that share one port on addresses of their own. */
export class Backends implements AsyncDisposable {
  readonly port: number;
  /** What came, by address, one entry a connection. */
  readonly got = new Map<string, string[]>();
  readonly #sockets = new Set<Socket>();
  readonly #close: (() => void)[] = [];

  private constructor(port: number) {
    this.port = port;
  }

  static async of(scripts: Readonly<Record<string, Script>>): Promise<Backends> {
    const all = new Backends(await freePort());
    for (const [address, script] of Object.entries(scripts)) await all.#listen(address, script);
    return all;
  }

  connections(address: string): readonly string[] {
    return this.got.get(address) ?? [];
  }

  async #listen(address: string, script: Script): Promise<void> {
    const texts: string[] = [];
    this.got.set(address, texts);
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const index = texts.push("") - 1;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("end", () => socket.end());
      socket.on("data", (chunk) => {
        texts[index] += chunk.toString("latin1");
        script(texts[index] ?? "", socket);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, address, resolve);
    });
    this.#close.push(() => server.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#close) close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.resolve();
  }
}

/** Answers every request head with these bytes. */
export function answers(bytes: string): Script {
  const done = new WeakMap<Socket, number>();
  return (text, socket) => {
    const heads = text.split("\r\n\r\n").length - 1;
    for (let at = done.get(socket) ?? 0; at < heads; at++) socket.write(bytes, "latin1");
    done.set(socket, heads);
  };
}
