import type { ClientRequest, Manner, TlsOffer } from "../../model/exchange-plan.ts";
import { keptFirstBytes, keptHeader, keptPlan } from "../../model/kept-values.ts";
import type {
  DnsAnswer,
  DnsPhase,
  HttpPhase,
  IdleWait,
  ProbeObservation,
  SentPlan,
  TcpPhase,
  TlsPhase,
} from "../../model/probe-observation.ts";
import {
  base64,
  integer,
  keeping,
  list,
  number,
  object,
  optional,
  type Shape,
  text,
  word,
  yesNo,
} from "../../model/shape.ts";

/*
 * What is recorded of an exchange, member by member: writer and reader both follow these tables. A member that a type
 * gains is one line here, without which this file does not compile, and one in schema/observations.v1.schema.json; where
 * it is never absent, the example in docs/recording.md has it, too. The bounds are such that the largest observation
 * fits in a line that is read back.
 */

/** Eleven days: no exchange takes that long. */
const durationMs = number(0, 1e9);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const port = integer(0, 65535);
const status = integer(0, 999);
const address = text(128);
const name = text(255);
/** Names that programs give: errno, rcode, alert, cipher. */
const term = text(64);
const fault = object<NonNullable<HttpPhase["fault"]>>({ kind: term, offset: count });
const firstBytes = optional(keeping(base64(64), keptFirstBytes));

const tlsVersion = word<TlsOffer["minVersion"]>({
  TLSv1: true,
  "TLSv1.1": true,
  "TLSv1.2": true,
  "TLSv1.3": true,
});

const tlsOffer = object<TlsOffer>({
  minVersion: tlsVersion,
  maxVersion: tlsVersion,
  ciphers: word({ gateway: true, "gateway-v1": true, all: true }),
});

const clientRequest = object<ClientRequest>({
  scheme: word({ http: true, https: true, ws: true, wss: true }),
  host: text(512),
  path: text(32_768),
  method: term,
});

const manner = object<Manner>({
  httpVersion: word({ "HTTP/1.1": true, "HTTP/2": true }),
  afterIdleMs: optional(durationMs),
  dripMs: durationMs,
  headBytes: count,
  connectTo: optional(address),
  proxyHeader: yesNo,
  withoutKeepAlive: yesNo,
  attempt: count,
});

const sent = object<SentPlan>({
  target: name,
  purpose: word({ probe: true, request: true }),
  protocol: word({ Http: true, Https: true, Tcp: true, Tls: true }),
  port,
  method: optional(term),
  path: optional(text(32_768)),
  host: optional(text(512)),
  sni: optional(name),
  tls: optional(tlsOffer),
  timeoutMs: durationMs,
  lookFor: optional(text(4096)),
  client: optional(clientRequest),
  clientFields: list(term, 100),
  manner,
});

const dnsAnswer = object<DnsAnswer>({
  server: address,
  role: word({ gateway: true, comparison: true, system: true }),
  type: optional(word<NonNullable<DnsAnswer["type"]>>({ A: true, AAAA: true })),
  outcome: word({ answered: true, "no-answer": true, unreachable: true, malformed: true }),
  transport: word({ udp: true, tcp: true, system: true }),
  rcode: optional(term),
  errno: optional(term),
  fault: optional(fault),
  addresses: list(address, 64),
  canonicalNames: list(name, 20),
  chain: word({ complete: true, open: true, loop: true, "too-long": true }),
  ttlS: optional(integer(0, 2 ** 32 - 1)),
  sent: count,
  ignored: count,
  tookMs: durationMs,
});

const dns = object<DnsPhase>({
  name,
  unaskable: optional(term),
  answers: list(dnsAnswer, 24),
  differing: object<DnsPhase["differing"]>({ amongGatewayServers: yesNo, withOthers: yesNo }),
  used: list(address, 256),
  tookMs: durationMs,
});

const tcp = object<TcpPhase>({
  address,
  port,
  outcome: word({
    connected: true,
    refused: true,
    "timed-out": true,
    unreachable: true,
    reset: true,
    failed: true,
  }),
  errno: optional(term),
  localAddress: optional(address),
  tookMs: durationMs,
});

/** The handshake reader takes no longer message, so that all certificates together are no more. */
const certificate = object<NonNullable<TlsPhase["chain"]>[number]>({ derBase64: base64(128 * 1024) });

const tls = object<TlsPhase>({
  outcome: word({
    established: true,
    alert: true,
    "not-tls": true,
    "timed-out": true,
    reset: true,
    closed: true,
    failed: true,
  }),
  sniSent: optional(name),
  version: optional(term),
  cipher: optional(term),
  alpn: optional(term),
  alert: optional(term),
  lateAlert: optional(term),
  warnings: list(term, 32),
  chain: optional(list(certificate, 32)),
  clientCertificateRequested: yesNo,
  messages: list(term, 64),
  fault: optional(name),
  firstBytesBase64: firstBytes,
  errno: optional(term),
  tookMs: durationMs,
});

const header = keeping(
  object<HttpPhase["headers"][number]>({ name: text(128), value: text(512) }),
  keptHeader,
);

const idle = object<IdleWait>({
  reusable: yesNo,
  closedAfterMs: optional(durationMs),
  byReset: yesNo,
  unaskedBytes: count,
});

const http = object<HttpPhase>({
  outcome: word({
    answered: true,
    "timed-out-before-first-byte": true,
    "timed-out-midway": true,
    "reset-before-first-byte": true,
    "reset-midway": true,
    "closed-before-first-byte": true,
    "closed-midway": true,
    "failed-before-first-byte": true,
    "failed-midway": true,
    invalid: true,
  }),
  bytesSent: count,
  version: optional(
    word<NonNullable<HttpPhase["version"]>>({ "HTTP/1.0": true, "HTTP/1.1": true, "HTTP/2": true }),
  ),
  status: optional(status),
  reason: optional(text(128)),
  headers: list(header, 200),
  bodyHolds: optional(yesNo),
  pageOf: optional(term),
  interim: list(status, 32),
  bodyBytes: count,
  bodyComplete: yesNo,
  extraBytes: count,
  fault: optional(fault),
  firstBytesBase64: firstBytes,
  errno: optional(term),
  firstByteMs: optional(durationMs),
  completeMs: optional(durationMs),
  endedBy: word({ server: true, us: true }),
  endedMs: durationMs,
  idle: optional(idle),
  tookMs: durationMs,
});

/** One line of a recording. */
export const observationShape: Shape<ProbeObservation> = object<ProbeObservation>({
  startedAtMs: number(0, 8.64e15),
  fromAddress: optional(address),
  sent: keeping(sent, keptPlan),
  dns: optional(dns),
  tcp: optional(tcp),
  tls: optional(tls),
  http: optional(http),
});
