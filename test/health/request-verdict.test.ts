import { describe, expect, test } from "vitest";
import type { JudgedChain } from "../../src/health/probe-chain.ts";
import { verdictOfRequest } from "../../src/health/request-verdict.ts";
import type { HttpPhase } from "../../src/model/probe-observation.ts";
import { observed, type Seen } from "../support/observed.ts";

const verdict = (seen: Seen, generation: "v1" | "v2" = "v2", chain?: JudgedChain) =>
  verdictOfRequest(generation, observed(seen), chain);

const invalid = (kind: string): Seen => ({
  http: { outcome: "invalid", status: undefined, fault: { kind, offset: 15 } },
});

const mismatched = (trustUnknown: boolean, kind: "name-mismatch" | "wrong-root"): JudgedChain => ({
  faults: [{ kind, message: undefined, enforced: true, about: undefined, position: undefined, rivals: [] }],
  message: undefined,
  unreadableAt: [],
  names: [],
  path: [],
  anchor: undefined,
  trustUnknown,
});

describe("what becomes of a live request", () => {
  /** What was seen, then outcome, kind and client status on v1 and v2. */
  const rows: readonly (readonly [string, Seen, string, string, number | null, number | null])[] = [
    ["refused", { tcp: { outcome: "refused" } }, "failed", "tcp-refused", 502, 502],
    ["no connection", { tcp: { outcome: "timed-out" } }, "failed", "tcp-timed-out", 502, null],
    ["not tried", { tcp: { outcome: "failed" } }, "undecided", "tcp-not-tried", null, null],
    ["no TLS", { tls: { outcome: "not-tls" } }, "failed", "tls-not-tls", 502, 502],
    ["silent handshake", { tls: { outcome: "timed-out" } }, "failed", "tls-timed-out", 502, null],
    [
      "silence",
      { http: { outcome: "timed-out-before-first-byte", status: undefined } },
      "failed",
      "http-timed-out",
      502,
      504,
    ],
    ["half an answer", { http: { outcome: "timed-out-midway" } }, "undecided", "http-timed-out", null, null],
    [
      "closed",
      { http: { outcome: "closed-before-first-byte", status: undefined } },
      "failed",
      "http-cut",
      502,
      502,
    ],
    ["cut", { http: { outcome: "reset-midway" } }, "failed", "http-cut", null, null],
    ["no HTTP", { http: { outcome: "invalid", status: undefined } }, "failed", "http-invalid", 502, 502],
    ["LF alone, which nginx takes", invalid("bare-lf"), "undecided", "http-invalid", null, null],
    ["two lengths, which nobody takes", invalid("cl-conflict"), "failed", "http-invalid", 502, 502],
    ["204 with a body", { http: { status: 204, extraBytes: 3 } }, "undecided", "http-invalid", null, null],
    ["204", { http: { status: 204 } }, "answered", "answered", 204, 204],
    ["more than was said", { http: { extraBytes: 3 } }, "answered", "answered", 200, 200],
    ["404", { http: { status: 404 } }, "answered", "answered", 404, 404],
    ["101", { http: { status: 101 } }, "answered", "answered", 101, 101],
  ];

  test.each(rows)("%s", (_, seen, outcome, kind, v1, v2) => {
    const madeBy = (status: number | null) => {
      if (outcome === "answered") return "backend";
      return status === null ? undefined : "gateway";
    };
    expect(verdict(seen, "v1")).toMatchObject({ outcome, kind, clientStatus: v1, madeBy: madeBy(v1) });
    expect(verdict(seen, "v2")).toMatchObject({ outcome, kind, clientStatus: v2, madeBy: madeBy(v2) });
  });

  test("a certificate that is not accepted, or may be", () => {
    expect(verdict({ tls: {} }, "v2", mismatched(true, "name-mismatch"))).toMatchObject({
      outcome: "failed",
      kind: "certificate",
      clientStatus: 502,
    });
    expect(verdict({ tls: {} }, "v2", mismatched(true, "wrong-root"))).toMatchObject({
      outcome: "undecided",
      kind: "certificate",
      clientStatus: null,
    });
  });

  test("says how long was waited", () => {
    const http = { outcome: "timed-out-before-first-byte", status: undefined } as const;
    expect(verdict({ sent: { timeoutMs: 7000 }, http }).says).toBe(
      "The server takes the request and does not answer within 7 s.",
    );
  });

  test("an answer that came later than the gateway waits is none", () => {
    const slow = observed({ sent: { timeoutMs: 60_000 }, http: { firstByteMs: 30_000 } });
    expect(verdictOfRequest("v2", slow, undefined)).toMatchObject({ outcome: "answered" });
    expect(verdictOfRequest("v2", slow, undefined, 20_000)).toMatchObject({
      kind: "http-timed-out",
      clientStatus: 504,
      says: "The server takes the request and does not answer within 20 s.",
    });
  });

  test("layer 4 has no requests", () => {
    expect(verdictOfRequest("v2", { ...observed(), http: undefined }, undefined)).toMatchObject({
      outcome: "undecided",
    });
  });

  const header = (name: string, value: string) => ({ headers: [{ name, value }] });
  const makers: readonly (readonly [Partial<HttpPhase>, string | undefined, string])[] = [
    [{ status: 500 }, undefined, "The server answers 500."],
    [{ status: 502, pageOf: "nginx" }, "nginx", "The server answers 502, with the error page of nginx."],
    [
      { status: 404, pageOf: "app-service" },
      "app-service",
      "The server answers 404, with the error page of App Service.",
    ],
    [
      { status: 502, ...header("server", "Microsoft-Azure-Application-Gateway/v2") },
      "application-gateway",
      "The server answers 502, and names an application gateway as the one who says so.",
    ],
    [
      { status: 503, ...header("Server", "istio-envoy") },
      "envoy",
      "The server answers 503, and names Envoy as the one who says so.",
    ],
    [
      { status: 504, ...header("Via", "1.1 proxy") },
      "another proxy",
      "The server answers 504, which came through a proxy behind the gateway.",
    ],
    [{ status: 500, ...header("Server", "nginx") }, undefined, "The server answers 500."],
    [{ status: 502, ...header("Server", "Kestrel") }, undefined, "The server answers 502."],
    [{ status: 200, pageOf: "nginx", ...header("Via", "1.1 proxy") }, undefined, "The server answers 200."],
  ];

  test.each(makers)("%j was made by %s", (http, product, says) => {
    const found = verdict({ http });
    expect([found.maker?.product, found.says, found.madeBy]).toEqual([product, says, "backend"]);
  });
});
