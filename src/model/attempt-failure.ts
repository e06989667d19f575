import type { Source } from "./source.ts";

/** How an attempt of `causeway run` at a server failed, every kind apart; also a word of its access log. */
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

/** Why an attempt failed, as a row tells it: certificates do not stand there. */
export interface LoggedFailure {
  readonly kind: AttemptFailureKind;
  readonly detail: string | undefined;
  readonly offset: number | undefined;
  readonly nothingSent: boolean;
  readonly stale: boolean;
  /** How an answer that is no valid response begins, as recordings keep it. */
  readonly firstBytes: Buffer | undefined;
}

/** One attempt as a row tells it; times in milliseconds since the exchange began. */
export interface LoggedAttempt {
  readonly server: string;
  readonly member: string;
  readonly connection: "fresh" | "reused";
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
  readonly failure: LoggedFailure | undefined;
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
  readonly attempts: readonly LoggedAttempt[];
}
