import { isIP, type Socket } from "node:net";
import { isTls } from "../health/exchange.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { DnsPhase, HttpPhase, ProbeObservation, TlsPhase } from "../model/probe-observation.ts";
import type { handshake } from "../wire/tls/handshake.ts";
import type { BackendMappings, MappedPlace } from "./backend-mapping.ts";
import type { Clock } from "./clock.ts";
import type { Connected, connectTcp } from "./connect.ts";
import { GivenValues } from "./given-values.ts";
import { exchangeHttp } from "./http-exchange.ts";
import { exchangeHttp2, notNegotiated } from "./http2-exchange.ts";
import { exchangeAfterIdle } from "./idle-reuse.ts";
import { proxyHeader } from "./proxy-header.ts";
import { type NotWritable, type RequestMeans, type RequestToSend, requestToSend } from "./request-to-send.ts";
import { handshakeOf } from "./tls-offer.ts";
import { tlsPhaseOf } from "./tls-phase.ts";

/** One plan and the server it is for. */
export interface ExchangeToSend {
  readonly plan: ExchangePlan;
  /** The pool member: a name or an address. */
  readonly target: string;
  /** One of the addresses of a name that was resolved before, with how; undefined = resolve, and take the first. */
  readonly resolved?: { readonly dns: DnsPhase; readonly address: string } | undefined;
  readonly fromAddress: string | undefined;
}

export interface ProbeMeans extends RequestMeans {
  /** Ends within so many milliseconds. */
  readonly resolve: (name: string, budgetMs: number, signal: AbortSignal | undefined) => Promise<DnsPhase>;
  readonly connect: typeof connectTcp;
  readonly openTls: typeof handshake;
  readonly clock: Clock;
  /** Members that are reached at another address than their own. */
  readonly mapping?: Pick<BackendMappings, "lookup"> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The member is mapped onto another address, but not on this port; nothing was done. */
export interface PortNotMapped {
  readonly notSent: "port-not-mapped";
  readonly detail: string;
}

export type CannotSend = NotWritable | PortNotMapped;

/**
 * Sends what a plan says, once, to one address of its server, and tells what happened in every phase. The plan's time-out
 * is for all phases together (health-probes.md §5: no valid response within it); where an exchange is repeated after an
 * idle time, the second has as much again. Rejects only when the signal is aborted,
 * with its reason. Redirects are not followed and nothing is repeated. A member that
 * is mapped is not resolved: the TCP phase tells the address and port that were really connected to.
 */
export async function sendExchange(
  exchange: ExchangeToSend,
  means: ProbeMeans,
): Promise<ProbeObservation | CannotSend> {
  means.signal?.throwIfAborted();
  const { target, plan } = exchange;
  const place = means.mapping?.lookup(plan.manner.connectTo ?? target, plan.port);
  if (place === "port-not-mapped") {
    return { notSent: place, detail: `${target} is mapped for other ports than ${plan.port}` };
  }
  const request = requestToSend(plan, means);
  if (request !== undefined && "notSent" in request) return request;
  const observation = await new Sending(exchange, request, place, means).run();
  return givenValues(plan, means).withheldFrom(observation);
}

/** Whatever the server sends back of it is withheld before anybody sees it. */
function givenValues({ purpose, path, client }: ExchangePlan, means: RequestMeans): GivenValues {
  const own = purpose === "request" ? [path, client?.path] : [];
  const paths = [...own, ...(means.clientPaths ?? [])].filter((one) => one !== undefined);
  return new GivenValues(means.clientFields ?? new Map(), paths);
}

class Sending {
  readonly #exchange: ExchangeToSend;
  readonly #request: RequestToSend | undefined;
  readonly #mapped: MappedPlace | undefined;
  readonly #means: ProbeMeans;
  readonly #originMs: number;
  readonly #startedAtMs: number;
  readonly #deadlineMs: number;

  constructor(
    exchange: ExchangeToSend,
    request: RequestToSend | undefined,
    mapped: MappedPlace | undefined,
    means: ProbeMeans,
  ) {
    this.#exchange = exchange;
    this.#request = request;
    this.#mapped = mapped;
    this.#means = means;
    this.#originMs = means.clock.nowMs();
    this.#startedAtMs = means.clock.epochMs();
    this.#deadlineMs = this.#originMs + exchange.plan.timeoutMs;
  }

  async run(): Promise<ProbeObservation> {
    const { plan, target, fromAddress } = this.#exchange;
    const nothing = { dns: undefined, tcp: undefined, tls: undefined, http: undefined };
    const start = { ...nothing, startedAtMs: this.#startedAtMs, fromAddress, sent: { ...plan, target } };
    const { dns, place } = await this.#locate();
    if (place === undefined) return { ...start, dns };
    this.#means.signal?.throwIfAborted();
    const { phase: tcp, socket } = await this.#connect(place);
    if (socket === undefined) return { ...start, dns, tcp };
    if (plan.manner.proxyHeader) socket.write(proxyHeader(socket));
    if (!isTls(plan.protocol)) return { ...start, dns, tcp, http: await this.#send(socket) };
    return { ...start, dns, tcp, ...(await this.#overTls(socket)) };
  }

  /** Where to connect to. Only a name that is to be connected to itself is resolved. */
  async #locate(): Promise<{ dns: DnsPhase | undefined; place: MappedPlace | undefined }> {
    const { plan, target, resolved } = this.#exchange;
    const { resolve, signal } = this.#means;
    const { port, manner } = plan;
    if (this.#mapped !== undefined) return { dns: undefined, place: this.#mapped };
    if (manner.connectTo !== undefined) return { dns: undefined, place: { address: manner.connectTo, port } };
    if (resolved !== undefined) return { dns: resolved.dns, place: { address: resolved.address, port } };
    if (isIP(target) !== 0) return { dns: undefined, place: { address: target, port } };
    const dns = await resolve(target, this.#leftMs(), signal);
    const [address] = dns.used;
    return { dns, place: address === undefined ? undefined : { address, port } };
  }

  #leftMs(): number {
    return Math.max(0, this.#deadlineMs - this.#means.clock.nowMs());
  }

  #connect(place: MappedPlace): Promise<Connected> {
    const { connect, clock, signal } = this.#means;
    const target = { ...place, localAddress: this.#exchange.fromAddress, timeoutMs: this.#leftMs() };
    return connect(target, clock, signal);
  }

  async #overTls(transport: Socket): Promise<{ tls: TlsPhase; http: HttpPhase | undefined }> {
    const { openTls, clock, signal } = this.#means;
    const { facts, connection } = await openTls(handshakeOf(this.#exchange.plan, this.#leftMs()), {
      transport,
      clock,
      signal,
    });
    if (connection === undefined) return { tls: tlsPhaseOf(facts, undefined), http: undefined };
    const http = await this.#send(connection.socket, facts.alpn);
    return { tls: tlsPhaseOf(facts, connection.lateAlert()), http };
  }

  /** On layer 4 a connection is all there is to see: it is closed again. */
  async #send(socket: Socket, alpn?: string): Promise<HttpPhase | undefined> {
    const { clock, signal } = this.#means;
    if (this.#request === undefined) {
      socket.destroy();
      return undefined;
    }
    const { lookFor, manner, protocol, timeoutMs } = this.#exchange.plan;
    const tls = isTls(protocol);
    const exchange = {
      request: this.#request,
      lookFor,
      headBytes: manner.headBytes,
      dripMs: manner.dripMs,
      timeoutMs: this.#leftMs(),
      originMs: this.#originMs,
    };
    if (manner.afterIdleMs !== undefined) {
      const reuse = { idleMs: manner.afterIdleMs, timeoutMs };
      return exchangeAfterIdle(socket, exchange, reuse, clock, signal);
    }
    if (manner.httpVersion === "HTTP/1.1") return exchangeHttp(socket, exchange, clock, signal);
    if (tls && alpn !== "h2") return notNegotiated(socket, exchange, clock);
    return exchangeHttp2(socket, { ...exchange, scheme: tls ? "https" : "http" }, clock, signal);
  }
}
