import type { SecureContext, SecureVersion } from "node:tls";
import type { Gateway, Listener } from "../../model/gateway.ts";
import type { Origin } from "../../model/source.ts";
import type { MappedPlace } from "../../probe/backend-mapping.ts";
import type { BoundListener } from "../../routing/listener-match.ts";
import type { Router } from "../../routing/request-route.ts";
import type { Rewriter } from "../../routing/rewrite/rewriter.ts";
import type { Server, Wiring } from "../../routing/routes.ts";

/** A gateway made ready to be served by this machine. Nothing in it changes; a new configuration is a new one. */
export interface PreparedGateway {
  readonly gateway: Gateway;
  readonly wiring: Wiring;
  readonly router: Router;
  /** Rewrite sets made ready. */
  readonly rewriter: Rewriter;
  /** Where to listen, no address and port twice. Empty = nothing can be served; `notServed` says why. */
  readonly doors: readonly Door[];
  /** Where servers are reached instead, as the call says. */
  readonly places: BackendPlaces;
  readonly names: NameSettings;
  /** PEM or DER: trusted like the well-known roots, on this machine only. */
  readonly moreRoots: readonly (string | Buffer)[];
  readonly errorPages: ErrorPages;
  /** `globalConfiguration`: whole bodies are taken before they are passed on. */
  readonly buffering: { readonly request: boolean; readonly response: boolean };
  /** What the configuration says and this machine does not do: each once, to be said at the start. */
  readonly notServed: readonly NotServed[];
}

/** One frontend address and port of the gateway, and the place on this machine that stands for it. */
export interface Door {
  /** `frontend:port`, from the names in the configuration; equal before and after a reload. */
  readonly key: string;
  /** Address and port of this machine to listen on; port 0 = one that is free. */
  readonly host: string;
  readonly port: number;
  /** Several processes listen here at once, and the system shares connections among them. */
  readonly shared?: boolean | undefined;
  /** The port in the configuration: for routing, `X-Forwarded-Port` and `server_port`. */
  readonly frontendPort: number;
  /** Id of the frontend IP configuration, as `Router` wants it; undefined = the listeners name none. */
  readonly frontend: string | undefined;
  readonly protocol: "http" | "https" | "tcp" | "tls";
  /** Those that are served, in the order in which they are tried. Never empty. */
  readonly listeners: readonly [BoundListener, ...BoundListener[]];
  /** Set if, and only if, the protocol is `https` or `tls`. */
  readonly tls: DoorTls | undefined;
  /** Clients may speak HTTP/2 here: `enableHttp2`, and TLS. */
  readonly http2: boolean;
}

/** The TLS of one door. */
export interface DoorTls {
  /** What a client gets that names this server, or none (request-handling.md §8.1). */
  choose(serverName: string | undefined): TlsChoice;
  /** Every listener's, without repeats: for the widest version range and to be told of at the start. */
  readonly identities: readonly [TlsIdentity, ...TlsIdentity[]];
}

/** v1 resets handshakes that name nobody it knows. */
export type TlsChoice = TlsIdentity | "reset";

/**
 * The TLS of one listener: one object a listener, so that it may serve as a key. Node changes only the certificate when it
 * learns the name (`SNICallback`); versions, ciphers and the wish for a client certificate have to be known when the
 * `TLSSocket` is made, that is, with the ClientHello already looked at.
 */
export interface TlsIdentity {
  readonly listener: Listener;
  /** Certificate, key, versions, ciphers, and the roots of client certificates: all of it. */
  readonly context: SecureContext;
  readonly policy: TlsPolicy;
  /** What to offer in ALPN, the first preferred; empty = nothing: on layer 4 the servers' protocol is not known. */
  readonly alpn: readonly ("h2" | "http/1.1")[];
  /** Undefined = clients are not asked for a certificate. */
  readonly clients: ClientCertificates | undefined;
  /** Where the certificate comes from. */
  readonly certificate: "configuration" | "file" | "self-signed";
  /** Equal where, and only where, the certificate and its key are the same. */
  readonly digest: string;
}

/** What the gateway's TLS policy allows its clients (request-handling.md §8.1). */
export interface TlsPolicy {
  /** e.g. `AppGwSslPolicy20220101`, or `Custom`, `CustomV2`. */
  readonly name: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** As OpenSSL writes them, separated by colons, TLS 1.3 among them. */
  readonly ciphers: string;
}

/** Mutual TLS: a client without a fitting certificate gets 400 (request-handling.md §9). */
export interface ClientCertificates {
  /** DER of the CA certificates that clients' chains have to end in; each one may be root or intermediate. */
  readonly authorities: readonly Buffer[];
  /** The issuer's name in the client's certificate has to be that of an uploaded one. */
  readonly verifyIssuerName: boolean;
  /** Equal where, and only where, the same is wanted: a client that has met one has met the other. */
  readonly demand: string;
}

/** Where servers are reached instead of where their members say. */
export interface BackendPlaces {
  /** A mapping of the server's pool comes after one of the member itself. Undefined = not mapped. */
  placeOf(server: Server, port: number): MappedPlace | "port-not-mapped" | undefined;
}

/** How names of servers become addresses. */
export interface NameSettings {
  /** Lower case without the dot of the root → IP addresses. Names that are not here are asked for. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Empty = the resolver of this machine. */
  readonly dnsServers: readonly { readonly address: string; readonly port: number }[];
}

/** Pages of the configuration for errors that the gateway makes itself. */
export interface ErrorPages {
  /** The listener's page, else the gateway's; undefined = the built-in one. */
  pageFor(listener: Listener | undefined, status: number): Buffer | undefined;
}

/** Something in the configuration that is not done here. */
export interface NotServed {
  readonly what: NotServedKind;
  /** `hole`: requests that the gateway would answer get no answer, or another one. `less`: they are served without it. */
  readonly weight: "hole" | "less";
  /** One sentence that names the object. */
  readonly says: string;
  /** What to do about it, as an imperative; undefined = nothing can be done. */
  readonly instead: string | undefined;
  readonly at: Origin;
}

export type NotServedKind =
  | "waf"
  | "certificate"
  | "certificate-revocation"
  | "client-certificates"
  | "door-taken"
  | "error-page"
  | "layer-4"
  | "listener-incomplete"
  | "listener-other-protocol"
  | "listener-protocol"
  | "listener-shadowed"
  | "listener-without-rule"
  | "load-distribution"
  | "member-without-address"
  | "reference"
  | "rewrite"
  | "rule-leads-nowhere"
  | "stopped"
  | "tls-policy";

/** What a call asks for does not fit the gateway; one sentence for people. */
export class PreparationError extends Error {}
