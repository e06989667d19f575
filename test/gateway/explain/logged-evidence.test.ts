import { describe, expect, test } from "vitest";
import { asRecorded } from "../../../src/documents/observations/recording.ts";
import type { ExchangeRecord } from "../../../src/gateway/exchange/exchange-record.ts";
import { evidenceOf } from "../../../src/gateway/explain/evidence.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import type { LiveExchange } from "../../../src/model/observations.ts";
import { routerOf } from "../../../src/routing/request-route.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { observed } from "../../support/observed.ts";
import { attempt } from "../balance/scene.ts";
import { causesOf, noonMs, type Read, reading } from "./logged-rows.ts";
import { failedRecord, recordWith } from "./record.ts";

const seconds = 1000;
const minutes = 60 * seconds;

/** What `/explain` sees of the record. */
function explainedBy({ gateway }: Read, record: ExchangeRecord): readonly LiveExchange[] {
  const wiring = wiringOf(gateway);
  return evidenceOf(record, {
    router: routerOf(gateway, wiring, defaultSwitches),
    pairs: wiring.pairs,
    switches: defaultSwitches,
    entryOf: () => undefined,
  });
}

/** Beside the moment of the start: rows have whole seconds. */
const withoutTime = ({ observation }: LiveExchange) => ({ ...asRecorded(observation), startedAtMs: 0 });

const failed = (failure: Partial<AttemptFailure>, more: Partial<ExchangeRecord> = {}) => ({
  status: 502,
  ending: "SH" as const,
  attempts: [attempt(failure)],
  ...more,
});
const refused = failed({}, { ending: "SC" });
/** A page of nginx, whose upstream is gone. */
const errorOf = (more: Partial<ExchangeRecord> = {}): Partial<ExchangeRecord> => ({
  status: 502,
  backendError: true,
  cause: "second-proxy-502",
  answeredBy: { server: "nginx/1.27.0", via: undefined, pageOf: "nginx" },
  attempts: [{ ...attempt(), status: 502, firstByteMs: 1.5 }],
  ...more,
});
const laterBy = (ms: number): Partial<ExchangeRecord> => ({ startedAtMs: noonMs + ms });

const failures: readonly Partial<AttemptFailure>[] = [
  { kind: "dns", detail: "NXDOMAIN" },
  { kind: "connect-refused", detail: "ECONNREFUSED" },
  { kind: "connect-timeout", detail: undefined },
  { kind: "connect-unreachable", detail: "EHOSTUNREACH" },
  { kind: "connect-reset", detail: "ECONNRESET" },
  { kind: "connect-failed", detail: "EADDRNOTAVAIL" },
  { kind: "tls-alert", detail: "handshake_failure" },
  { kind: "tls-not-tls", detail: undefined, firstBytes: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") },
  { kind: "tls-timeout", detail: undefined },
  { kind: "tls-closed", detail: undefined },
  { kind: "tls-failed", detail: "EPROTO" },
  { kind: "send-reset", detail: "ECONNRESET", nothingSent: false },
  { kind: "response-timeout", detail: undefined, nothingSent: false },
  { kind: "response-reset", detail: "ECONNRESET", nothingSent: false },
  { kind: "response-closed", detail: undefined, nothingSent: false },
  { kind: "response-closed", detail: undefined, nothingSent: false, stale: true },
  {
    kind: "response-invalid",
    detail: "te-and-cl",
    offset: 40,
    nothingSent: false,
    firstBytes: Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
  },
  { kind: "relay-timeout", detail: undefined, nothingSent: false },
  { kind: "relay-reset", detail: "ECONNRESET", nothingSent: false },
  { kind: "relay-closed", detail: undefined, nothingSent: false },
  { kind: "relay-invalid", detail: "bad-chunk", offset: 90, nothingSent: false },
];
const generations = ["Standard_v2", "Standard"] as const;
const cases = generations.flatMap((tier) => failures.map((failure) => ({ tier, failure })));

describe("a row of our own gateway tells what /explain tells", () => {
  test.for(cases)("$tier: $failure.kind $failure.detail", async ({ tier, failure }) => {
    const protocol = failure.kind?.startsWith("tls-") ? "Https" : "Http";
    const setting = { port: 8080, protocol };
    const read = await reading((row) => [row(failed(failure))], { tier, setting });
    const { said, seen } = read;
    const explained = explainedBy(read, failedRecord(failure, said));
    expect(explained).toHaveLength(1);
    expect(seen.map(withoutTime)).toEqual(explained.map(withoutTime));
    expect(seen.map(({ source }) => [source.document, source.pointer])).toEqual([
      ["access.ndjson", "line 1"],
    ]);
    expect(causesOf(read, seen)).toEqual(causesOf(read, explained));
  });

  test.for(generations)("%s: the page of a proxy behind the gateway", async (tier) => {
    const read = await reading((row) => [row(errorOf())], { tier });
    const explained = explainedBy(read, { ...recordWith(read.said), ...errorOf() });
    expect(read.seen.map(withoutTime)).toEqual(explained.map(withoutTime));
    expect(causesOf(read, read.seen)).toEqual(causesOf(read, explained));
    expect(causesOf(read, read.seen)).toEqual(["second-proxy-502 likely"]);
  });

  test.for([
    ["self-signed", {}, "tls-selfsigned-nonca proven"],
    [
      "intermediate-missing",
      { issuer: makeCertificate({ commonName: "Contoso CA", ca: true }) },
      "tls-intermediate-missing likely",
    ],
  ] as const)("a chain that was refused: %s", async ([detail, wish, cause]) => {
    const setting = { port: 8443, protocol: "Https", hostName: "shop.contoso.com" };
    const { der } = makeCertificate({ commonName: "shop.contoso.com", names: ["shop.contoso.com"], ...wish });
    const failure: Partial<AttemptFailure> = { kind: "tls-certificate", detail, chain: [der] };
    const rows: Read = await reading(
      (row) => [row(failed(failure)), row(failed(failure)), row(failed({ ...failure, chain: undefined }))],
      { setting },
    );
    expect(rows.seen).toHaveLength(1);
    const explained = explainedBy(rows, failedRecord(failure, rows.said));
    expect(rows.seen.map(withoutTime)).toEqual(explained.map(withoutTime));
    expect(causesOf(rows, rows.seen)).toEqual(causesOf(rows, explained));
    expect(causesOf(rows, rows.seen)).toContain(cause);
  });

  test("a refused connection is no connection that was closed", async () => {
    const read = await reading((row) => [row(refused)]);
    expect(causesOf(read, read.seen)).toContain("tcp-refused proven");
  });

  test("of a query only that there was one is kept", async () => {
    const { own, seen } = await reading((row) => [row({ ...refused, originalTarget: "/a?token=s3cr3t" })]);
    expect(JSON.stringify([own, seen])).not.toContain("s3cr3t");
    expect(seen[0]?.observation.sent.path).toBe("/a?(withheld)");
  });

  test("a connection of layer 4 was not sent a request", async () => {
    const layer4 = { upstreamReceivedBytes: 0, endedFor: undefined };
    const { own } = await reading((row) => [row({ ...refused, method: "", layer4 })]);
    expect(own).toMatchObject([{ carried: true, attempts: [{ failure: { kind: "connect-refused" } }] }]);
  });
});

describe("what says nothing of now is no evidence", () => {
  const rows: readonly (readonly [
    string,
    (row: (more: Partial<ExchangeRecord>) => string) => readonly string[],
    number,
  ])[] = [
    ["it was just now", (row) => [row(refused)], 1],
    ["the server answered later", (row) => [row(refused), row(laterBy(2 * seconds))], 0],
    ["the server answered before", (row) => [row({}), row({ ...refused, ...laterBy(2 * seconds) })], 1],
    ["later in time, earlier in the log", (row) => [row(laterBy(2 * seconds)), row(refused)], 0],
    [
      "another server answered later",
      (row) => [
        row(refused),
        row({ ...laterBy(seconds), attempts: [{ ...attempt(), server: "127.0.0.1:8081" }] }),
      ],
      1,
    ],
    [
      "another request was answered later, where the request failed",
      (row) => [
        row(failed({ kind: "response-reset" })),
        row({ ...laterBy(seconds), originalTarget: "/else" }),
      ],
      1,
    ],
    [
      "that request was answered later",
      (row) => [row(failed({ kind: "response-reset" })), row(laterBy(seconds))],
      0,
    ],
    [
      "fresh connections tell nothing of those that were idle",
      (row) => [row(failed({ kind: "response-closed", stale: true })), row(laterBy(seconds))],
      1,
    ],
    [
      "long before the end of the log",
      (row) => [
        row(refused),
        row({ ...laterBy(16 * minutes), attempts: [{ ...attempt(), server: "127.0.0.1:8081" }] }),
      ],
      0,
    ],
    [
      "the gateway itself ended it",
      (row) => [row(failed({ kind: "response-drained" }, { ending: "OH" }))],
      0,
    ],
    ["the client went away", (row) => [row(failed({ kind: "aborted" }, { ending: "CH", status: 499 }))], 0],
    ["a chain that is not in the row", (row) => [row(failed({ kind: "tls-certificate" }))], 0],
    ["another product's error", (row) => [row(errorOf())], 1],
    ["another product's error, the same later", (row) => [row(errorOf()), row(errorOf(laterBy(seconds)))], 2],
    [
      "another product's error, that request answered later",
      (row) => [row(errorOf()), row(laterBy(seconds))],
      0,
    ],
    [
      "another product's error, another request answered later",
      (row) => [row(errorOf()), row({ ...laterBy(seconds), originalTarget: "/else" })],
      1,
    ],
    [
      "the request failed, and got an error of the server later",
      (row) => [
        row(failed({ kind: "response-reset" })),
        row({
          ...laterBy(seconds),
          status: 500,
          backendError: true,
          attempts: [{ ...attempt(), status: 500 }],
        }),
      ],
      0,
    ],
    ["an error of the application alone", (row) => [row(errorOf({ answeredBy: undefined }))], 0],
    ["a second attempt saved it", (row) => [row({ attempts: [attempt({}), attempt()] })], 0],
  ];

  test.for(rows)("%s", async ([, rowsOf, count]) => {
    expect((await reading(rowsOf)).seen).toHaveLength(count);
  });

  test.for([
    { ms: -minutes, left: 1 },
    { ms: minutes, left: 0 },
    { ms: 20 * minutes, left: 0 },
  ])("a recorded probe that connects $ms ms after it", async ({ ms, left }) => {
    const [first] = (await reading((row) => [row(refused)])).seen;
    if (first === undefined) throw new Error("nothing was seen");
    const { target, port } = first.observation.sent;
    const observation = { ...observed({ sent: { target, port } }), startedAtMs: noonMs + ms };
    const live = [{ source: first.source, observation }];
    const { seen } = await reading((row) => [row(refused)], {}, live);
    expect(seen).toHaveLength(left);
  });

  test.for([
    { what: "as soon as the request had to", tookMs: 900, left: 0 },
    { what: "only after the request had given up", tookMs: 3_000, left: 1 },
  ])("a later probe that connects $what", async ({ tookMs, left }) => {
    const gaveUp = [
      { ...attempt({ kind: "connect-timeout", detail: undefined }), connectedMs: undefined, endedMs: 1_000 },
    ];
    const rows = (row: (more: Partial<ExchangeRecord>) => string) => [
      row(failed({}, { ending: "sC", attempts: gaveUp })),
    ];
    const [first] = (await reading(rows)).seen;
    if (first === undefined) throw new Error("nothing was seen");
    const probe = observed({ sent: first.observation.sent });
    if (probe.tcp === undefined) throw new Error("nothing was connected");
    const observation = { ...probe, startedAtMs: noonMs + minutes, tcp: { ...probe.tcp, tookMs } };
    const { seen } = await reading(rows, {}, [{ source: first.source, observation }]);
    expect(seen).toHaveLength(left);
  });
});

describe("a member that is not ours to read", () => {
  const changed: readonly (readonly [string, (row: string) => string])[] = [
    ["a kind that nobody knows", (row) => row.replace('"failure":"connect-refused"', '"failure":"magic"')],
    ["a field that nobody knows", (row) => row.replace('"causeway":{', '"causeway":{"more":1,')],
    ["a time before the start", (row) => row.replace('"startedMs":0', '"startedMs":-1')],
    ["a text without end", (row) => row.replace("ECONNREFUSED", "E".repeat(100_000))],
    [
      "nested without end",
      (row) => row.replace('"stale":false', `"stale":${"[".repeat(500)}${"]".repeat(500)}`),
    ],
    [
      "more attempts than there are",
      (row) =>
        row.replace(
          /"attempts":\[(.*?)\]/,
          (_, one: string) => `"attempts":[${Array(40).fill(one).join(",")}]`,
        ),
    ],
  ];

  test.for(changed)("%s: it is ignored, the row counts", async ([, change]) => {
    const { set, seen } = await reading((row) => [change(row(refused)), row(refused)]);
    expect(seen.map(({ source }) => source.pointer)).toEqual(["line 2"]);
    expect(set.observations.traffic).toMatchObject({ rows: 2, skipped: 0 });
    expect(set.documents[1]?.note).toContain('the member "causeway" of 1 row ');
  });

  test("what a row calls the cause has no say", async () => {
    const read = await reading((row) => [
      row(refused).replaceAll('"cause":"tcp-refused"', '"cause":"tls-expired"'),
    ]);
    expect(causesOf(read, read.seen).join()).not.toContain("tls-expired");
  });

  test("a row of the vendor's gateway has none", async () => {
    const { own, set } = await reading((row) => [row(refused).replace("appgw_causeway_1", "appgw_1")]);
    expect(own).toEqual([]);
    expect(set.observations.traffic?.rows).toBe(1);
    const plain = await reading((row) => [row(refused).replace(/,"causeway":.*\}/, "}")]);
    expect(plain.own).toEqual([]);
    expect(plain.set.observations.traffic?.rows).toBe(1);
  });

  test("of any number of failures and answers a bounded number is kept", async () => {
    const { own } = await reading((row) =>
      Array.from({ length: 3000 }, (_, at) => [
        row({ ...refused, ...laterBy(at), attempts: [{ ...attempt({}), server: `127.0.0.1:${at}` }] }),
        row({ ...refused, ...laterBy(at), attempts: [{ ...attempt({}), server: "127.0.0.9:80" }] }),
        row({
          ...laterBy(-minutes),
          originalTarget: `/${at}`,
          attempts: [{ ...attempt(), server: `127.0.0.2:${at}` }],
        }),
      ]).flat(),
    );
    expect(own.length).toBeGreaterThan(100);
    expect(own.length).toBeLessThanOrEqual(256);
    expect(own.filter(({ attempts }) => attempts[0]?.server === "127.0.0.9:80")).toHaveLength(2);
  });
});
