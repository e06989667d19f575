import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AccessLogNotation } from "../../src/documents/logs/access-log.ts";
import { csv, diagnosticsRow, ndjson, read, resourceRow, tables, v1, v1Query, v2 } from "./compose.ts";

const V2_ROWS = [
  v2(),
  v2({
    timeStamp: "2026-01-10T10:00:02.5+00:00",
    requestUri: '/a "b", c\nd',
    host: "ü.example",
    originalHost: "ü.example",
  }),
  v2({
    timeStamp: "2026-01-10T10:01:00+00:00",
    httpStatus: 502,
    serverRouted: "",
    serverStatus: "",
    error_info: "ERRORINFO_UPSTREAM_NO_LIVE",
  }),
  v2({
    timeStamp: "2026-01-10T10:02:00+00:00",
    httpStatus: 504,
    serverStatus: "",
    serverResponseLatency: "20.004",
    error_info: "ERRORINFO_UPSTREAM_TIMED_OUT",
    ruleName: "r2",
  }),
];
const V1_ROWS = [
  v1(),
  v1({
    time: "2026-01-10T10:00:09Z",
    httpStatus: 502,
    timeTaken: 20_001,
    requestQuery: v1Query("10.0.1.5", ""),
  }),
];

function notations(
  rows: readonly Readonly<Record<string, unknown>>[],
): [string, AccessLogNotation, string][] {
  const diagnostics = rows.map(diagnosticsRow);
  const resource = rows.map(resourceRow);
  return [
    ["lines", "ndjson", ndjson(rows)],
    ["lines, CRLF", "ndjson", ndjson(rows, "\r\n")],
    ["lines without the last newline", "ndjson", ndjson(rows).trimEnd()],
    ["lines with a byte order mark", "ndjson", `\ufeff${ndjson(rows)}`],
    ["files joined without a newline", "ndjson", rows.map((row) => JSON.stringify(row)).join("")],
    ["records of event hub as lines", "ndjson", `${JSON.stringify({ records: rows })}\n`],
    ["records", "records", JSON.stringify({ records: rows })],
    [
      "records, several objects, one a line",
      "records",
      rows.map((row) => `${JSON.stringify({ records: [row] })}\n`).join(""),
    ],
    [
      "records, laid out",
      "records",
      `\ufeff${JSON.stringify({ partition: { id: [1] }, records: rows, more: "]" }, undefined, 2)}`,
    ],
    ["AzureDiagnostics as row objects", "json-array", JSON.stringify(diagnostics)],
    ["AzureDiagnostics, laid out", "json-array", JSON.stringify(diagnostics, undefined, 4)],
    ["AzureDiagnostics as tables", "json-array", tables(diagnostics)],
    ["AGWAccessLogs as row objects", "json-array", JSON.stringify(resource)],
    ["AGWAccessLogs as tables, laid out", "json-array", tables(resource, 1)],
    ["AGWAccessLogs under value", "json-array", JSON.stringify({ value: resource })],
    ["AzureDiagnostics as CSV", "csv", csv(diagnostics)],
    ["AGWAccessLogs as CSV", "csv", `\ufeff${csv(resource)}`],
    ["AGWAccessLogs as CSV, LF and semicolons", "csv", csv(resource, "\n", ";")],
    [
      "AGWAccessLogs as CSV, portal header",
      "csv",
      csv(resource).replace("TimeGenerated", "TimeGenerated [UTC]"),
    ],
    ["AGWAccessLogs as CSV without the last newline", "csv", csv(resource).trimEnd()],
    [
      "columns of another type beside",
      "json-array",
      tables(diagnostics.map((row) => ({ serverStatus_d: null, ...row }))),
    ],
  ];
}

/** What the notation may change: where in the document a sample stands. */
function withoutLines(log: unknown): unknown {
  return JSON.parse(
    JSON.stringify(log, (key, value) =>
      key === "line" ? undefined : value instanceof Map ? [...value] : value,
    ),
  );
}

describe.each([
  ["v2", V2_ROWS],
  ["v1", V1_ROWS],
] as const)("%s rows read the same in every notation", (_, rows) => {
  test.each(notations(rows))("%s", async (_says, notation, text) => {
    const plain = await read("ndjson", ndjson(rows));
    const { result, log } = await read(notation, text);
    expect(result).toEqual({ rows: rows.length, skipped: 0 });
    expect(withoutLines(log)).toEqual(withoutLines(plain.log));
  });
});

test("the fields of a row", async () => {
  const { log } = await read("ndjson", ndjson([v2({ httpStatus: 502, serverStatus: "500" })]));
  expect(log).toMatchObject({
    rows: 1,
    versions: ["v2"],
    firstMs: Date.UTC(2026, 0, 10, 10),
    documents: ["access.log"],
  });
  const [observation] = log.observations;
  expect(observation).toMatchObject({
    listenerName: "l443",
    ruleName: "r1",
    poolName: "p1",
    settingName: "s1",
    rows: 1,
    failed: 1,
  });
  expect(observation?.gatewayId).toContain("/APPLICATIONGATEWAYS/SHOP-GW");
  expect([...(observation?.failedServerStatuses ?? [])]).toEqual([[500, 1]]);
  expect([...(observation?.errorInfos ?? [])]).toEqual([["NO_ERROR", 1]]);
  expect(observation?.samples[0]).toEqual({
    document: "access.log",
    line: 1,
    reading: "backend-error",
    timeMs: Date.UTC(2026, 0, 10, 10),
    method: "GET",
    httpStatus: 502,
    serverStatus: 500,
    errorInfo: "NO_ERROR",
    uri: "/cart",
    host: "shop.example",
    timeTakenS: 0.034,
    serverLatencyS: 0.028,
    serverRouted: "10.0.1.4:8080",
    attempts: 1,
    instanceId: "appgw_0",
  });
});

test("names are met in any case", async () => {
  const text = JSON.stringify(v2({ httpStatus: 502 })).replaceAll(
    /"(\w+)":/g,
    (_, name: string) => `"${name.toUpperCase()}":`,
  );
  const { log } = await read("ndjson", text);
  expect(log.observations[0]).toMatchObject({ ruleName: "r1", failed: 1 });
});

test("other categories and the gateway's own requests are counted apart", async () => {
  const firewall = {
    ...v2(),
    category: "ApplicationGatewayFirewallLog",
    operationName: "ApplicationGatewayFirewall",
  };
  const { category: _, ...byOperation }: Readonly<Record<string, unknown>> = {
    ...v1(),
    operationName: "ApplicationGatewayPerformance",
  };
  const { httpStatus: __, ...layer4 } = v2().properties as Record<string, unknown>;
  const rows = [v2(), firewall, byOperation, { ...v2(), properties: layer4 }, v2({ clientIP: "127.0.0.1" })];
  const { result, log } = await read("ndjson", ndjson(rows));
  expect(result).toEqual({ rows: 1, skipped: 0 });
  expect(log.internalRows).toBe(1);
  expect([...log.otherCategories]).toEqual([
    ["ApplicationGatewayFirewallLog", 1],
    ["ApplicationGatewayPerformance", 1],
    ["ApplicationGatewayAccessLog without httpStatus", 1],
  ]);
  const table = await read("json-array", JSON.stringify([{ ...resourceRow(v2()), Type: "AGWFirewallLogs" }]));
  expect([...table.log.otherCategories]).toEqual([["AGWFirewallLogs", 1]]);
});

const CORPUS = new URL("../../../shared/corpus/access-log/", import.meta.url);
const SAMPLE = new URL("log2timeline+plaso__test_data__azure_application_gateway_access.json", CORPUS);

test.skipIf(!existsSync(SAMPLE))("a published log of two rows", async () => {
  const { result, log } = await read("ndjson", readFileSync(SAMPLE));
  expect(result).toEqual({ rows: 2, skipped: 0 });
  expect([...(log.observations[0]?.statuses ?? [])]).toEqual([
    [200, 1],
    [400, 1],
  ]);
});
