import type { Source } from "./source.ts";

/** How an attempt of `causeway run` at a server failed; also a word of its access log. */
export type AttemptFailureKind =
  | "dns"
  | "connect-refused"
  | "connect-timeout"
  | "connect-unreachable"
  | "connect-reset"
  | "connect-failed"
  | "tls-alert"
  | "tls-not-tls"
  | "tls-timeout"
  | "tls-closed"
  | "tls-certificate"
  | "tls-failed"
  | "send-reset"
  | "response-timeout"
  | "response-reset"
  | "response-closed"
  | "response-invalid"
  | "relay-timeout"
  | "relay-reset"
  | "relay-closed"
  | "relay-invalid"
  | "response-drained"
  | "relay-drained"
  | "aborted";

/** Why an attempt failed, every kind apart. */
export interface AttemptFailure {
  readonly kind: AttemptFailureKind;
  /** `ECONNRESET`, a TLS alert, a certificate fault or a framing fault by name. */
  readonly detail: string | undefined;
  /** Where in the response a framing fault stands. */
  readonly offset: number | undefined;
  /** No byte of the request had been taken by the system. */
  readonly nothingSent: boolean;
  /** A reused connection that ended before one byte of a response. */
  readonly stale: boolean;
  /** The certificates the server sent, DER, in its order; with `tls-certificate`. */
  readonly chain?: readonly Buffer[] | undefined;
  /** How an answer that is no valid response begins, a copy of at most 512 bytes; with `response-invalid`, `tls-not-tls`. */
  readonly firstBytes?: Buffer | undefined;
}

/** One attempt of `causeway run` at one server. All times in milliseconds since the exchange began. */
export interface Attempt {
  /** `ip:port` that was connected to. */
  readonly server: string;
  /** The pool member as configured. */
  readonly member: string;
  readonly connection: "fresh" | "reused";
  /** How long a reused connection had been idle. */
  readonly idleMs: number | undefined;
  readonly startedMs: number;
  readonly dnsMs: number | undefined;
  readonly connectedMs: number | undefined;
  readonly tlsMs: number | undefined;
  readonly sentMs: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly endedMs: number;
  readonly status: number | undefined;
  readonly bytesSent: number;
  /** Undefined when it went well. */
  readonly failure: AttemptFailure | undefined;
}

/** By what the maker of an error is told. */
export interface AnsweredBy {
  /** The `Server` and `Via` fields, `undefined` where there was none. */
  readonly server: string | undefined;
  readonly via: string | undefined;
  /** The product whose own error page it is, by the beginning of the body. */
  readonly pageOf: string | undefined;
}

/** A failing exchange of `causeway run`, with every attempt, from a row of its access log. */
export interface LoggedExchange {
  readonly source: Source;
  /** As the row writes it; undefined where it does not. */
  readonly gatewayId: string | undefined;
  /** When the row was written: when the exchange ended. */
  readonly timeMs: number;
  readonly startedAtMs: number;
  /** Id of the route it took. */
  readonly route: string;
  /** A connection of layer 4: method, host and target are empty. */
  readonly carried: boolean;
  readonly method: string;
  /** As the client sent it. */
  readonly host: string;
  /** As the client sent it; of a query only that there is one. */
  readonly target: string;
  readonly attempts: readonly Attempt[];
  /** Who made the error that the server answered; undefined where no server answered one, or nothing tells. */
  readonly answeredBy: AnsweredBy | undefined;
}
