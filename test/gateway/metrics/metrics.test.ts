import { describe, expect, test } from "vitest";
import { Counter } from "../../../src/gateway/metrics/counters.ts";
import { Durations } from "../../../src/gateway/metrics/durations.ts";
import { Metrics } from "../../../src/gateway/metrics/metrics.ts";
import { attempt, gatewayWith, Scene } from "../balance/scene.ts";
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
