import type { Switches } from "../health/switches.ts";
import type { Generation } from "../model/gateway.ts";
import type { Server } from "../routing/routes.ts";
import { Balancer } from "./balance/balancer.ts";
import type { PreparedGateway } from "./config/prepared.ts";
import type { ExchangeLimits, OwnPages, RecordSink, Serving } from "./exchange/parts.ts";
import type { BodyBudget } from "./exchange/request-body.ts";
import { causeTeller } from "./explain/cause-of-ending.ts";
import type { DocumentedCause } from "./explain/documented-cause.ts";
import type { BoardEntry, HealthBoard } from "./health/health-board.ts";
import { type ProbeTargets, probeTargetsOf } from "./health/probe-targets.ts";
import type { Prober } from "./health/prober.ts";
import type { Gate } from "./limits/gate.ts";
import type { Configure, Configured } from "./server.ts";
import type { UpstreamMeans } from "./upstream/server-upstream.ts";
import { Upstreams, type UpstreamsOptions } from "./upstreams.ts";
import type { PassiveSignal } from "./workers/messages.ts";

/** What lives longer than one configuration. */
export interface AssemblyMeans {
  readonly switches: Switches;
  readonly upstream: UpstreamMeans;
  readonly trust: (prepared: PreparedGateway) => Pick<UpstreamsOptions, "wellKnownRoots" | "isAzureService">;
  readonly documented: (prepared: PreparedGateway) => DocumentedCause;
  readonly board: HealthBoard;
  /** Undefined: servers are as the board says, and nobody probes. */
  readonly prober: Prober | undefined;
  /** Where the records of exchanges with this configuration go. */
  readonly recordsOf: (prepared: PreparedGateway) => RecordSink;
  readonly pagesOf: (prepared: PreparedGateway) => OwnPages;
  readonly bodies: BodyBudget;
  readonly gate: Gate;
  readonly limitsOf: (generation: Generation) => ExchangeLimits;
  /** As of `BalancerOptions`. */
  readonly onPassive?: ((signal: PassiveSignal) => void) | undefined;
  readonly fromAddress: string | undefined;
  readonly explainHeader: boolean;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
}

/** One configuration with everything that serves it. */
export interface Assembled extends Configured {
  readonly balancer: Balancer;
  readonly upstreams: Upstreams;
  readonly targets: ProbeTargets;
}

/** The newest probe of a server of one configuration; undefined = it is not probed, or not any more. */
export function entriesOf(
  board: HealthBoard,
  targets: ProbeTargets,
): (server: Server) => BoardEntry | undefined {
  return (server) => board.get(targets.keyOf(server) ?? "");
}

/** How long clients may be idle between two requests (request-handling.md §7). */
const keepAliveMs: Readonly<Record<Generation, number>> = { v1: 120_000, v2: 75_000 };

const gib = 1024 ** 3;
/** How long a request may be (gateway-resource.md §6). */
const requestBytes: Readonly<Record<Generation, number>> = { v1: 2 * gib, v2: 4 * gib };

/** request-handling.md §7, and what is kept of a request body so that it can be sent again. */
export function limitsOf(generation: Generation): ExchangeLimits {
  return {
    clientMs: 60_000,
    bodyBytesPerS: 240,
    requestBytes: requestBytes[generation],
    responseBytesPerS: 4096,
    keepAliveMs: keepAliveMs[generation],
    halfClosedMs: 1_000,
    bodyBytes: 1024 * 1024,
  };
}

/** Joins the parts of the gateway: servers and their health, balancing, connections, causes. */
export class Assembly {
  readonly #means: AssemblyMeans;
  #current: Assembled | undefined;

  constructor(means: AssemblyMeans) {
    this.#means = means;
  }

  /** That of the newest configuration. */
  get current(): Assembled | undefined {
    return this.#current;
  }

  readonly configure: Configure = (prepared) => {
    const { switches, board, prober, upstream, trust, fromAddress, random } = this.#means;
    const { gateway, wiring, places } = prepared;
    const targets = probeTargetsOf(gateway.generation, wiring, switches, (server, port) =>
      places.placeOf(server, port),
    );
    const before = this.#current;
    const balancer = new Balancer({
      gatewayId: gateway.id,
      wiring,
      targets,
      board,
      nowMs: () => upstream.clock.nowMs(),
      wheel: upstream.wheel,
      start: random,
      onPassive: this.#means.onPassive,
      before: before?.balancer,
    });
    const upstreams = new Upstreams({ prepared, switches, means: upstream, fromAddress, ...trust(prepared) });
    const causeOf = causeTeller({
      generation: gateway.generation,
      wiring,
      causeOfUnhealthy: (pair) => balancer.causeOfUnhealthy(pair),
      documented: this.#means.documented(prepared),
    });
    const serving = this.#serving(prepared, balancer, upstreams, causeOf);
    const assembled: Assembled = {
      serving,
      balancer,
      upstreams,
      targets,
      served: () => {
        balancer.served();
        if (this.#current !== undefined) upstreams.goOnFrom(this.#current.upstreams);
        this.#current = assembled;
        if (prober !== undefined) prober.probe(targets.targets);
        else board.retain(new Set(targets.targets.map(({ key }) => key)));
      },
      close: () => {
        balancer.close();
        upstreams.close();
      },
    };
    return assembled;
  };

  #serving(
    prepared: PreparedGateway,
    chooser: Balancer,
    upstreams: Upstreams,
    causeOf: Serving["causeOf"],
  ): Serving {
    const { switches, recordsOf, pagesOf, bodies, gate, upstream, explainHeader } = this.#means;
    return {
      prepared,
      switches,
      rewriter: prepared.rewriter,
      chooser,
      upstreams,
      pages: pagesOf(prepared),
      records: recordsOf(prepared),
      causeOf,
      limits: this.#means.limitsOf(prepared.gateway.generation),
      bodies,
      gate,
      wheel: upstream.wheel,
      explainHeader,
    };
  }
}
