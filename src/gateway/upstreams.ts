import { createHash } from "node:crypto";
import { encodedCertificates } from "../health/certificates/encoded.ts";
import type { TrustStore } from "../health/certificates/trust-store.ts";
import { asGateway, exchangeOfRequest, isTls } from "../health/exchange.ts";
import { planRequest } from "../health/request-plan.ts";
import type { Switches } from "../health/switches.ts";
import type { Certificate } from "../model/gateway.ts";
import type { Reference } from "../model/resource.ts";
import { handshakeOf } from "../probe/tls-offer.ts";
import type { Server } from "../routing/routes.ts";
import { defaultLimits } from "../wire/http1/limits.ts";
import type { PreparedGateway } from "./config/prepared.ts";
import type { Upstream } from "./upstream/contract.ts";
import { ServerUpstream, type UpstreamMeans } from "./upstream/server-upstream.ts";
import type { UpstreamLimits, UpstreamTarget, UpstreamTls } from "./upstream/target.ts";

/** What the targets of all servers have in common. */
export interface UpstreamsOptions {
  readonly prepared: PreparedGateway;
  readonly switches: Switches;
  readonly means: UpstreamMeans;
  readonly wellKnownRoots: () => TrustStore;
  /** Whether it is a service of Azure's own. */
  readonly isAzureService: (server: Server) => boolean;
  /** Undefined = as the system routes. */
  readonly fromAddress: string | undefined;
}

const connectMs = 30_000;
const relayMs = 300_000;
const idleMs = 60_000;
const idleConnections = 128;

/**
 * The servers of one configuration, each made ready when it is first wanted. What is reached in the same way is one and the
 * same, in however many pools it stands: fewer connections are opened, each is used more often, and what one pool learns of
 * the server the others know.
 */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #byServer = new Map<Server, ServerUpstream>();
  readonly #byWay = new Map<string, ServerUpstream>();
  /** Those that another configuration goes on with. */
  readonly #handedOn = new Set<ServerUpstream>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  of(server: Server): Upstream {
    const known = this.#byServer.get(server);
    if (known !== undefined) return known;
    const target = targetOf(server, this.#options);
    const way = this.#wayTo(target);
    const upstream = this.#byWay.get(way) ?? new ServerUpstream(target, this.#options.means);
    this.#byWay.set(way, upstream);
    this.#byServer.set(server, upstream);
    return upstream;
  }

  /** Those that were wanted so far. */
  known(): Iterable<ServerUpstream> {
    return this.#byWay.values();
  }

  /** Takes over connections, and what was learnt of them, for every server that is reached as it was before. */
  goOnFrom(before: Upstreams): void {
    if (before.#byWay.size === 0) return;
    for (const { servers } of this.#options.prepared.wiring.pairs) {
      for (const server of servers) this.#goOnTo(server, before);
    }
  }

  close(): void {
    for (const upstream of this.#byWay.values()) if (!this.#handedOn.has(upstream)) upstream.close();
  }

  #goOnTo(server: Server, before: Upstreams): void {
    const way = this.#wayTo(targetOf(server, this.#options));
    const upstream = before.#byWay.get(way);
    if (upstream === undefined || this.#byServer.has(server)) return;
    this.#byWay.set(way, upstream);
    this.#byServer.set(server, upstream);
    before.#handedOn.add(upstream);
  }

  #wayTo(target: UpstreamTarget): string {
    // Of the store of roots, only what was added to the machine's own may differ.
    const text = JSON.stringify(target, (name, value: unknown) =>
      name === "wellKnownRoots" ? this.#addedRoots() : value,
    );
    return createHash("sha256").update(text).digest("base64");
  }

  #addedRoots(): string {
    const { moreRoots } = this.#options.prepared;
    if (moreRoots.length === 0) return "";
    const hash = createHash("sha256");
    for (const root of moreRoots) hash.update(root);
    return hash.digest("hex");
  }
}

function targetOf(server: Server, options: UpstreamsOptions): UpstreamTarget {
  const { setting } = server.pair;
  const member = server.address ?? "";
  const port = setting.port ?? (isTls(setting.protocol) ? 443 : 80);
  const place = options.prepared.places.placeOf(server, port);
  const elsewhere = place === undefined || place === "port-not-mapped" ? undefined : place;
  return {
    member,
    host: elsewhere?.address ?? member,
    port: elsewhere?.port ?? port,
    localAddress: options.fromAddress,
    tls: isTls(setting.protocol) ? tlsOf(server, options) : undefined,
    dedicated: setting.dedicatedBackendConnection,
    limits: limitsOf(setting.requestTimeoutS * 1000),
  };
}

/** A response that stands still for as long as its beginning may take, and for a while at least, is over. */
function limitsOf(responseMs: number): UpstreamLimits {
  return {
    connectMs,
    relayMs: Math.max(relayMs, responseMs),
    idleMs,
    idleConnections,
    http: { ...defaultLimits, headBytes: asGateway.headBytes },
  };
}

function tlsOf(server: Server, options: UpstreamsOptions): UpstreamTls {
  const { generation } = options.prepared.gateway;
  const { setting } = server.pair;
  const plan = planRequest(generation, setting, server.address, options.switches);
  const client = { scheme: "https", host: "", path: "/", method: "GET" } as const;
  const exchange = exchangeOfRequest(
    generation,
    { ...plan, port: { ...plan.port, value: plan.port.value ?? 443 } },
    client,
    { path: "/", rewrittenHost: undefined },
    options.switches,
  );
  if ("notSent" in exchange) throw new Error(`no plan for ${server.address ?? server.pair.id}`);
  return {
    offer: handshakeOf(exchange, connectMs),
    rules: {
      generation,
      nameChecked: plan.nameChecked,
      chainChecked: plan.chainChecked,
      trustedRoots: setting.trustedRootCertificates.flatMap(uploaded),
      wellKnownRoots: options.wellKnownRoots(),
      authenticationCertificates: setting.authenticationCertificates.flatMap(uploaded),
      azureService: options.isAzureService(server),
    },
  };
}

function uploaded({ target }: Reference<Certificate>): readonly (Buffer | string)[] {
  return encodedCertificates(target?.data ?? "");
}
