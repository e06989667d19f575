import { describe, expect, test } from "vitest";
import { logNatureOf } from "../../../src/documents/log-notation.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { errorInfoOf } from "../../../src/gateway/log/error-info.ts";
import { jsonText } from "../../../src/gateway/log/json-text.ts";
import { V1Lines } from "../../../src/gateway/log/v1-lines.ts";
import { V2Lines } from "../../../src/gateway/log/v2-lines.ts";
import { read } from "../../logs/compose.ts";
import { attempt } from "../balance/scene.ts";
import { failedRecord, recordWith, routeTo } from "../explain/record.ts";

const identity = { gatewayId: "/subscriptions/s1/providers/x/applicationGateways/agw-route", worker: 0 };
const route = routeTo(["10.0.1.4"]);

const v2 = (record: ExchangeRecord) => new V2Lines(identity).partsOf(record).join("");
const v1 = (record: ExchangeRecord) => new V1Lines(identity).partsOf(record).join("");

describe("rows of layer 4", () => {
  const carried = recordWith({
    route,
    httpVersion: "",
    tls: { protocol: "TLSv1.3", cipher: "AES" },
    receivedBytes: 40,
    sentBytes: 9000,
    tookMs: 2500,
    layer4: { upstreamReceivedBytes: 9000, endedFor: undefined },
    attempts: [{ ...attempt(), status: undefined, startedMs: 1, endedMs: 2401, bytesSent: 40 }],
  });

  test("hold exactly the documented fields, and our own beside them", () => {
    expect(JSON.parse(v2(carried))).toEqual({
      timeStamp: "2026-06-01T10:00:02+00:00",
      resourceId: "/SUBSCRIPTIONS/S1/PROVIDERS/X/APPLICATIONGATEWAYS/AGW-ROUTE",
      listenerName: "shop",
      ruleName: "shop",
      backendPoolName: "app",
      backendSettingName: "app",
      operationName: "ApplicationGatewayAccess",
      category: "ApplicationGatewayAccessLog",
      properties: {
        instanceId: "appgw_causeway_0",
        clientIP: "203.0.113.9",
        protocol: "TCP",
        receivedBytes: 40,
        sentBytes: 9000,
        sessionTime: 2.5,
        upstreamSentBytes: 40,
        upstreamReceivedBytes: 9000,
        upstreamSessionTime: 2.4,
        sslCipher: "AES",
        sslProtocol: "TLSv1.3",
        serverRouted: "127.0.0.1:8080",
        serverStatus: "200",
      },
      causeway: {
        ending: "--",
        route: "shop/shop",
        connection: "fresh",
        transactionId: "0123456789abcdef0123456789abcdef",
        clientPort: 50_100,
      },
    });
  });

  test("tell why the gateway ended it, and are no requests for whoever reads the log", async () => {
    const idle = {
      ...carried,
      ending: "PU",
      layer4: { upstreamReceivedBytes: 9000, endedFor: "idle" },
    } as const;
    expect(JSON.parse(v2(idle)).causeway).toMatchObject({ ending: "PU", endedFor: "idle" });
    const { log } = await read("ndjson", v2(carried) + v2(recordWith({ route })));
    expect(log.rows).toBe(1);
  });
});

describe("v2 rows", () => {
  test("hold exactly the documented fields, and our own beside them", () => {
    const row = JSON.parse(v2(recordWith({ route, tls: { protocol: "TLSv1.3", cipher: "AES" } })));
    expect(row).toEqual({
      timeStamp: "2026-06-01T10:00:00+00:00",
      resourceId: "/SUBSCRIPTIONS/S1/PROVIDERS/X/APPLICATIONGATEWAYS/AGW-ROUTE",
      listenerName: "shop",
      ruleName: "shop",
      backendPoolName: "app",
      backendSettingName: "app",
      operationName: "ApplicationGatewayAccess",
      category: "ApplicationGatewayAccessLog",
      properties: {
        instanceId: "appgw_causeway_0",
        clientIP: "203.0.113.9",
        clientPort: 50100,
        httpMethod: "GET",
        originalRequestUriWithArgs: "/cart?item=1",
        requestUri: "/cart",
        requestQuery: "item=1",
        userAgent: "probe/1.0",
        httpStatus: 200,
        httpVersion: "HTTP/1.1",
        receivedBytes: 120,
        sentBytes: 309,
        clientResponseTime: 0.001,
        timeTaken: 0.013,
        WAFEvaluationTime: "",
        WAFMode: "",
        transactionId: "0123456789abcdef0123456789abcdef",
        sslEnabled: "on",
        sslCipher: "AES",
        sslProtocol: "TLSv1.3",
        sslClientVerify: "NONE",
        sslClientCertificateFingerprint: "",
        sslClientCertificateIssuerName: "",
        serverRouted: "127.0.0.1:8080",
        serverStatus: "200",
        serverResponseLatency: "0.001",
        upstreamSourcePort: "",
        originalHost: "shop.contoso.com",
        host: "shop.contoso.com",
        contentType: "",
        error_info: "ERRORINFO_NO_ERROR",
      },
      causeway: { ending: "--", route: "shop/shop", connection: "fresh" },
    });
  });

  test("list every attempt where one failed", () => {
    const attempts = [
      attempt({ kind: "response-closed", detail: "FIN", nothingSent: false, stale: true }),
      attempt(),
    ];
    const row = JSON.parse(v2(recordWith({ route, attempts, cause: "keepalive-race", ending: "SH" })));
    expect(row.properties).toMatchObject({
      serverRouted: "127.0.0.1:8080, 127.0.0.1:8080",
      serverStatus: "-, 200",
      serverResponseLatency: "0.001, 0.001",
    });
    expect(row.causeway).toMatchObject({ ending: "SH", cause: "keepalive-race" });
    expect(row.causeway.attempts).toEqual([
      {
        server: "127.0.0.1:8080",
        member: "10.0.1.4",
        connection: "fresh",
        startedMs: 0,
        connectedMs: 1,
        sentMs: 1,
        endedMs: 2,
        bytesSent: 0,
        failure: "response-closed",
        detail: "FIN",
        cause: "keepalive-race",
        nothingSent: false,
        stale: true,
      },
      expect.objectContaining({ status: 200 }),
    ]);
  });

  test("whatever a client sends, a row is one line of ASCII and means the same", () => {
    const userAgent = `"quoted" \\ \u0000\u001b[31m \u00e9 \u2028 ${"\n"}x`;
    const line = v2(recordWith({ userAgent, originalTarget: '/\u009b?"' }));
    expect(line).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(line).properties).toMatchObject({ userAgent, originalRequestUriWithArgs: '/\u009b?"' });
  });
});

describe("v1 rows", () => {
  test("hold the server within the query, and milliseconds", () => {
    const row = JSON.parse(v1(recordWith({ route })));
    expect(row.time).toBe("2026-06-01T10:00:00Z");
    expect(row.properties).toEqual({
      instanceId: "ApplicationGatewayRole_causeway_0",
      clientIP: "203.0.113.9",
      clientPort: 50100,
      httpMethod: "GET",
      requestUri: "/cart",
      requestQuery:
        "item=1&X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=127.0.0.1&X-AzureApplicationGateway-LOG-ID=01234567-89ab-cdef-0123-456789abcdef&SERVER-STATUS=200",
      userAgent: "probe/1.0",
      httpStatus: 200,
      httpVersion: "HTTP/1.1",
      receivedBytes: 120,
      sentBytes: 309,
      timeTaken: 13,
      sslEnabled: "off",
      host: "shop.contoso.com",
      originalHost: "shop.contoso.com",
    });
  });
});

const noServer = { status: 502, ending: "PQ", attempts: [], noServer: "none-healthy" } as const;
const late = { kind: "response-timeout", nothingSent: false } as const;
const slow = { ...attempt(late), endedMs: 20_001 };

/** Record, what its row is read as in a v2 log and in a v1 log. */
const readings: readonly [string, ExchangeRecord, string, string][] = [
  ["went well", recordWith(), "served", "served"],
  ["no healthy server", recordWith(noServer), "no-live-server", "no-live-server"],
  ["connection refused", failedRecord({}), "unreached", "unreached"],
  [
    "closed without an answer",
    failedRecord({ kind: "response-closed", nothingSent: false }),
    "upstream-closed",
    "upstream-closed",
  ],
  [
    "time-out of v2",
    recordWith({ status: 504, ending: "sH", attempts: [slow], tookMs: 20_002 }),
    "timeout-v2",
    "gateway-error",
  ],
  [
    "time-out of v1",
    recordWith({ status: 502, ending: "sH", attempts: [slow], tookMs: 20_002 }),
    "upstream-closed",
    "timeout-v1",
  ],
  [
    "an error of the server",
    recordWith({ status: 503, backendError: true, attempts: [{ ...attempt(), status: 503 }] }),
    "backend-error",
    "backend-error",
  ],
  [
    "a client that left",
    failedRecord({ kind: "aborted" }, { status: 499, ending: "CH" }),
    "client-closed",
    "client-closed",
  ],
  [
    "no listener",
    recordWith({ status: 404, ending: "PR", attempts: [], errorInfo: "ERRORINFO_INVALID_HOST" }),
    "no-listener",
    "served",
  ],
];

describe("rows are read back by the diagnosis as what they were", () => {
  test.each(readings)("%s", async (_, record, inV2, inV1) => {
    for (const [line, reading] of [
      [v2({ ...record, route }), inV2],
      [v1({ ...record, route }), inV1],
    ] as const) {
      expect(logNatureOf(line)).toEqual({ log: "access", notation: "ndjson" });
      const { observations, rows, skipped } = (await read("ndjson", line)).log;
      expect({ rows, skipped }).toEqual({ rows: 1, skipped: 0 });
      expect(observations.map((one) => [...one.readings.keys()])).toEqual([[reading]]);
    }
  });

  test("clients of the same machine count, and names and servers are found", async () => {
    const line = v2({ ...failedRecord({}), route, clientAddress: "127.0.0.1" });
    const { observations } = (await read("ndjson", line)).log;
    expect(observations).toMatchObject([
      { version: "v2", listenerName: "shop", ruleName: "shop", poolName: "app", settingName: "app", rows: 1 },
    ]);
    expect(observations[0]?.servers[0]).toMatchObject({ server: "127.0.0.1:8080", failed: 1 });
  });
});

describe("error_info", () => {
  test.each([
    [recordWith(), "ERRORINFO_NO_ERROR"],
    [recordWith({ ...noServer }), "ERRORINFO_UPSTREAM_NO_LIVE"],
    [recordWith({ status: 408, ending: "cR", attempts: [] }), "ERRORINFO_CLIENT_TIMED_OUT"],
    [
      recordWith({ status: 502, ending: "SC", attempts: [attempt({})], noServer: "all-tried" }),
      "ERRORINFO_UPSTREAM_CLOSED_CONNECTION",
    ],
    [
      recordWith({ status: 400, ending: "PR", attempts: [], errorInfo: "ERRORINFO_INVALID_HOST" }),
      "ERRORINFO_INVALID_HOST",
    ],
  ])("case %#", (record, word) => {
    expect(errorInfoOf(record)).toBe(word);
  });
});

test("JSON texts are what JSON.parse reads back", () => {
  for (const text of ["", "plain", '"', "\\", "a\u0000b", "\u{1f600}", "\ud800", "\u007f"]) {
    expect(JSON.parse(jsonText(text))).toBe(text);
  }
});
