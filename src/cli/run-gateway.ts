import type { Case } from "../diagnosis/case.ts";
import { hostsOf } from "../diagnosis/facets/hosts.ts";
import { servicesOf } from "../diagnosis/facets/services.ts";
import { type Assembled, Assembly, limitsOf, type RouteWorld } from "../gateway/assemble.ts";
import type { PreparedGateway } from "../gateway/config/prepared.ts";
import type { RecordSink } from "../gateway/exchange/parts.ts";
import { BodyBudget } from "../gateway/exchange/request-body.ts";
import type { DocumentedCause } from "../gateway/explain/documented-cause.ts";
import { HealthBoard } from "../gateway/health/health-board.ts";
import { type ProbeSending, probeSendingOf } from "../gateway/health/probe-sending.ts";
import { Prober } from "../gateway/health/prober.ts";
import { ownPagesOf } from "../gateway/pages/own-pages.ts";
import { GatewayServer } from "../gateway/server.ts";
import { TimerWheel } from "../gateway/timer-wheel.ts";
import { AddressBook } from "../gateway/upstream/address-book.ts";
import type { Observations } from "../model/observations.ts";
import { systemClock } from "../probe/clock.ts";
import { realMeans } from "../probe/real-means.ts";
import type { Route, Server } from "../routing/routes.ts";
import type { Io } from "./io.ts";
import type { RunCall } from "./run-options.ts";
import { version } from "./version.ts";
import { say } from "./write-out.ts";

/** A gateway with the documents it was read from. */
export interface RunConfiguration {
  /** Of the documents alone: nothing was seen in it. */
  readonly kase: Case;
  readonly prepared: PreparedGateway;
  /** What the documents alone say of servers that are silent. */
  readonly documented: DocumentedCause;
  /** What was exported beside the configuration: seen elsewhere, and earlier. */
  readonly exported: Observations;
}

/** What all request bodies together may hold. */
const bodyBytes = 256 * 1024 * 1024;

/** How long after the start the first probes are waited for. */
const firstProbesMs = 3_000;

/** A gateway that is served by this process, with all that goes on beside it. */
export class RunGateway {
  readonly board = new HealthBoard();
  readonly #prober: Prober;
  readonly #assembly: Assembly;
  readonly #io: Io;
  #configuration: RunConfiguration;
  #sending: ProbeSending;
  readonly #configurations = new WeakMap<PreparedGateway, RunConfiguration>();
  #server: GatewayServer | undefined;

  private constructor(first: RunConfiguration, call: RunCall, records: RecordSink, io: Io) {
    this.#io = io;
    this.#configuration = first;
    this.#configurations.set(first.prepared, first);
    this.#sending = this.#sendingOf(first);
    this.#prober = new Prober({
      board: this.board,
      send: (probe, signal) => this.#sending.send(probe, signal),
      causeOf: (probe, result) => this.#sending.causeOf(probe, result),
      clock: systemClock,
      jitter: Math.random,
      onFailure: (error) => void say(io, `causeway: probing failed: ${String(error)}`),
    });
    this.#assembly = new Assembly({
      switches: call.switches,
      upstream: {
        clock: systemClock,
        wheel: new TimerWheel(systemClock),
        addresses: new AddressBook(
          (name, budgetMs, signal) => this.#resolve(name, budgetMs, signal),
          systemClock,
        ),
      },
      trust: () => this.#trust(this.#configuration),
      documented: () => this.#configuration.documented,
      board: this.board,
      prober: this.#prober,
      records,
      pagesOf: ({ gateway: { generation }, errorPages }) =>
        ownPagesOf({ generation, errorPages, azurePages: call.azurePages }),
      bodies: new BodyBudget(bodyBytes),
      limitsOf,
      fromAddress: undefined,
      explainHeader: call.explainHeader,
      random: Math.random,
    });
  }

  /** Rejects with `DoorRefused` when a door cannot be opened. */
  static async start(
    first: RunConfiguration,
    call: RunCall,
    records: RecordSink,
    io: Io,
  ): Promise<RunGateway> {
    const gateway = new RunGateway(first, call, records, io);
    gateway.#server = await GatewayServer.start(first.prepared, gateway.#assembly.configure);
    return gateway;
  }

  get server(): GatewayServer {
    if (this.#server === undefined) throw new Error("the gateway has not been started");
    return this.#server;
  }

  /** What serves now. */
  get current(): Assembled {
    const { current } = this.#assembly;
    if (current === undefined) throw new Error("the gateway has not been started");
    return current;
  }

  /** The configuration a route belongs to, also when it is not served any more. */
  worldOf(route: Route): (RouteWorld & { readonly configuration: RunConfiguration }) | undefined {
    const world = this.#assembly.worldOf(route);
    const configuration = world && this.#configurations.get(world.prepared);
    return configuration && { ...world, configuration };
  }

  /** As of `GatewayServer.reload`: on failure, nothing has changed. */
  async reload(next: RunConfiguration): Promise<void> {
    const [configuration, sending] = [this.#configuration, this.#sending];
    this.#configuration = next;
    this.#configurations.set(next.prepared, next);
    this.#sending = this.#sendingOf(next);
    try {
      await this.server.reload(next.prepared);
    } catch (error) {
      this.#configuration = configuration;
      this.#sending = sending;
      throw error;
    }
  }

  async stop(drainMs: number): Promise<void> {
    await this.server.stop(drainMs);
    await this.#prober.close();
  }

  /** Resolves when every server has been probed once, or after a few seconds. */
  async probedOnce(): Promise<void> {
    const all = (): boolean =>
      [...this.board.entries()].every(
        (entry) => entry.notSent !== undefined || entry.state.last !== undefined,
      );
    if (all()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stop();
        cancel();
        resolve();
      };
      const stop = this.board.onChange(() => {
        if (all()) done();
      });
      const cancel = systemClock.after(firstProbesMs, done);
    });
  }

  #resolve(name: string, budgetMs: number, signal: AbortSignal | undefined) {
    const { known, dnsServers } = this.#configuration.prepared.names;
    const addresses = known.get(name.toLowerCase().replace(/\.$/, ""));
    const means = realMeans({
      dnsServersFor: () => (addresses === undefined ? dnsServers : []),
      systemLookup: async (asked) => (addresses === undefined ? this.#io.systemLookup(asked) : { addresses }),
      fromAddress: undefined,
      userAgent: userAgent(),
      signal,
    });
    return means.resolve(name, budgetMs, signal);
  }

  #trust({ kase: { model, wellKnownRoots } }: RunConfiguration) {
    const services = servicesOf(model.network, hostsOf(model.network, model.gateways));
    return {
      wellKnownRoots,
      isAzureService: (server: Server): boolean => services.of(server) !== undefined,
    };
  }

  #sendingOf(configuration: RunConfiguration): ProbeSending {
    return probeSendingOf({
      prepared: configuration.prepared,
      systemLookup: this.#io.systemLookup,
      userAgent: userAgent(),
      documented: configuration.documented,
      ...this.#trust(configuration),
    });
  }
}

const userAgent = (): string => `causeway/${version()}`;
