import { isIP, type Socket } from "node:net";
import type { ProbePlan } from "../health/probe-plan.ts";
import type { Generation } from "../model/gateway.ts";
import type {
  DnsPhase,
  HttpPhase,
  ProbeObservation,
  SentPlan,
  TlsPhase,
} from "../model/probe-observation.ts";
import { requestHead, WriteRefused } from "../wire/http1/writer.ts";
import type { HandshakePlan, handshake } from "../wire/tls/handshake.ts";
import type { Clock } from "./clock.ts";
import type { Connected, connectTcp } from "./connect.ts";
import { exchangeHttp } from "./http-exchange.ts";
import { tlsPhaseOf } from "./tls-phase.ts";

/** One plan and the server it is for. */
export interface ProbeToSend {
  readonly plan: ProbePlan;
  readonly generation: Generation;
  /** The pool member: a name or an address. */
  readonly target: string;
  readonly fromAddress: string | undefined;
}

export interface ProbeMeans {
  /** Ends within so many milliseconds. */
  readonly resolve: (name: string, budgetMs: number, signal: AbortSignal | undefined) => Promise<DnsPhase>;
  readonly connect: typeof connectTcp;
  readonly openTls: typeof handshake;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly signal: AbortSignal | undefined;
}

/** Why the gateway itself would send nothing, or we cannot send it; nothing was done. */
export interface NotSent {
  readonly notSent: "port-unknown" | "host-rejected" | "host-unknown" | "not-writable";
  readonly detail: string;
}

/**
 * Sends what a plan says, once, to the first address of its server, and tells what happened in every phase. The plan's
 * time-out is for all phases together (health-probes.md §5: no valid response within it). Rejects only when the signal is
 * aborted, with its reason. Redirects are not followed and nothing is repeated.
 */
export async function sendProbe(probe: ProbeToSend, means: ProbeMeans): Promise<ProbeObservation | NotSent> {
  means.signal?.throwIfAborted();
  const request = writeRequest(probe, means.userAgent);
  if ("notSent" in request) return request;
  return new Sending(probe, request, means).run();
}

/** What is settled before anything is sent. */
interface Request {
  readonly port: number;
  /** Undefined on layer 4. */
  readonly head: string | undefined;
}

function writeRequest({ plan }: ProbeToSend, userAgent: string): Request | NotSent {
  const { value: port } = plan.port;
  if (port === undefined) return { notSent: "port-unknown", detail: "neither probe nor setting has a port" };
  if (!isLayer7(plan)) return { port, head: undefined };
  if (plan.host.rejected) return { notSent: "host-rejected", detail: "there is no host name to pick" };
  const { value: host } = plan.host;
  if (host === undefined) return { notSent: "host-unknown", detail: "the host name is not known" };
  const fields = [
    { name: "Host", value: host },
    { name: "User-Agent", value: userAgent },
    { name: "Accept", value: "*/*" },
    { name: "Connection", value: "close" },
  ];
  try {
    return { port, head: requestHead({ method: "GET", target: plan.path.value ?? "/", fields }) };
  } catch (error) {
    if (error instanceof WriteRefused) return { notSent: "not-writable", detail: error.message };
    throw error;
  }
}

const isLayer7 = ({ protocol }: ProbePlan): boolean => protocol === "Http" || protocol === "Https";
const isTls = ({ protocol }: ProbePlan): boolean => protocol === "Https" || protocol === "Tls";

class Sending {
  readonly #probe: ProbeToSend;
  readonly #request: Request;
  readonly #means: ProbeMeans;
  readonly #originMs: number;
  readonly #startedAtMs: number;
  readonly #deadlineMs: number;

  constructor(probe: ProbeToSend, request: Request, means: ProbeMeans) {
    this.#probe = probe;
    this.#request = request;
    this.#means = means;
    this.#originMs = means.clock.nowMs();
    this.#startedAtMs = means.clock.epochMs();
    this.#deadlineMs = this.#originMs + probe.plan.timeoutS * 1000;
  }

  async run(): Promise<ProbeObservation> {
    const { target, fromAddress } = this.#probe;
    const nothing = { dns: undefined, tcp: undefined, tls: undefined, http: undefined };
    const start = { ...nothing, startedAtMs: this.#startedAtMs, fromAddress, sent: this.#sentPlan() };
    const { resolve, signal } = this.#means;
    const dns = isIP(target) === 0 ? await resolve(target, this.#leftMs(), signal) : undefined;
    const address = dns === undefined ? target : dns.used[0];
    if (address === undefined) return { ...start, dns };
    const { phase: tcp, socket } = await this.#connect(address);
    if (socket === undefined) return { ...start, dns, tcp };
    if (!isTls(this.#probe.plan)) return { ...start, dns, tcp, http: await this.#exchange(socket) };
    return { ...start, dns, tcp, ...(await this.#overTls(socket)) };
  }

  #sentPlan(): SentPlan {
    const { plan, target } = this.#probe;
    return {
      purpose: "probe",
      protocol: plan.protocol,
      target,
      port: this.#request.port,
      method: isLayer7(plan) ? "GET" : undefined,
      path: isLayer7(plan) ? (plan.path.value ?? "/") : undefined,
      host: plan.host.value,
      sni: plan.sni.value,
      timeoutMs: plan.timeoutS * 1000,
    };
  }

  #leftMs(): number {
    return Math.max(0, this.#deadlineMs - this.#means.clock.nowMs());
  }

  #connect(address: string): Promise<Connected> {
    const { connect, clock, signal } = this.#means;
    const { fromAddress: localAddress } = this.#probe;
    const target = { address, port: this.#request.port, localAddress, timeoutMs: this.#leftMs() };
    return connect(target, clock, signal);
  }

  async #overTls(transport: Socket): Promise<{ tls: TlsPhase; http: HttpPhase | undefined }> {
    const { openTls, clock, signal } = this.#means;
    const { facts, connection } = await openTls(this.#handshakePlan(), { transport, clock, signal });
    if (connection === undefined) return { tls: tlsPhaseOf(facts, undefined), http: undefined };
    const http = await this.#exchange(connection.socket);
    return { tls: tlsPhaseOf(facts, connection.lateAlert()), http };
  }

  /** Towards servers v2 speaks TLS 1.2 and 1.3, v1 1.2 (request-handling.md §8.2); HTTP/1.1 needs no ALPN. */
  #handshakePlan(): HandshakePlan {
    const { plan, generation } = this.#probe;
    return {
      serverName: plan.sni.value,
      alpn: [],
      minVersion: "TLSv1.2",
      maxVersion: generation === "v1" ? "TLSv1.2" : "TLSv1.3",
      ciphers: undefined,
      timeoutMs: this.#leftMs(),
    };
  }

  /** On layer 4 a connection is all there is to see: it is closed again. */
  async #exchange(socket: Socket): Promise<HttpPhase | undefined> {
    const { clock, signal } = this.#means;
    const { head } = this.#request;
    if (head === undefined) {
      socket.destroy();
      return undefined;
    }
    const exchange = { method: "GET", head, timeoutMs: this.#leftMs(), originMs: this.#originMs };
    return exchangeHttp(socket, exchange, clock, signal);
  }
}
