import { describe, expect, it } from "vitest";
import type { JudgedChain } from "../../src/health/probe-chain.ts";
import type { ProbePlan } from "../../src/health/probe-plan.ts";
import { verdictOfProbe } from "../../src/health/probe-verdict.ts";
import type {
  DnsAnswer,
  DnsPhase,
  HttpPhase,
  ProbeObservation,
  TcpPhase,
  TlsPhase,
} from "../../src/model/probe-observation.ts";
import { httpPhase, request, tcpPhase, tlsPhase } from "../support/observed.ts";
import { planOf } from "../support/probe-plan.ts";

const because = { document: "gateway.json", pointer: "/probes/0" };
const plan = (body?: string): ProbePlan => ({
  ...planOf({ port: 80 }),
  healthyStatuses: { value: [{ from: 200, to: 399 }], because },
  healthyBody: { value: body, because },
});

const tcp = (outcome: TcpPhase["outcome"], errno?: string): TcpPhase => ({ ...tcpPhase, outcome, errno });
const tls = (change: Partial<TlsPhase> = {}): TlsPhase => ({ ...tlsPhase, ...change });
const http = (change: Partial<HttpPhase> = {}): HttpPhase => ({ ...httpPhase, ...change });

const answer = (change: Partial<DnsAnswer>): DnsAnswer => ({
  server: "10.0.0.53",
  role: "gateway",
  type: "A",
  outcome: "answered",
  transport: "udp",
  rcode: "NOERROR",
  errno: undefined,
  fault: undefined,
  addresses: [],
  canonicalNames: [],
  chain: "complete",
  ttlS: undefined,
  sent: 1,
  ignored: 0,
  tookMs: 1,
  ...change,
});

const dns = (answers: readonly Partial<DnsAnswer>[], unaskable?: string): DnsPhase => ({
  name: "app.contoso.example",
  unaskable,
  answers: answers.map(answer),
  differing: { amongGatewayServers: false, withOthers: false },
  used: [],
  tookMs: 1,
});

function seen(phases: Partial<ProbeObservation>): ProbeObservation {
  return {
    startedAtMs: 0,
    fromAddress: undefined,
    sent: {
      ...request,
      purpose: "probe",
      target: "app.contoso.example",
      host: "app.contoso.example",
      sni: "app.contoso.example",
      client: undefined,
    },
    dns: undefined,
    tcp: tcp("connected"),
    tls: undefined,
    http: undefined,
    ...phases,
  };
}

const system = { role: "system", server: "system", type: undefined, rcode: undefined } as const;
const silent = { outcome: "no-answer", rcode: undefined } as const;
const noTcp = { tcp: undefined };

const rows: readonly (readonly [string, string, readonly string[], Partial<ProbeObservation>])[] = [
  ["healthy", "healthy", ["ok"], { http: http() }],
  ["healthy", "healthy", ["ok"], {}],
  ["healthy", "healthy", ["ok"], { tls: tls() }],
  ["unhealthy", "name-unaskable", ["dns"], { ...noTcp, dns: dns([], "empty-label") }],
  ["unhealthy", "name-not-found", ["dns"], { ...noTcp, dns: dns([{ rcode: "NXDOMAIN" }]) }],
  ["unhealthy", "name-not-found", ["dns"], { ...noTcp, dns: dns([{ ...system, errno: "ENOTFOUND" }]) }],
  ["unhealthy", "name-without-address", ["dns"], { ...noTcp, dns: dns([{}]) }],
  ["unhealthy", "name-unanswered", ["dns"], { ...noTcp, dns: dns([{ rcode: "SERVFAIL" }]) }],
  ["undecided", "name-unanswered", [], { ...noTcp, dns: dns([silent, { ...system, errno: "ENOTFOUND" }]) }],
  ["undecided", "name-unanswered", [], noTcp],
  ["undecided", "name-unanswered", [], { ...noTcp, dns: dns([{ ...silent, ...system, errno: "EMFILE" }]) }],
  [
    "undecided",
    "name-unanswered",
    [],
    { ...noTcp, dns: dns([{ outcome: "unreachable", rcode: undefined, errno: "EADDRNOTAVAIL" }]) },
  ],
  ["undecided", "tcp-not-tried", [], { tcp: tcp("failed", "EMFILE") }],
  ["undecided", "tcp-not-tried", [], { tcp: tcp("failed", "ENFILE") }],
  ["unhealthy", "tcp-refused", ["tcp-new"], { tcp: tcp("refused", "ECONNREFUSED") }],
  ["unhealthy", "tcp-timed-out", ["tcp-new", "probe-timeout"], { tcp: tcp("timed-out") }],
  ["unhealthy", "tcp-unreachable", ["tcp-new"], { tcp: tcp("unreachable", "EHOSTUNREACH") }],
  ["unhealthy", "tcp-reset", ["tcp-new"], { tcp: tcp("reset", "ECONNRESET") }],
  ["undecided", "tcp-not-tried", [], { tcp: tcp("failed", "EADDRNOTAVAIL") }],
  [
    "unhealthy",
    "tls-alert",
    ["verify", "tcp-new"],
    { tls: tls({ outcome: "alert", alert: "handshake_failure" }) },
  ],
  [
    "unhealthy",
    "client-certificate-wanted",
    ["verify", "tcp-new"],
    {
      tls: tls({ clientCertificateRequested: true, lateAlert: "certificate_required" }),
      http: http({ outcome: "failed-before-first-byte", status: undefined }),
    },
  ],
  ["healthy", "healthy", ["ok"], { tls: tls({ clientCertificateRequested: true }), http: http() }],
  ["unhealthy", "tls-not-tls", ["verify", "tcp-new"], { tls: tls({ outcome: "not-tls" }) }],
  ["unhealthy", "tls-timed-out", ["probe-timeout"], { tls: tls({ outcome: "timed-out" }) }],
  ["unhealthy", "tls-cut", ["verify", "tcp-new"], { tls: tls({ outcome: "reset" }) }],
  ["unhealthy", "tls-cut", ["verify", "tcp-new"], { tls: tls({ outcome: "closed" }) }],
  ["unhealthy", "tls-failed", ["verify", "tcp-new"], { tls: tls({ outcome: "failed", errno: "ERR_SSL_X" }) }],
  ["unhealthy", "status", ["status"], { http: http({ status: 404 }) }],
  [
    "unhealthy",
    "http-timed-out",
    ["probe-timeout"],
    { http: http({ outcome: "timed-out-before-first-byte" }) },
  ],
  ["unhealthy", "http-timed-out", ["probe-timeout"], { http: http({ outcome: "timed-out-midway" }) }],
  ["unhealthy", "http-cut", [], { http: http({ outcome: "reset-midway" }) }],
  ["unhealthy", "http-cut", [], { http: http({ outcome: "closed-before-first-byte" }) }],
  ["unhealthy", "http-cut", [], { http: http({ outcome: "failed-midway" }) }],
  [
    "unhealthy",
    "http-cut",
    [],
    { tls: tls({ lateAlert: "close_notify" }), http: http({ outcome: "closed-before-first-byte" }) },
  ],
  [
    "unhealthy",
    "http-invalid",
    [],
    { http: http({ outcome: "invalid", fault: { kind: "te-and-cl", offset: 9 } }) },
  ],
  [
    "undecided",
    "http-invalid",
    [],
    { http: http({ outcome: "invalid", fault: { kind: "bare-lf", offset: 15 } }) },
  ],
];

describe("the verdict on a probe", () => {
  it.each(rows)("%s: %s %j", (outcome, kind, messages, phases) => {
    const verdict = verdictOfProbe(plan(), seen(phases), undefined);
    expect(verdict).toMatchObject({ outcome, kind, messages });
    expect(verdict.says).toMatch(/^[A-Z][^\n]*\.$|^app\.contoso\.example [^\n]*\.$/);
    expect(verdict.says).not.toMatch(/undefined|null|\[object/);
  });

  it.each([
    ["healthy", "healthy", http({ bodyHolds: true })],
    ["unhealthy", "body", http({ bodyHolds: false })],
    ["undecided", "body-too-long", http({ bodyHolds: undefined, bodyComplete: false })],
    ["unhealthy", "status", http({ status: 500, bodyHolds: true })],
  ] as const)("with a text to look for: %s, %s", (outcome, kind, phase) => {
    expect(verdictOfProbe(plan("ready"), seen({ http: phase }), undefined)).toMatchObject({ outcome, kind });
  });

  const chain = (change: Partial<JudgedChain["faults"][number]>, trustUnknown = false): JudgedChain => ({
    faults: [
      {
        kind: "private-ca-no-root",
        about: undefined,
        position: undefined,
        message: "unknown-ca",
        enforced: true,
        rivals: [],
        ...change,
      },
    ],
    message: undefined,
    unreadableAt: [],
    names: [],
    path: [],
    anchor: undefined,
    trustUnknown,
  });

  it.each([
    ["unhealthy", ["unknown-ca"], chain({})],
    ["undecided", [], chain({}, true)],
    ["unhealthy", ["expired"], chain({ kind: "expired", message: "expired" }, true)],
    ["healthy", ["ok"], chain({ enforced: false })],
  ] as const)("of a chain: %s %j", (outcome, messages, judged) => {
    const verdict = verdictOfProbe(plan(), seen({ tls: tls(), http: http() }), judged);
    expect(verdict).toMatchObject({ outcome, messages });
  });

  it.each([
    [{ outcome: "not-tls" }, "proxy-proto"],
    [{ outcome: "closed" }, "proxy-proto"],
    [{ outcome: "alert", alert: "protocol_version" }, "proxy-proto"],
    [{ outcome: "alert", alert: "handshake_failure" }, "verify"],
  ] satisfies [Partial<TlsPhase>, string][])(
    "behind a PROXY protocol header, %j is first told as %s",
    (phase, message) => {
      const verdict = verdictOfProbe({ ...plan(), proxyHeader: true }, seen({ tls: tls(phase) }), undefined);
      expect(verdict.messages[0]).toBe(message);
    },
  );

  it("says for which name a certificate is not", () => {
    const judged = chain({ kind: "name-mismatch", message: "cn-v2" });
    expect(verdictOfProbe(plan(), seen({ tls: tls() }), judged).says).toBe(
      "The gateway does not accept the certificate: the certificate is not for app.contoso.example.",
    );
  });
});
