import type { Listener } from "../../model/gateway.ts";
import type { ArrivingRequest } from "../request-route.ts";
import { FactNotKnown, type RequestFacts, type TlsFacts } from "./facts.ts";

/** Fields that only tell a server who asks and by which way; rewriting them is common and changes no answer. */
export const tracingFields: ReadonlySet<string> = new Set([
  "forwarded",
  "true-client-ip",
  "x-client-ip",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-real-ip",
]);

/** What is known of a request that nobody has made yet; the rest throws `FactNotKnown`. */
export function plannedFacts(request: ArrivingRequest, listener: Listener | undefined): RequestFacts {
  const { scheme, host, path, method, port } = request;
  const secure = scheme === "https" || scheme === "wss";
  const notKnown = (what: string): never => {
    throw new FactNotKnown(what);
  };
  return {
    method,
    scheme: secure ? "https" : "http",
    host,
    target: path,
    serverPort: port,
    tls: secure ? plannedTls : undefined,
    field: (lower) => fieldOf(lower, request),
    get httpVersion() {
      return notKnown("http_version");
    },
    get clientAddress() {
      return notKnown("client_ip");
    },
    get clientPort() {
      return notKnown("client_port");
    },
    get clientRttUs() {
      return notKnown("client_tcp_rtt");
    },
    get receivedBytes() {
      return notKnown("received_bytes");
    },
    get clientCertificate() {
      return asksForCertificate(listener) ? notKnown("client_certificate") : undefined;
    },
  };
}

const plannedTls: TlsFacts = {
  get protocol(): string {
    throw new FactNotKnown("ssl_connection_protocol");
  },
  get cipher(): string {
    throw new FactNotKnown("ciphers_used");
  },
  get offeredCiphers(): string {
    throw new FactNotKnown("ciphers_supported");
  },
};

/** A replayed request has no fields but those that are given by name, and a few that every request has. */
function fieldOf(lower: string, { fieldNames, scheme }: ArrivingRequest): string | undefined {
  // What rules make of tracing fields is passed over, so that nobody can tell what a later rule would see.
  if (tracingFields.has(lower) || fieldNames?.includes(lower)) throw new FactNotKnown(lower);
  if (lower === "accept") return "*/*";
  const webSocket = scheme === "ws" || scheme === "wss";
  if (lower === "upgrade" && webSocket) return "websocket";
  if (lower === "user-agent" || lower === "connection" || (webSocket && lower.startsWith("sec-websocket-"))) {
    throw new FactNotKnown(lower);
  }
  return undefined;
}

/** Mutual TLS, or a profile that is not among the documents. */
function asksForCertificate(listener: Listener | undefined): boolean {
  const profile = listener?.sslProfile;
  if (profile === undefined) return false;
  return profile.target === undefined || profile.target.trustedClientCertificates.length > 0;
}
