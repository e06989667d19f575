import { describe, expect, test } from "vitest";
import { causeIds } from "../../../src/diagnosis/cause-ids.ts";
import { causeTeller } from "../../../src/gateway/explain/cause-of-ending.ts";
import { causeOfFailure, failureCauses } from "../../../src/gateway/explain/cause-of-failure.ts";
import { nothingDocumented } from "../../../src/gateway/explain/documented-cause.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import type { Generation } from "../../../src/model/gateway.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { FAULT_KINDS } from "../../../src/wire/http1/fault.ts";
import { routingGateway } from "../../support/routing-gateway.ts";
import { attempt } from "../balance/scene.ts";
import { failedRecord, recordWith, routeTo } from "./record.ts";

const tell = causeTeller({
  generation: "v2",
  wiring: { pairs: [] },
  causeOfUnhealthy: () => "tls-expired",
  documented: nothingDocumented,
});

function causeOf(failure: Partial<AttemptFailure>, generation: Generation = "v2") {
  const whole = attempt({ detail: undefined, ...failure }).failure;
  if (whole === undefined) throw new Error("no failure");
  return causeOfFailure(whole, generation);
}

describe("what a failed attempt means", () => {
  test.each([
    [{ kind: "dns", detail: "NXDOMAIN" }, "dns-fqdn-wrong"],
    [{ kind: "dns", detail: "ENOTFOUND" }, "dns-fqdn-wrong"],
    [{ kind: "dns", detail: "SERVFAIL" }, "dns-custom-cannot-resolve"],
    [{ kind: "dns", detail: "ETIMEOUT" }, "dns-server-unreachable"],
    [{ kind: "dns", detail: "EWHATEVER" }, undefined],
    [{ kind: "connect-refused" }, "tcp-refused"],
    [{ kind: "connect-timeout" }, undefined],
    [{ kind: "connect-unreachable", detail: "EHOSTUNREACH" }, "backend-down"],
    [{ kind: "connect-unreachable", detail: "ENETUNREACH" }, undefined],
    [{ kind: "connect-failed", detail: "EADDRNOTAVAIL" }, "snat-exhaustion"],
    [{ kind: "connect-failed", detail: "EMFILE" }, undefined],
    [{ kind: "tls-alert", detail: "protocol_version" }, "tls-version"],
    [{ kind: "tls-alert", detail: "unrecognized_name" }, "tls-live-name-mismatch"],
    [{ kind: "tls-alert", detail: "certificate_required" }, "tls-client-cert-required"],
    [{ kind: "tls-alert", detail: "handshake_failure" }, undefined],
    [{ kind: "tls-not-tls", firstBytes: Buffer.from("HTTP/1.1 400 Bad") }, "protocol-tls-to-http"],
    [{ kind: "tls-not-tls", firstBytes: Buffer.from("SSH-2.0-x") }, "backend-not-http"],
    [{ kind: "tls-not-tls" }, undefined],
    [{ kind: "tls-certificate", detail: "expired" }, "tls-expired"],
    [{ kind: "tls-certificate", detail: "intermediate-missing" }, "tls-intermediate-missing"],
    [{ kind: "tls-certificate", detail: "wrong-root" }, "tls-root-mismatch"],
    [{ kind: "tls-certificate", detail: "name-mismatch" }, "tls-live-name-mismatch"],
    [{ kind: "tls-certificate", detail: "constructor" }, undefined],
    [{ kind: "response-closed", stale: true }, "keepalive-race"],
    [{ kind: "response-reset", stale: false }, "http-reset-midway"],
    [{ kind: "response-timeout" }, "timeout-v2"],
    [{ kind: "response-invalid", detail: "head-too-large" }, "http-header-too-big"],
    [{ kind: "response-invalid", detail: "body-after-no-body-status" }, "http-204-body"],
    [{ kind: "response-invalid", detail: "te-and-cl" }, "http-invalid-header"],
    [{ kind: "response-invalid", detail: "truncated" }, "http-reset-midway"],
    [{ kind: "response-invalid", detail: "invalid-status-line" }, undefined],
    [
      {
        kind: "response-invalid",
        detail: "invalid-status-line",
        firstBytes: Buffer.from([0x15, 3, 1, 0, 2]),
      },
      "protocol-http-to-tls",
    ],
    [
      { kind: "response-invalid", detail: "invalid-status-line", firstBytes: Buffer.from("SSH-2.0-x\r\n") },
      "backend-not-http",
    ],
    [
      {
        kind: "response-invalid",
        detail: "invalid-status-line",
        firstBytes: Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
      },
      "http2-grpc-only",
    ],
    [{ kind: "relay-closed" }, "http-reset-midway"],
    [{ kind: "relay-invalid", detail: "chunk-size-invalid" }, "http-invalid-header"],
    [{ kind: "response-drained" }, "drain-too-short"],
    [{ kind: "relay-drained" }, "drain-too-short"],
    [{ kind: "aborted" }, undefined],
  ] as const)("%o → %s", (failure, cause) => {
    expect(causeOf(failure)).toBe(cause);
  });

  test("v1 has its own time-out", () => {
    expect(causeOf({ kind: "response-timeout" }, "v1")).toBe("timeout-v1");
  });

  test("whatever the detail, a cause is one of the catalogue", () => {
    const details = [undefined, "", "toString", ...FAULT_KINDS, "ECONNRESET", "not-yet-valid", "unreadable"];
    for (const kind of Object.keys(failureCauses) as AttemptFailure["kind"][]) {
      for (const detail of details) {
        const cause = causeOf({ kind, detail });
        if (cause !== undefined) expect(causeIds).toContain(cause);
      }
    }
  });
});

describe("what an ended exchange means", () => {
  test("went well, also after a second attempt: nothing", () => {
    expect(tell(recordWith())).toBeUndefined();
    expect(tell(recordWith({ attempts: [attempt({}), attempt()] }))).toBeUndefined();
  });

  test("the last attempt decides", () => {
    const attempts = [attempt({ kind: "connect-timeout" }), attempt({ kind: "connect-refused" })];
    expect(tell(failedRecord({}, { attempts, noServer: "all-tried" }))).toBe("tcp-refused");
  });

  test.each([
    [{ kind: "connect-timeout" }, "nsg-backend-subnet-in"],
    [{ kind: "dns", detail: "NXDOMAIN" }, "dns-zone-not-linked"],
    [{ kind: "connect-refused" }, "tcp-refused"],
  ] as const)("%o: of silence and of names the documents know more", (failure, cause) => {
    const teller = causeTeller({
      generation: "v2",
      wiring: { pairs: [] },
      causeOfUnhealthy: () => undefined,
      documented: (_, phase) => (phase === "way" ? "nsg-backend-subnet-in" : "dns-zone-not-linked"),
    });
    expect(teller(failedRecord(failure, { route: routeTo(["10.0.1.4"]) }))).toBe(cause);
  });

  test("a client that left is not the gateway's fault", () => {
    expect(tell(failedRecord({ kind: "aborted" }, { status: 499, ending: "CH" }))).toBeUndefined();
    expect(tell(recordWith({ status: 408, ending: "cR", attempts: [] }))).toBeUndefined();
  });

  test("no healthy server: what the probes say", () => {
    const record = recordWith({ status: 502, ending: "PQ", attempts: [], noServer: "none-healthy" });
    expect(tell({ ...record, route: routeTo(["10.0.1.4"]) })).toBe("tls-expired");
    expect(tell(record)).toBeUndefined();
  });

  test("an error of the server's own, and of a product that stands in its place", () => {
    const record = recordWith({ status: 502, backendError: true });
    expect(tell(record)).toBe("backend-5xx");
    expect(tell({ ...record, answeredBy: { server: "nginx", via: undefined, pageOf: undefined } })).toBe(
      "second-proxy-502",
    );
    expect(tell({ ...record, answeredBy: { server: undefined, via: "1.1 edge", pageOf: undefined } })).toBe(
      "second-proxy-502",
    );
    expect(
      tell({ ...record, status: 500, answeredBy: { server: "nginx", via: undefined, pageOf: undefined } }),
    ).toBe("backend-5xx");
  });

  test("an empty pool, and one that only the default of a path map leads to", () => {
    const gateway = routingGateway({
      listeners: [
        { name: "map", paths: [["api", ["/api/*"], "api"]], default: "rest" },
        { name: "plain", to: "api", hosts: ["b.contoso.com"] },
      ],
      members: [],
    });
    const wiring = wiringOf(gateway);
    const teller = causeTeller({
      generation: "v2",
      wiring,
      causeOfUnhealthy: () => undefined,
      documented: nothingDocumented,
    });
    const ended = (id: string) => {
      const route = wiring.routes.find((one) => one.id === id);
      return teller(recordWith({ route, status: 502, ending: "PQ", attempts: [], noServer: "pool-empty" }));
    };
    expect(ended("map/map/default")).toBe("pathmap-default-empty");
    expect(ended("map/map/api")).toBe("pool-empty");
    expect(ended("plain/plain")).toBe("pool-empty");
  });

  test("a path map whose default is missing; a redirect is well", () => {
    const gateway = routingGateway({
      listeners: [
        { name: "map", paths: [["api", ["/api/*"], "api"]] },
        { name: "away", to: { redirect: "Found" } },
      ],
    });
    const { routes } = wiringOf(gateway);
    const record = recordWith({ status: 404, ending: "PR", attempts: [] });
    expect(tell({ ...record, route: routes.find(({ pathRule }) => pathRule === "default") })).toBe(
      "pathmap-default-empty",
    );
    expect(tell({ ...record, route: routes.at(-1), status: 302 })).toBeUndefined();
    expect(tell(record)).toBeUndefined();
  });
});
