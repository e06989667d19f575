import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** Servers that are late. The setting waits for one second unless told. */
interface SlowCase {
  readonly name: string;
  readonly answer: (request: RawRequest) => RawAnswer;
  readonly requestTimeout?: number;
  readonly v1?: true;
  readonly words?: readonly string[];
  readonly roots: readonly string[];
  readonly certainty?: "proven" | "likely" | "possible";
  readonly says?: RegExp;
  readonly helped?: string;
  /** The value that the fix sets, which has to be verified. */
  readonly sets?: number;
  readonly route?: { readonly outcome: string; readonly status: number | null };
}

const health = (answer: (request: RawRequest) => RawAnswer) => (request: RawRequest) =>
  request.path === "/health" ? plain(200) : answer(request);

const gave504 = { ...plain(504, "gave up"), afterMs: 1100 };

const cases: readonly SlowCase[] = [
  {
    name: "v2: an answer after 1.4 s",
    answer: health(() => ({ ...plain(200), afterMs: 1400 })),
    roots: ["timeout-v2"],
    certainty: "proven",
    helped: "time-out",
    says: /waits 1 s for an answer and GET http:\/\/shop\.contoso\.example\/report needs 1\.\d s: clients get 504/,
    sets: 3,
    route: { outcome: "degraded", status: 504 },
  },
  {
    name: "v1: the same is 502",
    answer: health(() => ({ ...plain(200), afterMs: 1400 })),
    v1: true,
    roots: ["timeout-v1"],
    certainty: "proven",
    helped: "time-out",
    sets: 3,
    route: { outcome: "degraded", status: 502 },
  },
  {
    name: "in time: nothing is wrong",
    answer: health(() => ({ ...plain(200), afterMs: 300 })),
    requestTimeout: 5,
    roots: [],
  },
  {
    name: "no answer at all, as far as was waited",
    answer: health(() => ({})),
    words: ["--experiment-time", "4"],
    roots: ["timeout-v2"],
    certainty: "possible",
    says: /gets no answer in that time/,
  },
  {
    name: "inner: 504 after the same time, again and again",
    answer: health(() => gave504),
    requestTimeout: 20,
    roots: ["timeout-inner"],
    certainty: "proven",
    says: /gives up after 1\.\d s each time it is asked/,
    route: { outcome: "degraded", status: 504 },
  },
  {
    // Work that takes as long before it fails looks the same.
    name: "inner: 500 after the same time",
    answer: health(() => ({ ...plain(500, "gave up"), afterMs: 1100 })),
    requestTimeout: 20,
    roots: ["timeout-inner"],
    certainty: "likely",
  },
  {
    name: "inner, not: 500 after another time each time",
    answer: health(({ before }) => ({ ...plain(500, "oops"), afterMs: 1100 + 900 * before })),
    requestTimeout: 20,
    roots: ["backend-5xx"],
  },
  {
    name: "inner, not: 500 at once",
    answer: health(() => plain(500, "oops")),
    requestTimeout: 20,
    roots: ["backend-5xx"],
  },
  {
    name: "inner: the probe",
    answer: () => gave504,
    requestTimeout: 20,
    roots: ["timeout-inner"],
    certainty: "proven",
    route: { outcome: "fails", status: 502 },
  },
];

const v1 = { sku: { name: "Standard_Medium", tier: "Standard", capacity: 2 } };

describe("servers that are late", () => {
  // Each judges how long an answer took: a machine that stood still meanwhile has told nothing.
  test.concurrent.each(cases)(
    "$name",
    { retry: 2 },
    async ({ answer, requestTimeout = 1, words = [], ...wanted }) => {
      await using server = await rawServer(answer);
      const backend = {
        name: "shop",
        servers: [server.address],
        port: server.port,
        setting: { requestTimeout },
      };
      const documents = { "gateway.json": gatewayOf([backend], wanted.v1 ? v1 : {}) };
      const url = "http://shop.contoso.example/report";
      const seen = await diagnoseLive(documents, ["--url", url, ...words]);
      expect(seen.roots).toEqual(wanted.roots);
      const first = seen.findings.find(({ role }) => role === "root");
      if (wanted.certainty !== undefined) expect(first?.certainty).toBe(wanted.certainty);
      if (wanted.says !== undefined) expect(first?.summary).toMatch(wanted.says);
      if (wanted.helped !== undefined) {
        expect(first?.experiments.find(({ helped }) => helped)?.changed).toBe(wanted.helped);
      }
      if (wanted.sets !== undefined) {
        expect(first?.fix).toMatchObject({
          verified: true,
          changes: [{ path: "requestTimeout", value: wanted.sets }],
        });
      }
      if (wanted.route !== undefined) expect(seen.routes).toMatchObject([wanted.route]);
    },
  );
});
