import type { ExchangePlan } from "./exchange-plan.ts";

/**
 * What was seen when one planned probe or request was really sent: every phase with its own time and its own outcome.
 * Nothing is folded: a time-out says in which phase, a reset whether before or after the first byte. All times are in
 * milliseconds since the start of the observation unless the name says otherwise.
 */
export interface ProbeObservation {
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  /** Where it was sent from, when a source address was asked for. */
  readonly fromAddress: string | undefined;
  readonly sent: SentPlan;
  /** Undefined when the target was an address. */
  readonly dns: DnsPhase | undefined;
  /** Undefined when no address was known to connect to. */
  readonly tcp: TcpPhase | undefined;
  readonly tls: TlsPhase | undefined;
  readonly http: HttpPhase | undefined;
}

/** The plan as it was sent, and the pool member it was for. */
export interface SentPlan extends ExchangePlan {
  /** A name or an address. */
  readonly target: string;
}

/** Whose answer it is: a server the gateway would use, one asked for comparison, or this machine's own resolver. */
export type DnsRole = "gateway" | "comparison" | "system";

/** One name asked at one server. */
export interface DnsAnswer {
  /** Its address, with the port where that is not 53; `system` for this machine's resolver. */
  readonly server: string;
  readonly role: DnsRole;
  /** Undefined where the system's resolver chose by itself. */
  readonly type: "A" | "AAAA" | undefined;
  /**
   * `answered`: whatever the rcode. `no-answer`: nothing that fits the question came in time, or a TCP connection was
   * ended without one. `unreachable`: the machine or network said so (`errno`). `malformed`: `fault` says how.
   */
  readonly outcome: "answered" | "no-answer" | "unreachable" | "malformed";
  readonly transport: "udp" | "tcp" | "system";
  /** As registered: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …; undefined without answer. */
  readonly rcode: string | undefined;
  readonly errno: string | undefined;
  readonly fault: { readonly kind: string; readonly offset: number } | undefined;
  readonly addresses: readonly string[];
  /** The names the answer went through, in order. */
  readonly canonicalNames: readonly string[];
  /** Where the aliases lead to; `open`: to a name that this server, asked for it, has no address of. */
  readonly chain: "complete" | "open" | "loop" | "too-long";
  /** The smallest of the records used. */
  readonly ttlS: number | undefined;
  /** Messages sent for it: more than one after a truncated answer, a lost one, or aliases without address. */
  readonly sent: number;
  /** Messages received that answer something else: another id, another question. */
  readonly ignored: number;
  readonly tookMs: number;
}

export interface DnsPhase {
  readonly name: string;
  /** Why the name cannot be asked at all, e.g. `empty-label`. */
  readonly unaskable: string | undefined;
  /** Every server that was asked; the gateway's own first. */
  readonly answers: readonly DnsAnswer[];
  /**
   * Whether servers that answered gave the same rcode and addresses: the gateway's own among each other, and with the
   * others. Silent servers neither agree nor differ.
   */
  readonly differing: { readonly amongGatewayServers: boolean; readonly withOthers: boolean };
  /** What the gateway would connect to, in order; empty = no address. */
  readonly used: readonly string[];
  readonly tookMs: number;
}

export interface TcpPhase {
  readonly address: string;
  readonly port: number;
  readonly outcome: "connected" | "refused" | "timed-out" | "unreachable" | "reset" | "failed";
  /** e.g. `ECONNREFUSED`; undefined when connected, or when our own time was up and the system had said nothing. */
  readonly errno: string | undefined;
  /** Where it was sent from, once known. */
  readonly localAddress: string | undefined;
  readonly tookMs: number;
}

/** One certificate as the server sent it. */
export interface SentCertificate {
  readonly derBase64: string;
}

export interface TlsPhase {
  readonly outcome:
    | "established"
    /** The server refused with an alert. */
    | "alert"
    /** What came back is not TLS. */
    | "not-tls"
    | "timed-out"
    | "reset"
    | "closed"
    | "failed";
  readonly sniSent: string | undefined;
  /** e.g. `TLSv1.3` */
  readonly version: string | undefined;
  readonly cipher: string | undefined;
  readonly alpn: string | undefined;
  /** The alert by its registered name, e.g. `handshake_failure`. */
  readonly alert: string | undefined;
  /**
   * An alert that came after the handshake: a TLS 1.3 server refuses a missing client certificate only then (RFC 8446
   * §4.4.2.4).
   */
  readonly lateAlert: string | undefined;
  /** Alerts of level warning, after which the server went on. */
  readonly warnings: readonly string[];
  /** In the server's own order; empty when it sent none, undefined when the handshake did not come so far. */
  readonly chain: readonly SentCertificate[] | undefined;
  readonly clientCertificateRequested: boolean;
  /** The server's handshake messages as far as they came, e.g. `server_hello`. */
  readonly messages: readonly string[];
  /** How the server broke the protocol. */
  readonly fault: string | undefined;
  /** At most 64, when they are not TLS. */
  readonly firstBytesBase64: string | undefined;
  readonly errno: string | undefined;
  readonly tookMs: number;
}

/** The wait before an exchange on a connection that had carried one before. */
export interface IdleWait {
  /**
   * The exchange before left the connection open for another. If it did not, no other was tried, and the phase tells of
   * that first exchange.
   */
  readonly reusable: boolean;
  /** When the server ended the connection, counted from the end of the exchange before; undefined = it stayed open. */
  readonly closedAfterMs: number | undefined;
  /** It was ended by a reset. */
  readonly byReset: boolean;
  /** How many bytes came meanwhile, which nobody had asked for. */
  readonly unaskedBytes: number;
}

export interface HttpPhase {
  readonly outcome:
    | "answered"
    | "timed-out-before-first-byte"
    | "timed-out-midway"
    | "reset-before-first-byte"
    | "reset-midway"
    | "closed-before-first-byte"
    | "closed-midway"
    /** The connection broke in another way; see `errno` and the TLS phase's `lateAlert`. */
    | "failed-before-first-byte"
    | "failed-midway"
    /** The bytes are no valid response of the version that was spoken; see `fault`. */
    | "invalid";
  /** Of the request, as far as the system took them. */
  readonly bytesSent: number;
  readonly version: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | undefined;
  /** Of the final response. */
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** In the order received; only values that tell a cause are kept (`kept-values.ts`). */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Of the body nothing else is kept than this and the next: whether the text that was looked for is in it; undefined when none was, or too little was read to tell. */
  readonly bodyHolds: boolean | undefined;
  /** The product whose own error page it is, e.g. `nginx`; undefined when it is none that is known. */
  readonly pageOf: string | undefined;
  /** Statuses of the interim responses that came before. */
  readonly interim: readonly number[];
  /** As many as were read: reading ends once there are more than are kept. */
  readonly bodyBytes: number;
  /** The body was read to its end. */
  readonly bodyComplete: boolean;
  /** Bytes that came after the response, which nobody asked for. */
  readonly extraBytes: number;
  /** The framing fault, and how many bytes into the response it stands. */
  readonly fault: { readonly kind: string; readonly offset: number } | undefined;
  /** At most 64, of a response that is invalid. */
  readonly firstBytesBase64: string | undefined;
  readonly errno: string | undefined;
  readonly firstByteMs: number | undefined;
  /** When the response was complete. */
  readonly completeMs: number | undefined;
  /** Who ended the connection: the server (or the network, see `errno`), or us once the answer was complete or given up. */
  readonly endedBy: "server" | "us";
  readonly endedMs: number;
  /** Undefined unless the exchange was to be the second of its connection. */
  readonly idle: IdleWait | undefined;
  readonly tookMs: number;
}
