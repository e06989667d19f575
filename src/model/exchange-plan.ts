import type { Protocol } from "./gateway.ts";

/**
 * Everything that is sent in one exchange with a server, values only. Two exchanges with equal plans ask the same
 * question, whoever asked it and why: an observation holds for every server, route or fix whose plan is the same. An
 * experiment is a plan in which exactly one value is another.
 */
export interface ExchangePlan {
  readonly purpose: "probe" | "request";
  readonly protocol: Protocol;
  readonly port: number;
  /** Undefined on layer 4, as `path` and `host`. */
  readonly method: string | undefined;
  /** Of what clients ask, the query is withheld. */
  readonly path: string | undefined;
  readonly host: string | undefined;
  /** The name in the TLS handshake; undefined = none is sent, or no TLS. */
  readonly sni: string | undefined;
  /** What the handshake offers; undefined without TLS. */
  readonly tls: TlsOffer | undefined;
  /** For everything together. */
  readonly timeoutMs: number;
  /** Text that is looked for in the body; undefined = none. */
  readonly lookFor: string | undefined;
  /** The request of a client that the gateway would send on like this; undefined for probes. */
  readonly client: ClientRequest | undefined;
  /** Names of fields the client gave, lower case; their values are kept nowhere. */
  readonly clientFields: readonly string[];
  /** What a gateway never does and an experiment may; `asGateway` where nothing is out of the ordinary. */
  readonly manner: Manner;
}

export interface TlsOffer {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** `gateway`, `gateway-v1`: what a gateway of v2 or v1 offers to servers; `all`: whatever the library can speak, old ones too. */
  readonly ciphers: "gateway" | "gateway-v1" | "all";
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What a client asked the gateway for, or would. */
export interface ClientRequest {
  readonly scheme: "http" | "https" | "ws" | "wss";
  /** As in the Host field, with the port where it was written. */
  readonly host: string;
  /** Origin form; of a query only that there is one is kept in records. */
  readonly path: string;
  readonly method: string;
}

/** The ways in which an exchange may differ from what a gateway does. */
export interface Manner {
  /** `HTTP/2`: with prior knowledge, or by ALPN over TLS. */
  readonly httpVersion: "HTTP/1.1" | "HTTP/2";
  /** Sent as the second request of a connection that was idle for so long after the first; undefined = a fresh one. */
  readonly afterIdleMs: number | undefined;
  /** The pause between the bytes of the request; 0 = all at once. */
  readonly dripMs: number;
  /** How many bytes of a response head are taken. */
  readonly headBytes: number;
  /** Which other address is connected to, instead of the server's. */
  readonly connectTo: string | undefined;
  /** A PROXY protocol header (version 1) stands before everything. */
  readonly proxyHeader: boolean;
  /** The server is asked to close the connection after its answer, as probes ask it; requests otherwise keep it. */
  readonly withoutKeepAlive: boolean;
  /** 0 = the first time; the same asked again, for what comes and goes, is 1, 2 … */
  readonly attempt: number;
}
