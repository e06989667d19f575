import { asGateway } from "../../src/health/exchange.ts";
import type { HttpPhase, ProbeObservation, TcpPhase, TlsPhase } from "../../src/model/probe-observation.ts";

/** What may differ from an exchange over plain text that was answered with 200. */
export interface Seen {
  readonly sent?: Partial<ProbeObservation["sent"]>;
  readonly tcp?: Partial<TcpPhase>;
  readonly tls?: Partial<TlsPhase>;
  readonly http?: Partial<HttpPhase>;
}

/** A live request to 10.0.1.4:8080. A phase that did not come about ends the observation there. */
export function observed({ sent, tcp, tls, http }: Seen = {}): ProbeObservation {
  const connected = (tcp?.outcome ?? "connected") === "connected";
  const established = (tls?.outcome ?? "established") === "established";
  return {
    startedAtMs: Date.UTC(2026, 5, 1),
    fromAddress: undefined,
    sent: { ...request, ...sent },
    dns: undefined,
    tcp: { ...tcpPhase, ...tcp },
    tls: connected && tls !== undefined ? { ...tlsPhase, ...tls } : undefined,
    http: connected && established ? { ...httpPhase, ...http } : undefined,
  };
}

/** The phases when nothing is out of the ordinary. */
export const request: ProbeObservation["sent"] = {
  target: "10.0.1.4",
  purpose: "request",
  protocol: "Http",
  port: 8080,
  method: "GET",
  path: "/",
  host: "shop.contoso.com",
  sni: undefined,
  tls: undefined,
  timeoutMs: 20_000,
  lookFor: undefined,
  client: { scheme: "https", host: "shop.contoso.com", path: "/", method: "GET" },
  clientFields: [],
  manner: asGateway,
};

export const tcpPhase: TcpPhase = {
  address: "10.0.1.4",
  port: 8080,
  outcome: "connected",
  errno: undefined,
  localAddress: "10.0.0.9",
  tookMs: 1,
};

export const tlsPhase: TlsPhase = {
  outcome: "established",
  sniSent: undefined,
  version: "TLSv1.3",
  cipher: undefined,
  alpn: undefined,
  alert: undefined,
  lateAlert: undefined,
  warnings: [],
  chain: [],
  clientCertificateRequested: false,
  messages: [],
  fault: undefined,
  firstBytesBase64: undefined,
  errno: undefined,
  tookMs: 1,
};

export const httpPhase: HttpPhase = {
  outcome: "answered",
  bytesSent: 10,
  version: "HTTP/1.1",
  status: 200,
  reason: "OK",
  headers: [],
  bodyHolds: undefined,
  pageOf: undefined,
  interim: [],
  bodyBytes: 0,
  bodyComplete: true,
  extraBytes: 0,
  fault: undefined,
  firstBytesBase64: undefined,
  errno: undefined,
  firstByteMs: 1,
  completeMs: 2,
  endedBy: "us",
  endedMs: 2,
  idle: undefined,
  tookMs: 2,
};
