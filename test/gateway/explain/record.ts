import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import { type Route, wiringOf } from "../../../src/routing/routes.ts";
import { attempt, gatewayWith } from "../balance/scene.ts";

/** A request that went well, or what the test says instead. */
export function recordWith(more: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    transactionId: "0123456789abcdef0123456789abcdef",
    startedAtMs: Date.UTC(2026, 5, 1, 10, 0, 0, 250),
    clientAddress: "203.0.113.9",
    clientPort: 50_100,
    listener: undefined,
    route: undefined,
    method: "GET",
    httpVersion: "HTTP/1.1",
    originalHost: "shop.contoso.com",
    host: "shop.contoso.com",
    originalTarget: "/cart?item=1",
    target: "/cart?item=1",
    userAgent: "probe/1.0",
    contentType: "",
    status: 200,
    ending: "--",
    cause: undefined,
    backendError: false,
    attempts: [attempt()],
    receivedBytes: 120,
    sentBytes: 309,
    tls: undefined,
    tookMs: 12.5,
    clientResponseMs: 0.5,
    ...more,
  };
}

export function failedRecord(
  failure: Partial<AttemptFailure>,
  more: Partial<ExchangeRecord> = {},
): ExchangeRecord {
  return recordWith({ status: 502, ending: "SH", attempts: [attempt(failure)], ...more });
}

export function routeTo(members: readonly string[]): Route {
  const [route] = wiringOf(gatewayWith(members)).routes;
  if (route === undefined) throw new Error("no route");
  return route;
}
