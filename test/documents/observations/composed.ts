import { recordingHead, recordingLine } from "../../../src/documents/observations/recording.ts";
import { asGateway } from "../../../src/health/exchange.ts";
import type { HttpPhase, ProbeObservation } from "../../../src/model/probe-observation.ts";

export const startedAtMs = Date.parse("2026-06-01T08:00:00Z");

export const head = recordingHead({
  version: "0.1.0",
  startedAtMs,
  host: "jump01.contoso.example",
  fromAddress: undefined,
});

export const answered: HttpPhase = {
  outcome: "answered",
  bytesSent: 96,
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
  firstByteMs: 4.5,
  completeMs: 5,
  endedBy: "server",
  endedMs: 6,
  idle: undefined,
  tookMs: 3,
};

/** A probe of 10.0.1.4 port 8080 over plain HTTP, answered. */
export function observation(
  over: Partial<ProbeObservation> = {},
  http: Partial<HttpPhase> = {},
): ProbeObservation {
  return {
    startedAtMs,
    fromAddress: undefined,
    sent: {
      target: "10.0.1.4",
      purpose: "probe",
      protocol: "Http",
      port: 8080,
      method: "GET",
      path: "/health?full=1",
      host: "shop.contoso.example",
      sni: undefined,
      tls: undefined,
      timeoutMs: 30_000,
      lookFor: undefined,
      client: undefined,
      clientFields: [],
      manner: asGateway,
    },
    dns: undefined,
    tcp: {
      address: "10.0.1.4",
      port: 8080,
      outcome: "connected",
      errno: undefined,
      localAddress: "10.0.9.5",
      tookMs: 1.5,
    },
    tls: undefined,
    http: { ...answered, ...http },
    ...over,
  };
}

/** A whole recording. */
export function recording(...observations: readonly ProbeObservation[]): string {
  return head + observations.map(recordingLine).join("");
}
