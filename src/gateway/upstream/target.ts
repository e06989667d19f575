import type { ChainToJudge } from "../../health/certificates/judge.ts";
import type { Http1Limits } from "../../wire/http1/limits.ts";
import type { HandshakePlan } from "../../wire/tls/handshake.ts";

/** One server reached in one way: everything that its connections are made by. */
export interface UpstreamTarget {
  /** The pool member as configured. */
  readonly member: string;
  /** Where it is to be reached: the member itself, or what it is mapped to. An address, or a name to be resolved. */
  readonly host: string;
  readonly port: number;
  /** Undefined = as the system routes. */
  readonly localAddress: string | undefined;
  /** Undefined = plain text. */
  readonly tls: UpstreamTls | undefined;
  /** Every client connection has a connection of its own: `AttemptManner.owner` says whose. */
  readonly dedicated: boolean;
  readonly limits: UpstreamLimits;
}

export interface UpstreamTls {
  /** What is offered, as probes offer it (src/probe/tls-offer.ts). */
  readonly offer: Pick<HandshakePlan, "minVersion" | "maxVersion" | "ciphers" | "groups">;
  /** What a server's chain is held against. */
  readonly rules: Omit<ChainToJudge, "chain" | "name" | "nowMs">;
}

/** All times in milliseconds. */
export interface UpstreamLimits {
  /** For name, TCP and TLS together; the time-out of the response counts as well. */
  readonly connectMs: number;
  /** Between two reads of a response whose head has come, while the client takes it. */
  readonly relayMs: number;
  /** How long a connection may be idle where nothing is known of the server. */
  readonly idleMs: number;
  /** Idle connections that are kept. */
  readonly idleConnections: number;
  readonly http: Http1Limits;
}
