import { hostsOf } from "../diagnosis/facets/hosts.ts";
import { servicesOf } from "../diagnosis/facets/services.ts";
import { type Assembled, Assembly, entriesOf, limitsOf } from "../gateway/assemble.ts";
import type { AdminState } from "../gateway/balance/member.ts";
import type { Door, PreparedGateway } from "../gateway/config/prepared.ts";
import type { RecordSink } from "../gateway/exchange/parts.ts";
import { BodyBudget } from "../gateway/exchange/request-body.ts";
import { type BoardEntry, HealthBoard, isProbed } from "../gateway/health/health-board.ts";
import { type ProbeSending, probeSendingOf } from "../gateway/health/probe-sending.ts";
import { probeTargetsOf } from "../gateway/health/probe-targets.ts";
import { Prober } from "../gateway/health/prober.ts";
import type { Gate } from "../gateway/limits/gate.ts";
import type { OverloadWatch } from "../gateway/limits/overload-watch.ts";
import { loopClock } from "../gateway/loop-clock.ts";
import { ownPagesOf } from "../gateway/pages/own-pages.ts";
import { GatewayServer, type Staged } from "../gateway/server.ts";
import { TimerWheel } from "../gateway/timer-wheel.ts";
import { AddressBook } from "../gateway/upstream/address-book.ts";
import type { AdminWish, PassiveSignal } from "../gateway/workers/messages.ts";
import type { Gateway } from "../model/gateway.ts";
import { systemClock } from "../probe/clock.ts";
import { realMeans } from "../probe/real-means.ts";
import type { ProbeMeans } from "../probe/send-exchange.ts";
import type { Pair, Server } from "../routing/routes.ts";
import type { Io } from "./io.ts";
import type { RunConfiguration } from "./run-configuration.ts";
import { gateFor, watchOverload } from "./run-limits.ts";
import type { RunCall } from "./run-options.ts";
import { version } from "./version.ts";
import { say } from "./write-out.ts";

/** What all request bodies together may hold. */
const bodyBytes = 256 * 1024 * 1024;

/** How long first probes are waited for, at the start and before another configuration is served. */
const firstProbesMs = 3_000;

/** Of so many the newest are kept, so that what was served with them can be explained. */
const keptConfigurations = 8;

/** What a run gives its gateway. */
export interface RunMeans {
  readonly call: RunCall;
  readonly io: Io;
  readonly sinkOf: (configuration: RunConfiguration) => RecordSink;
  /** Processes that serve in the place of this one, which opens no door. */
  readonly others?: OtherProcesses | undefined;
  /** How many serve, this one among them; the default is one. */
  readonly workers?: number;
  /** False: somebody else probes and writes the board. */
  readonly probes?: boolean;
  /** As of `BalancerOptions`. */
  readonly onPassive?: (signal: PassiveSignal) => void;
  /** Writes on the board what is known before anything is served. */
  readonly before?: (board: HealthBoard) => void;
}

export interface OtherProcesses {
  portOf(door: Door): number;
  stage(next: RunConfiguration): Promise<Staged>;
  /** Resolves when all of them know. */
  wish(wish: AdminWish): Promise<void>;
  stop(drainMs: number): Promise<void>;
}

/** A configuration, and how its servers stand now. */
export interface RunWorld {
  readonly configuration: RunConfiguration;
  readonly entryOf: (server: Server) => BoardEntry | undefined;
}

/** A gateway that is served, by this process or by others that it tells, with all that goes on beside it. */
export class RunGateway {
  readonly board = new HealthBoard();
  readonly gate: Gate;
  readonly #overload: OverloadWatch;
  readonly #means: RunMeans;
  /** Undefined: somebody else probes. */
  readonly #prober: Prober | undefined;
  readonly #assembly: Assembly;
  /** The newest last. */
  readonly #worlds = new Map<number, RunWorld>();
  readonly #byGateway = new WeakMap<Gateway, RunConfiguration>();
  #configuration: RunConfiguration;
  #sending: ProbeSending;
  #reloading: Promise<unknown> = Promise.resolve();
  #server: GatewayServer | undefined;

  private constructor(first: RunConfiguration, means: RunMeans) {
    this.#means = means;
    const { workers = 1 } = means;
    this.gate = gateFor(means.call.limits, workers);
    this.#overload = watchOverload(this.gate, means.call.limits, workers, means.io);
    this.#configuration = first;
    this.#byGateway.set(first.prepared.gateway, first);
    this.#sending = this.#sendingOf(first);
    this.#prober = means.probes === false ? undefined : this.#proberOf(means);
    this.#assembly = this.#assemblyOf(means);
  }

  /** Rejects with `DoorRefused` when a door cannot be opened. */
  static async start(first: RunConfiguration, means: RunMeans): Promise<RunGateway> {
    const gateway = new RunGateway(first, means);
    means.before?.(gateway.board);
    try {
      gateway.#server = await GatewayServer.start(gateway.#own(first), gateway.#assembly.configure);
    } catch (error) {
      gateway.#overload.close();
      throw error;
    }
    gateway.#took(first);
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

  /** Where it listens. */
  get doors(): readonly { readonly door: Door; readonly port: number }[] {
    const { others } = this.#means;
    if (others === undefined) return this.server.doors;
    return this.#configuration.prepared.doors.map((door) => ({ door, port: others.portOf(door) }));
  }

  get configuration(): RunConfiguration {
    return this.#configuration;
  }

  /** A configuration by its number; undefined = it is gone. */
  worldOf(configuration: number): RunWorld | undefined {
    return this.#worlds.get(configuration);
  }

  /** For experiments on servers of a pair of that configuration. */
  meansFor(configuration: RunConfiguration, pair: Pair, signal: AbortSignal): ProbeMeans {
    return this.#sendingOf(configuration).meansFor(pair, signal);
  }

  /**
   * Serves another configuration from the next request on, once the servers that are new in it have been probed. On
   * failure, nothing has changed. One at a time.
   */
  reload(next: RunConfiguration): Promise<void> {
    const turn = this.stage(next).then((staged) => staged.commit());
    this.#reloading = turn.catch(() => {});
    return turn;
  }

  /** False = there is no such server. What the operator wants is not lost between two configurations. */
  async setAdmin(pairId: string, address: string, admin: AdminState): Promise<boolean> {
    await this.#reloading;
    const isKnown = this.current.balancer.setAdmin(pairId, address, admin);
    if (isKnown) await this.#means.others?.wish({ pairId, address, admin });
    return isKnown;
  }

  /** The first half of `reload`: everything that could be refused has been tried by then. */
  async stage(next: RunConfiguration): Promise<Staged> {
    const sending = this.#sendingOf(next);
    this.#byGateway.set(next.prepared.gateway, next);
    try {
      await this.#prober?.probeAhead(this.#targetsOf(next).targets, sending, firstProbesMs);
      const own = await this.server.stage(this.#own(next));
      const others = await this.#stageOthers(next, own);
      return {
        commit: async () => {
          this.#configuration = next;
          this.#sending = sending;
          void own.commit();
          this.#took(next);
          await others?.commit();
        },
        abandon: async () => {
          await Promise.all([own.abandon(), others?.abandon()]);
          this.#prober?.forgetAhead();
        },
      };
    } catch (error) {
      this.#prober?.forgetAhead();
      throw error;
    }
  }

  async #stageOthers(next: RunConfiguration, own: Staged): Promise<Staged | undefined> {
    try {
      return await this.#means.others?.stage(next);
    } catch (error) {
      await own.abandon();
      throw error;
    }
  }

  /** What this process serves of it itself. */
  #own({ prepared }: RunConfiguration): PreparedGateway {
    return this.#means.others === undefined ? prepared : { ...prepared, doors: [] };
  }

  async stop(drainMs: number): Promise<void> {
    await Promise.all([this.server.stop(drainMs), this.#means.others?.stop(drainMs)]);
    this.#overload.close();
    await this.#prober?.close();
  }

  /** Resolves when every server has been probed once, or after a few seconds. */
  async probedOnce(): Promise<void> {
    const all = (): boolean => [...this.board.entries()].every(isProbed);
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

  #took(configuration: RunConfiguration): void {
    const entryOf = entriesOf(this.board, this.current.targets);
    this.#worlds.set(configuration.number, { configuration, entryOf });
    const [oldest] = this.#worlds.keys();
    if (this.#worlds.size > keptConfigurations && oldest !== undefined) this.#worlds.delete(oldest);
  }

  #proberOf({ io }: RunMeans): Prober {
    return new Prober({
      board: this.board,
      send: (probe, signal) => this.#sending.send(probe, signal),
      causeOf: (probe, result) => this.#sending.causeOf(probe, result),
      clock: systemClock,
      jitter: Math.random,
      onFailure: (error) => void say(io, `causeway: probing failed: ${String(error)}`),
    });
  }

  #assemblyOf({ call, sinkOf, workers = 1, onPassive }: RunMeans): Assembly {
    return new Assembly({
      switches: call.switches,
      upstream: {
        clock: loopClock,
        wheel: new TimerWheel(loopClock),
        addresses: new AddressBook(
          (name, budgetMs, signal) => this.#resolve(name, budgetMs, signal),
          loopClock,
        ),
      },
      trust: (prepared) => this.#trust(this.#of(prepared)),
      documented: (prepared) => this.#of(prepared).documented,
      board: this.board,
      prober: this.#prober,
      recordsOf: (prepared) => sinkOf(this.#of(prepared)),
      pagesOf: ({ gateway: { generation }, errorPages }) =>
        ownPagesOf({ generation, errorPages, azurePages: call.azurePages }),
      bodies: new BodyBudget(Math.floor(bodyBytes / workers)),
      gate: this.gate,
      onPassive,
      limitsOf,
      fromAddress: undefined,
      explainHeader: call.explainHeader,
      random: Math.random,
    });
  }

  #of({ gateway }: PreparedGateway): RunConfiguration {
    const configuration = this.#byGateway.get(gateway);
    if (configuration === undefined) throw new Error("a configuration that nobody read");
    return configuration;
  }

  #targetsOf({ prepared: { gateway, wiring, places } }: RunConfiguration) {
    return probeTargetsOf(gateway.generation, wiring, this.#means.call.switches, (server, port) =>
      places.placeOf(server, port),
    );
  }

  #resolve(name: string, budgetMs: number, signal: AbortSignal | undefined) {
    const { known, dnsServers } = this.#configuration.prepared.names;
    const addresses = known.get(name.toLowerCase().replace(/\.$/, ""));
    const { systemLookup } = this.#means.io;
    const means = realMeans({
      dnsServersFor: () => (addresses === undefined ? dnsServers : []),
      systemLookup: async (asked) => (addresses === undefined ? systemLookup(asked) : { addresses }),
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
      systemLookup: this.#means.io.systemLookup,
      userAgent: userAgent(),
      documented: configuration.documented,
      ...this.#trust(configuration),
    });
  }
}

const userAgent = (): string => `causeway/${version()}`;
