import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownRowOf } from "../../../src/documents/logs/own-row.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { V1Lines } from "../../../src/gateway/log/v1-lines.ts";
import { V2Lines } from "../../../src/gateway/log/v2-lines.ts";
import type { AnsweredBy, Attempt, AttemptFailure, AttemptFailureKind } from "../../../src/model/attempt.ts";
import { keptFirstBytes } from "../../../src/model/kept-values.ts";
import { mostChainBytes, ownMember } from "../../../src/model/own-member.ts";
import { attempt } from "../balance/scene.ts";
import { recordWith, routeTo } from "../explain/record.ts";

const identity = { gatewayId: "/subscriptions/s1/agw-shop", worker: 1 };
const generations = [
  ["v2", () => new V2Lines(identity)],
  ["v1", () => new V1Lines(identity)],
] as const;
const route = routeTo(["10.0.1.4"]);

/** What is read back of the row of a record. */
function readBack(lines: V1Lines | V2Lines, more: Partial<ExchangeRecord>) {
  const row: unknown = JSON.parse(
    lines.partsOf(recordWith({ route, originalHost: "shop.contoso.com", ...more })).join(""),
  );
  const own = typeof row === "object" && row !== null ? ownRowOf(row, "access.ndjson", 1) : undefined;
  if (own === undefined || own === "unreadable") throw new Error("the row cannot be read");
  return own.failure;
}

const orNot = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const ms = fc.integer({ min: 0, max: 1_000_000_000 }).map((us) => us / 1000);
const word = fc.string({ maxLength: 60, unit: "binary" });
const bytes = (most: number) =>
  fc.uint8Array({ minLength: 1, maxLength: most }).map((some) => Buffer.from(some));

const kinds: readonly AttemptFailureKind[] = [
  ...(["dns", "connect-refused", "connect-timeout", "connect-unreachable", "connect-reset"] as const),
  ...(["connect-failed", "tls-alert", "tls-not-tls", "tls-timeout", "tls-closed", "tls-failed"] as const),
  ...(["tls-certificate", "send-reset", "response-timeout", "response-reset", "response-closed"] as const),
  ...(["response-invalid", "relay-timeout", "relay-reset", "relay-closed", "relay-invalid"] as const),
  ...(["response-drained", "relay-drained"] as const),
];

const failures: fc.Arbitrary<AttemptFailure> = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    detail: orNot(word),
    offset: orNot(fc.nat()),
    nothingSent: fc.boolean(),
    stale: fc.boolean(),
    firstBytes: bytes(512),
    chain: fc.array(bytes(900), { minLength: 1, maxLength: 10 }),
  },
  { requiredKeys: ["kind", "detail", "offset", "nothingSent", "stale"] },
);

const attemptOf = (failure: fc.Arbitrary<AttemptFailure | undefined>): fc.Arbitrary<Attempt> =>
  fc.record({
    server: fc.string({ maxLength: 255, unit: "binary" }),
    member: fc.string({ maxLength: 255, unit: "binary" }),
    connection: fc.constantFrom("fresh" as const, "reused" as const),
    idleMs: orNot(ms),
    startedMs: ms,
    dnsMs: orNot(ms),
    connectedMs: orNot(ms),
    tlsMs: orNot(ms),
    sentMs: orNot(ms),
    firstByteMs: orNot(ms),
    endedMs: ms,
    status: orNot(fc.integer({ min: 100, max: 999 })),
    bytesSent: fc.nat(),
    failure,
  });

const failing = fc
  .tuple(fc.array(attemptOf(orNot(failures)), { maxLength: 4 }), attemptOf(failures))
  .map(([before, last]) => [...before, last]);

/** Of an answer that is none, what recordings keep. */
function asKept(one: Attempt): Attempt {
  const { failure } = one;
  if (failure?.firstBytes === undefined) return one;
  const kept = keptFirstBytes(failure.firstBytes.subarray(0, 64).toString("base64"));
  return { ...one, failure: { ...failure, firstBytes: Buffer.from(kept, "base64") } };
}

describe.for(generations)("rows of %s", ([, linesOf]) => {
  test("every attempt that is written is read back as it was", () => {
    fc.assert(
      fc.property(failing, (attempts) => {
        const read = readBack(linesOf(), { status: 502, ending: "SH", attempts });
        const last = new Map<string, readonly Buffer[]>();
        const expected = attempts.map(asKept).map((one) => {
          const { server, failure } = one;
          if (failure?.chain === undefined) return one;
          const { chain, ...rest } = failure;
          const known = isDeepStrictEqual(last.get(server), chain);
          last.set(server, chain);
          return known ? { ...one, failure: rest } : one;
        });
        expect(read?.attempts).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("of more attempts than a row has room for the last ones are there", () => {
    const attempts = Array.from({ length: 40 }, (_, at) => ({ ...attempt({}), server: `10.0.1.${at}:80` }));
    const read = readBack(linesOf(), { status: 502, ending: "SC", attempts });
    expect(read?.attempts).toEqual(attempts.slice(8));
  });

  test("a row is ASCII and one line, whatever it holds", () => {
    fc.assert(
      fc.property(failing, (attempts) => {
        const line = linesOf()
          .partsOf(recordWith({ route, status: 502, ending: "SH", attempts }))
          .join("");
        expect(line).toMatch(/^[\x20-\x7e]*\n$/);
      }),
    );
  });

  test.for<[string, AnsweredBy, AnsweredBy | undefined]>([
    [
      "by its page",
      { server: undefined, via: undefined, pageOf: "haproxy" },
      { server: undefined, via: undefined, pageOf: "haproxy" },
    ],
    [
      "by its field",
      { server: "nginx/1.27", via: "1.1 edge", pageOf: undefined },
      { server: "nginx/1.27", via: "1.1 edge", pageOf: undefined },
    ],
    [
      "by a field without end",
      { server: `nginx ${"x".repeat(5000)}`, via: undefined, pageOf: undefined },
      { server: `nginx ${"x".repeat(122)}`, via: undefined, pageOf: undefined },
    ],
    ["the application", { server: "Kestrel", via: undefined, pageOf: undefined }, undefined],
  ])("who made an error: %s", ([, answeredBy, told]) => {
    const attempts = [{ ...attempt(), status: 502 }];
    const read = readBack(linesOf(), {
      status: 502,
      backendError: true,
      cause: "second-proxy-502",
      attempts,
      answeredBy,
    });
    expect(read?.answeredBy).toEqual(told);
    expect(read?.attempts).toEqual(told && attempts);
  });
});

describe("the chain that was refused", () => {
  const refusal = (chain: readonly Buffer[], server = "10.0.1.4:443"): readonly Attempt[] => [
    { ...attempt({ kind: "tls-certificate", detail: "expired", chain }), server },
  ];
  const [leaf, other] = [Buffer.from("one"), Buffer.from("other")];
  const chainIn = (lines: V2Lines, attempts: readonly Attempt[], atMs: number) =>
    readBack(lines, { status: 502, ending: "PT", attempts, startedAtMs: atMs })?.attempts[0]?.failure?.chain;

  test("stands in a row a minute for each server", () => {
    const lines = new V2Lines(identity);
    const noonMs = Date.UTC(2026, 5, 1, 12);
    expect(chainIn(lines, refusal([leaf]), noonMs)).toEqual([leaf]);
    expect(chainIn(lines, refusal([leaf]), noonMs + 59_000)).toBeUndefined();
    expect(chainIn(lines, refusal([leaf], "10.0.1.5:443"), noonMs + 59_000)).toEqual([leaf]);
    expect(chainIn(lines, refusal([leaf]), noonMs + 60_000)).toEqual([leaf]);
    expect(chainIn(lines, refusal([leaf, other]), noonMs + 60_001)).toEqual([leaf, other]);
  });

  test.for([
    ["as long as may be", [Buffer.alloc(mostChainBytes, 1)], true],
    ["longer", [Buffer.alloc(mostChainBytes, 1), leaf], false],
    ["of too many", Array.from({ length: 11 }, () => leaf), false],
  ] as const)("%s", ([, chain, stands]) => {
    expect(chainIn(new V2Lines(identity), refusal(chain), 0) !== undefined).toBe(stands);
  });
});

test("a connection of layer 4 says what its row has no place for", () => {
  const layer4 = { upstreamReceivedBytes: 0, endedFor: "idle" as const };
  const line = new V2Lines(identity).partsOf(recordWith({ route, layer4, clientPort: 50_100 })).join("");
  const { causeway }: { readonly causeway: unknown } = JSON.parse(line);
  expect(ownMember.read(causeway, "")).toMatchObject({
    transactionId: "0123456789abcdef0123456789abcdef",
    clientPort: 50_100,
    endedFor: "idle",
  });
});
