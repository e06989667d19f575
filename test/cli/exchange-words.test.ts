import { expect, test } from "vitest";
import { exchangeWords } from "../../src/cli/exchange-words.ts";
import type { ExchangeRecord } from "../../src/gateway/exchange/exchange-record.ts";
import { keptOf } from "../../src/gateway/explain/kept-exchange.ts";
import { attempt } from "../gateway/balance/scene.ts";
import { recordWith } from "../gateway/explain/record.ts";

const words = (record: ExchangeRecord) =>
  exchangeWords(keptOf(record, 1), { width: 80, color: false, unicode: true });

test("a request that a server did not answer, without what stood in its query", () => {
  const stale = attempt({ kind: "response-reset", detail: "ECONNRESET", stale: true });
  const silent = attempt({ kind: "response-timeout", detail: undefined });
  const attempts = [
    { ...stale, connection: "reused", endedMs: 12 } as const,
    { ...silent, startedMs: 12, endedMs: 5_012 },
  ];
  const record = recordWith({
    originalTarget: "/cart?token=secret",
    status: 504,
    ending: "sH",
    cause: "timeout-v2",
    attempts,
    tookMs: 5_012,
  });
  expect(words(record)).toBe(`GET /cart: 504 after 5.0 s
Ending      sH: No response within requestTimeout.
Cause       timeout-v2
Attempt 1   127.0.0.1:8080, reused: response-reset (ECONNRESET) after 12 ms
Attempt 2   127.0.0.1:8080, fresh: response-timeout after 5.0 s
`);
});

test("a request that is not valid", () => {
  const record = recordWith({
    method: "",
    originalTarget: "",
    status: 400,
    ending: "PR",
    errorInfo: "ERRORINFO_INVALID_REQUEST",
    fault: { kind: "bare-lf", offset: 14 },
    attempts: [],
    tookMs: 0.2,
  });
  expect(words(record)).toBe(`A request that could not be read: 400 after 0 ms
Ending      PR: The gateway refuses the request: it is not valid, no listener or
            rule takes it, or a method is not allowed.
Fault       bare-lf at byte 14 of the request
Log says    ERRORINFO_INVALID_REQUEST
`);
});

test.each([
  ["pool-empty", "the pool has none"],
  ["none-healthy", "none was healthy"],
  ["taken-out", "all had been taken out by the operator"],
] as const)("a request for which there was no server says why: %s", (noServer, says) => {
  const record = recordWith({ status: 502, ending: "PQ", attempts: [], noServer });
  expect(words(record)).toMatch(new RegExp(`^Servers     ${says}`, "m"));
});
