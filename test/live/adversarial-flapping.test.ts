import { describe, expect, test } from "vitest";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { diagnoseLive, type LiveDiagnosis } from "./support/live-case.ts";
import { plain, type RawAnswer, rawServer } from "./support/raw-server.ts";

/** What a server says to its n-th request, whatever it is asked. */
type ByTurn = (turn: number) => RawAnswer;

const shop = "http://shop.contoso.example";
const refusals: Readonly<Record<string, RawAnswer>> = {
  "404": plain(404, "nothing"),
  "405": plain(405, "no"),
  "503": plain(503, "busy"),
  "no answer": { ends: "close" },
};

/** Faults that come and go are what is wrong here; all others would be proven by luck. */
const sporadic: ReadonlySet<string> = new Set(["backend-5xx", "http-reset-midway"]);

/** Whether it fails at its n-th turn. */
const rhythms: Readonly<Record<string, (turn: number) => boolean>> = {
  "at first only": (turn) => turn < 2,
  "every second time": (turn) => turn % 2 === 0,
  "two of three times": (turn) => turn % 3 !== 2,
  "one of three times": (turn) => turn % 3 === 0,
  "until it was asked five times": (turn) => turn < 5,
};

const world = async (answer: ByTurn, backend: Partial<LiveBackend>): Promise<LiveDiagnosis> => {
  let turn = 0;
  // Nobody then waits for what may come after an answer.
  await using server = await rawServer(() => ({ ends: "close", ...answer(turn++) }));
  const { address, port } = server;
  const documents = { "gateway.json": gatewayOf([{ name: "shop", servers: [address], port, ...backend }]) };
  return await diagnoseLive(documents, ["--experiments", "all", "--url", `${shop}/cart`]);
};

const cases = Object.keys(refusals).flatMap((refusal) =>
  Object.keys(rhythms).flatMap((rhythm) => [
    { refusal, rhythm, probe: "own" },
    { refusal, rhythm, probe: "default" },
  ]),
);

describe("servers that fail at times, whatever they are asked", () => {
  test.for(cases)("$refusal $rhythm, $probe probe", async ({ refusal, rhythm, probe }) => {
    const fails = rhythms[rhythm] as (turn: number) => boolean;
    const seen = await world(
      (turn) => (fails(turn) ? (refusals[refusal] as RawAnswer) : plain(200)),
      probe === "own" ? {} : { probe: false },
    );
    const proven = seen.findings.filter(({ certainty, role }) => certainty === "proven" && role === "root");
    expect(proven.map(({ cause }) => cause).filter((cause) => !sporadic.has(cause))).toEqual([]);
    expect(seen.code).toBe(seen.routes[0]?.outcome === "ok" ? 0 : 1);
  });
});
