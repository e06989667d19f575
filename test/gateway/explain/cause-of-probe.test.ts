import { describe, expect, test } from "vitest";
import { causeOfProbe, type FailedProbe } from "../../../src/gateway/explain/cause-of-probe.ts";
import { planProbe } from "../../../src/health/probe-plan.ts";
import { verdictOfProbe } from "../../../src/health/probe-verdict.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { observed, type Seen } from "../../support/observed.ts";
import { gatewayWith } from "../balance/scene.ts";

const [pair] = wiringOf(gatewayWith(["10.0.1.4"])).pairs;
if (pair === undefined) throw new Error("no pair");
const defaultPlan = planProbe("v2", pair.setting, "10.0.1.4", defaultSwitches);

function causeOf(seen: Seen, plan: Partial<FailedProbe["probe"]["plan"]> = {}) {
  const probe = { plan: { ...defaultPlan, ...plan } };
  const observation = observed(seen);
  const verdict = verdictOfProbe(probe.plan, observation, undefined);
  expect(verdict.outcome).not.toBe("healthy");
  return causeOfProbe({ probe, observation, verdict, chain: undefined });
}

const custom = { kind: "custom" } as const;
const named = { host: { value: "shop.contoso.com", because: pair.setting.source, rejected: false } };
const status = (code: number, headers: readonly { name: string; value: string }[] = []) => ({
  http: { status: code, headers },
});

describe("what a failed probe means", () => {
  test.each([
    ["refused", { tcp: { outcome: "refused" } }, {}, "tcp-refused"],
    ["silence", { tcp: { outcome: "timed-out" } }, {}, undefined],
    [
      "a host that is not there",
      { tcp: { outcome: "unreachable", errno: "EHOSTUNREACH" } },
      {},
      "backend-down",
    ],
    ["no way", { tcp: { outcome: "unreachable", errno: "ENETUNREACH" } }, {}, undefined],
    ["an old TLS", { tls: { outcome: "alert", alert: "protocol_version" } }, {}, "tls-version"],
    [
      "a name that the server does not know",
      { tls: { outcome: "alert", alert: "unrecognized_name", sniSent: "shop.contoso.example" } },
      {},
      "tls-name-probe",
    ],
    [
      "no name, where the server wants one",
      { tls: { outcome: "alert", alert: "unrecognized_name" } },
      {},
      "tls-ip-no-sni",
    ],
    [
      "a client certificate",
      { tls: { outcome: "alert", alert: "handshake_failure", clientCertificateRequested: true } },
      {},
      "tls-client-cert-required",
    ],
    [
      "plain HTTP where TLS was meant",
      { tls: { outcome: "not-tls", firstBytesBase64: Buffer.from("HTTP/1.1 400").toString("base64") } },
      {},
      "protocol-tls-to-http",
    ],
    ["an answer that never comes", { http: { outcome: "timed-out-before-first-byte" } }, {}, undefined],
    ["a cut", { http: { outcome: "closed-before-first-byte" } }, {}, "http-reset-midway"],
    ["500", status(500), {}, "backend-5xx"],
    ["502", status(502), {}, "backend-5xx"],
    ["502 of another proxy", status(502, [{ name: "Server", value: "nginx" }]), {}, "second-proxy-502"],
    ["401", status(401), {}, "probe-auth"],
    ["405", status(405), {}, "probe-method"],
    ["404 to the default probe", status(404), {}, "probe-default-host"],
    ["404 to the default probe under a name", status(404), named, "probe-default-root"],
    ["404 to a custom probe: path or host", status(404), custom, undefined],
    [
      "200 that is not among those wanted",
      status(200),
      { healthyStatuses: wanting(204) },
      "probe-narrow-match",
    ],
  ] as const)("%s", (_, seen, plan, cause) => {
    expect(causeOf(seen as Seen, plan)).toBe(cause);
  });
});

function wanting(code: number) {
  return { value: [{ from: code, to: code }], because: pair?.setting.source ?? defaultPlan.port.because };
}
