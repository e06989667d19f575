import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { gateText } from "../../../src/gateway/limits/gate-text.ts";
import { Counter } from "../../../src/gateway/metrics/counters.ts";
import { Durations } from "../../../src/gateway/metrics/durations.ts";
import { Metrics } from "../../../src/gateway/metrics/metrics.ts";
import { type VendorMetric, vendorMetrics } from "../../../src/gateway/metrics/vendor-metrics.ts";
import { attempt, gatewayWith, Scene } from "../balance/scene.ts";
import { plenty } from "../exchange/scene.ts";
import { failedRecord, recordWith, routeTo } from "../explain/record.ts";

const route = routeTo(["10.0.1.4"]);

/** The value of every series, by its text. */
function valuesOf(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

describe("what is counted", () => {
  test("requests, failures by cause, statuses, attempts", () => {
    const metrics = new Metrics();
    metrics.record(recordWith({ route }), "v2");
    metrics.record({ ...failedRecord({}), route, cause: "tcp-refused", ending: "SC" }, "v2");
    metrics.record({ ...recordWith({ route, status: 503, backendError: true }), cause: "backend-5xx" }, "v2");
    metrics.record(recordWith({ status: 404, ending: "PR", attempts: [] }), "v2");
    const values = valuesOf(metrics.text([]));
    expect(values.get('azure_total_requests{backend_settings_pool="app~app"}')).toBe(3);
    expect(values.get('azure_failed_requests{backend_settings_pool="app~app"}')).toBe(2);
    expect(values.get('azure_response_status{http_status_group="5xx"}')).toBe(2);
    expect(values.get('causeway_failures{cause="tcp-refused",route="shop/shop"}')).toBe(1);
    expect(values.get('causeway_exchanges{ending="SC"}')).toBe(1);
    expect(
      values.get('causeway_attempts{server="127.0.0.1:8080",connection="fresh",failure="connect-refused"}'),
    ).toBe(1);
    expect(values.get('azure_application_gateway_total_time_count{listener="shop"}')).toBe(3);
  });

  test("v1 counts as failed neither what servers answer nor that there is none", () => {
    const metrics = new Metrics();
    metrics.record(
      recordWith({ route, status: 502, ending: "PQ", attempts: [], noServer: "none-healthy" }),
      "v1",
    );
    metrics.record(recordWith({ route, status: 500, backendError: true }), "v1");
    metrics.record({ ...failedRecord({}), route }, "v1");
    expect(valuesOf(metrics.text([])).get('azure_failed_requests{backend_settings_pool="app~app"}')).toBe(1);
  });

  test("a failure without a known cause is counted too", () => {
    const metrics = new Metrics();
    metrics.record({ ...failedRecord({ kind: "tls-closed" }), route }, "v2");
    expect(valuesOf(metrics.text([])).get('causeway_failures{cause="unknown",route="shop/shop"}')).toBe(1);
  });

  test.each([
    ["yes", attempt()],
    ["no", attempt({ kind: "connect-refused" })],
  ])("failures that were followed by another attempt; in the end a server answered: %s", (answered, last) => {
    const metrics = new Metrics();
    const reset = attempt({ kind: "response-reset", nothingSent: false });
    metrics.record(recordWith({ route, attempts: [reset, last] }), "v2");
    const series = [...valuesOf(metrics.text([])).keys()].filter((one) => one.startsWith("causeway_repeats"));
    expect(series).toEqual([
      `causeway_repeats{server="127.0.0.1:8080",failure="response-reset",cause="http-reset-midway",answered="${answered}"}`,
    ]);
  });

  test("connections of layer 4 are no requests, and have times of their own", () => {
    const metrics = new Metrics();
    const layer4 = { upstreamReceivedBytes: 9, endedFor: undefined };
    const carried = {
      ...attempt(),
      status: undefined,
      startedMs: 1,
      connectedMs: 3,
      firstByteMs: 5,
      endedMs: 101,
    };
    metrics.record(recordWith({ route, layer4, attempts: [carried], tookMs: 110, sentBytes: 9 }), "v2");
    metrics.record({ ...failedRecord({}), route, layer4, cause: "tcp-refused" }, "v2");
    const values = valuesOf(metrics.text([]));
    const server =
      'listener="shop",backend_server="127.0.0.1:8080",backend_pool="app",backend_http_setting="app"';
    expect(values.get(`azure_backend_session_duration_sum{${server}}`)).toBe(100);
    expect(values.get(`azure_backend_session_duration_count{${server}}`)).toBe(1);
    expect(values.get(`azure_backend_first_byte_response_time_sum{${server}}`)).toBe(4);
    expect(values.get('azure_connection_lifetime_count{listener="shop"}')).toBe(2);
    expect(values.get('causeway_failures{cause="tcp-refused",route="shop/shop"}')).toBe(1);
    const names = [...values.keys()].join("\n");
    expect(names).not.toMatch(/azure_(total_requests|response_status|backend_last_byte)/);
  });

  test("what is served under the vendor's names is what the page lists, with its labels", () => {
    const metrics = new Metrics();
    const tls = { protocol: "TLSv1.3", cipher: "AES" };
    const attempts = [{ ...attempt(), status: 200, firstByteMs: 3 }];
    metrics.record(recordWith({ route, tls, attempts }), "v2");
    metrics.record({ ...failedRecord({}), route }, "v2");
    const layer4 = { upstreamReceivedBytes: 0, endedFor: undefined };
    metrics.record(recordWith({ route, layer4 }), "v2");
    const scene = new Scene(gatewayWith(["10.0.1.4"]));
    const text = metrics.text(scene.balancer.view()) + gateText(new Gate(plenty));
    const served = [...text.matchAll(/^# TYPE (azure_\S+) (\S+)$/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    );
    const listed: readonly VendorMetric[] = Object.values(vendorMetrics);
    expect(served.sort()).toEqual(listed.map(({ name, kind }) => `${name} ${kind}`).sort());
    for (const { name, kind, labels } of listed.filter((one) => one.labels.length > 0)) {
      const series = new RegExp(`^${name}${kind === "histogram" ? "_count" : ""}\\{(.*)\\} `, "m").exec(
        text,
      )?.[1];
      const names = [...(series ?? "").matchAll(/(\w+)="[^"]*"/g)].map(([, label]) => label);
      expect(names, name).toEqual(labels);
    }
    const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
    for (const { name } of listed) expect(page).toContain(`| \`${name}\` |`);
  });

  test("how many servers are in service", () => {
    const scene = new Scene(gatewayWith(["10.0.1.4", "10.0.1.5"]));
    scene.set("10.0.1.4", true);
    const values = valuesOf(new Metrics().text(scene.balancer.view()));
    expect(values.get('azure_healthy_host_count{backend_settings_pool="app~app"}')).toBe(1);
    expect(values.get('azure_unhealthy_host_count{backend_settings_pool="app~app"}')).toBe(1);
  });
});

test("label values are escaped, and series are bounded", () => {
  const counter = new Counter("c", "help", ["a", "b"], 2);
  counter.add(['q"', "x\\\n"]);
  for (let i = 0; i < 5; i++) counter.add([`${i}`, ""]);
  const values = valuesOf(counter.text());
  expect(values.get('c{a="q\\"",b="x\\\\\\n"}')).toBe(1);
  expect(values.get('c{a="other",b="other"}')).toBe(4);
  expect(values.size).toBe(3);
  const hostile = new Counter("c", "help", ["a"]);
  hostile.add(["x\u001b]0;y\u0007\u009b\u202e"]);
  expect(hostile.text()).toContain('c{a="x\ufffd]0;y\ufffd\ufffd\ufffd"} 1');
});

test("buckets count what is not longer than their bound", () => {
  const durations = new Durations("d", "help", ["a"]);
  for (const ms of [0, 1, 1.5, 200_000]) durations.add(["x"], ms);
  const values = valuesOf(durations.text());
  expect(values.get('d_bucket{a="x",le="1"}')).toBe(2);
  expect(values.get('d_bucket{a="x",le="2"}')).toBe(3);
  expect(values.get('d_bucket{a="x",le="120000"}')).toBe(3);
  expect(values.get('d_bucket{a="x",le="+Inf"}')).toBe(4);
  expect(values.get('d_count{a="x"}')).toBe(4);
});
