import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chunkedCases } from "./cases/chunked.ts";
import { requestBodyCases, transferEncodingCases } from "./cases/request-bodies.ts";
import { requestLineCases } from "./cases/request-lines.ts";
import { responseCases } from "./cases/responses.ts";
import { disagreements } from "./corpus/disagreements.ts";
import { requestCorpus } from "./corpus/requests.ts";
import { responseCorpus } from "./corpus/responses.ts";
import { damaged } from "./mutation.ts";
import { differences } from "./node-differences.ts";
import { type NodeParser, nodeClient, nodeServer, type Reading } from "./node-parser.ts";
import { bytesOf, read, type Subject, type WireCase } from "./transcript.ts";

/** Our reading of the first message, in the words of `Reading`. */
function ourReading(subject: Subject, message: Buffer, method = "GET"): Reading {
  const entries = read(subject, [message], { method }).entries.filter(
    (entry) => !entry.startsWith("interim"),
  );
  const ends = entries.indexOf("end");
  const fault = entries.find((entry, index) => entry.startsWith("fault") && (ends < 0 || index < ends));
  if (fault !== undefined) return fault.includes("truncated") ? "incomplete" : "refused";
  if (ends < 0) return "incomplete";
  const [head = ""] = entries;
  const body = entries.find((entry) => entry.startsWith("data "))?.slice(5) ?? "";
  return `${head
    .split(" ")
    .slice(0, subject === "request" ? 2 : 1)
    .join(" ")} ${body}`;
}

/** Node reads with its own limits, and makes tunnels of CONNECT and upgrades by events of their own. */
const comparable = ({ limits, open, method, upgrade, bytes, tells }: WireCase): boolean =>
  limits === undefined &&
  open !== true &&
  upgrade !== true &&
  method !== "CONNECT" &&
  !bytes.startsWith("CONNECT") &&
  !tells.includes("upgrade |");

const compared: readonly (readonly [subject: Subject, cases: readonly WireCase[]])[] = [
  [
    "request",
    [
      ...requestLineCases,
      ...requestBodyCases,
      ...transferEncodingCases,
      ...requestCorpus,
      ...disagreements,
    ].filter(comparable),
  ],
  ["response", [...chunkedCases, ...responseCases, ...responseCorpus].filter(comparable)],
];

describe("beside Node's parser", () => {
  let server: NodeParser;
  let client: NodeParser;
  beforeAll(async () => {
    [server, client] = await Promise.all([nodeServer(), nodeClient()]);
  });
  afterAll(() => Promise.all([server.close(), client.close()]));

  test.each(compared)("%ss are read alike, but for the differences on purpose", async (subject, cases) => {
    const parser = subject === "request" ? server : client;
    const found: Record<string, Reading> = {};
    for (const wireCase of cases) {
      const { message } = bytesOf(wireCase);
      const theirs = await parser.read(message, wireCase.method ?? "GET");
      if (theirs !== ourReading(subject, message, wireCase.method)) found[wireCase.about] = theirs;
    }
    const onPurpose = differences.filter((difference) => difference.subject === subject);
    expect(found).toEqual(Object.assign({}, ...onPurpose.map(({ node }) => node)));
  });

  test.each(compared)("damaged %ss that both take are understood alike", async (subject, cases) => {
    const parser = subject === "request" ? server : client;
    const messages = cases
      .filter(({ method }) => method === undefined)
      .map((wireCase) => bytesOf(wireCase).message);
    await fc.assert(
      fc.asyncProperty(damaged(messages, 2), async (message) => {
        const ours = ourReading(subject, message);
        if (ours === "refused" || ours === "incomplete") return;
        const theirs = await parser.read(message, "GET");
        expect([ours, "refused"]).toContain(theirs);
      }),
      { numRuns: 1500 },
    );
  });

  test("every case is compared under a name of its own", () => {
    for (const [, cases] of compared) {
      expect(cases.length).toBeGreaterThan(100);
      expect(new Set(cases.map(({ about }) => about)).size).toBe(cases.length);
    }
  });
});
