import fc from "fast-check";
import type { ClientRequest, Manner, TlsOffer } from "../../../src/model/exchange-plan.ts";
import type {
  DnsAnswer,
  DnsPhase,
  HttpPhase,
  IdleWait,
  ProbeObservation,
  SentPlan,
  TcpPhase,
  TlsPhase,
} from "../../../src/model/probe-observation.ts";

/** A generator for every member; TypeScript refuses a table in which one is missing. */
type Members<T> = { readonly [K in keyof T]-?: fc.Arbitrary<T[K]> };

function record<T extends object>(members: Members<T>): fc.Arbitrary<T> {
  return fc.record(members) as unknown as fc.Arbitrary<T>;
}

const maybe = <T>(inner: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(inner, { nil: undefined });

const text = fc.oneof(
  fc.constantFrom("", "constructor", "__proto__", 'a"b\\c', "line\r\nbreak\u2028", "\ud800", "schön.example"),
  fc.string({ maxLength: 20, unit: "binary" }),
);
const count = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
const status = fc.integer({ min: 0, max: 999 });
const port = fc.integer({ min: 0, max: 65535 });
const base64 = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("base64"));
const list = <T>(inner: fc.Arbitrary<T>) => fc.array(inner, { maxLength: 3 });
const fault = fc.record({ kind: text, offset: count });
const tlsVersion = fc.constantFrom<TlsOffer["minVersion"][]>("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

const client = record<ClientRequest>({
  scheme: fc.constantFrom("http", "https", "ws", "wss"),
  host: text,
  path: text,
  method: text,
});

const manner = record<Manner>({
  httpVersion: fc.constantFrom("HTTP/1.1", "HTTP/2"),
  afterIdleMs: maybe(ms),
  dripMs: ms,
  headBytes: count,
  connectTo: maybe(text),
  proxyHeader: fc.boolean(),
  withoutKeepAlive: fc.boolean(),
  attempt: count,
});

const sent = record<SentPlan>({
  target: text,
  purpose: fc.constantFrom("probe", "request"),
  protocol: fc.constantFrom("Http", "Https", "Tcp", "Tls"),
  port,
  method: maybe(text),
  path: maybe(text),
  host: maybe(text),
  sni: maybe(text),
  tls: maybe(
    record<TlsOffer>({
      minVersion: tlsVersion,
      maxVersion: tlsVersion,
      ciphers: fc.constantFrom("gateway", "gateway-v1", "all"),
    }),
  ),
  timeoutMs: ms,
  lookFor: maybe(text),
  client: maybe(client),
  clientFields: list(text),
  manner,
});

const answer = record<DnsAnswer>({
  server: text,
  role: fc.constantFrom("gateway", "comparison", "system"),
  type: maybe(fc.constantFrom("A", "AAAA")),
  outcome: fc.constantFrom("answered", "no-answer", "unreachable", "malformed"),
  transport: fc.constantFrom("udp", "tcp", "system"),
  rcode: maybe(text),
  errno: maybe(text),
  fault: maybe(fault),
  addresses: list(text),
  canonicalNames: list(text),
  chain: fc.constantFrom("complete", "open", "loop", "too-long"),
  ttlS: maybe(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  sent: count,
  ignored: count,
  tookMs: ms,
});

const dns = record<DnsPhase>({
  name: text,
  unaskable: maybe(text),
  answers: list(answer),
  differing: fc.record({ amongGatewayServers: fc.boolean(), withOthers: fc.boolean() }),
  used: list(text),
  tookMs: ms,
});

const tcp = record<TcpPhase>({
  address: text,
  port,
  outcome: fc.constantFrom("connected", "refused", "timed-out", "unreachable", "reset", "failed"),
  errno: maybe(text),
  localAddress: maybe(text),
  tookMs: ms,
});

const tls = record<TlsPhase>({
  outcome: fc.constantFrom("established", "alert", "not-tls", "timed-out", "reset", "closed", "failed"),
  sniSent: maybe(text),
  version: maybe(text),
  cipher: maybe(text),
  alpn: maybe(text),
  alert: maybe(text),
  lateAlert: maybe(text),
  warnings: list(text),
  chain: maybe(list(fc.record({ derBase64: base64(60) }))),
  clientCertificateRequested: fc.boolean(),
  messages: list(text),
  fault: maybe(text),
  firstBytesBase64: maybe(base64(64)),
  errno: maybe(text),
  tookMs: ms,
});

const headerName = fc.constantFrom("Server", "Set-Cookie", "Location", "WWW-Authenticate", "X-Other", "Via");

const http = record<HttpPhase>({
  outcome: fc.constantFrom(
    "answered",
    "timed-out-before-first-byte",
    "timed-out-midway",
    "reset-before-first-byte",
    "reset-midway",
    "closed-before-first-byte",
    "closed-midway",
    "failed-before-first-byte",
    "failed-midway",
    "invalid",
  ),
  bytesSent: count,
  version: maybe(fc.constantFrom("HTTP/1.0", "HTTP/1.1", "HTTP/2")),
  status: maybe(status),
  reason: maybe(text),
  headers: list(fc.record({ name: fc.oneof(headerName, text), value: text })),
  bodyHolds: maybe(fc.boolean()),
  pageOf: maybe(text),
  interim: list(status),
  bodyBytes: count,
  bodyComplete: fc.boolean(),
  extraBytes: count,
  fault: maybe(fault),
  firstBytesBase64: maybe(base64(64)),
  errno: maybe(text),
  firstByteMs: maybe(ms),
  completeMs: maybe(ms),
  endedBy: fc.constantFrom("server", "us"),
  endedMs: ms,
  idle: maybe(
    record<IdleWait>({
      reusable: fc.boolean(),
      closedAfterMs: maybe(ms),
      byReset: fc.boolean(),
      unaskedBytes: count,
    }),
  ),
  tookMs: ms,
});

/** Any observation, within the bounds of what is recorded. */
export const randomObservation: fc.Arbitrary<ProbeObservation> = record<ProbeObservation>({
  startedAtMs: fc.integer({ min: 0, max: 4e12 }),
  fromAddress: maybe(text),
  sent,
  dns: maybe(dns),
  tcp: maybe(tcp),
  tls: maybe(tls),
  http: maybe(http),
});
