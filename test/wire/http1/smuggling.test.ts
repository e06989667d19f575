import { METHODS } from "node:http";
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
import { nodeRequests, nodeResponse } from "./node-messages.ts";
import { relayRequests, relayResponse, type Understood } from "./relay.ts";
import { suspectRequest, suspectResponse } from "./smuggling.ts";
import { bytesOf, type WireCase } from "./transcript.ts";

const messagesOf = (cases: readonly WireCase[]): readonly Buffer[] =>
  cases
    .filter(({ method, upgrade, limits }) => (method ?? upgrade ?? limits) === undefined)
    .map((wireCase) => bytesOf(wireCase).message);

const requests = messagesOf([
  ...requestLineCases,
  ...requestBodyCases,
  ...transferEncodingCases,
  ...requestCorpus,
  ...disagreements,
]);
/** Those that we take: damage leads to the edges of what is valid. */
const taken = (subject: readonly Buffer[], relay: typeof relayRequests): readonly Buffer[] =>
  subject.filter((bytes) => relay(bytes).clean);
const responses = messagesOf([...chunkedCases, ...responseCases, ...responseCorpus]);

/** Node knows a list of methods and makes tunnels of CONNECT: neither says anything of how messages are framed. */
const comparable = ({ line }: Understood): boolean => {
  const [method = ""] = line.split(" ");
  return METHODS.includes(method) && method !== "CONNECT";
};

/** What Node takes for the end of requests as we sent them: a request that nothing can be confused with. */
const marker = "GET /marker HTTP/1.1\r\nHost: marker\r\n\r\n";
const ofMarker: Understood = { line: "GET /marker", fields: ["Host: marker"], body: "" };

describe("what we take, and write anew", () => {
  let server: Awaited<ReturnType<typeof nodeRequests>>;
  let client: Awaited<ReturnType<typeof nodeResponse>>;
  beforeAll(async () => {
    [server, client] = await Promise.all([nodeRequests(), nodeResponse()]);
  });
  afterAll(() => Promise.all([server.close(), client.close()]));

  /** Relays the bytes of several clients over one connection to Node. */
  async function expectSameRequests(connections: readonly Buffer[]): Promise<number> {
    const relayed = connections.map(relayRequests);
    const sent: string[] = [];
    const expected: Understood[] = [];
    for (const { messages, sent: texts } of relayed) {
      for (const [index, message] of messages.entries()) {
        if (!comparable(message)) continue;
        sent.push(texts[index] ?? "", marker);
        const hosted = message.fields.some((line) => /^host:/i.test(line));
        expected.push(
          hosted ? message : { ...message, fields: ["Host: from-http10", ...message.fields] },
          ofMarker,
        );
      }
    }
    expect(await server.read(Buffer.from(sent.join(""), "latin1"))).toEqual(expected);
    return expected.length / 2;
  }

  async function expectSameResponse(bytes: Buffer): Promise<boolean> {
    const { messages, sent } = relayResponse(bytes);
    const [message] = messages;
    if (message === undefined || message.line === "101") return false;
    expect(await client.read(Buffer.from(sent.join(""), "latin1"))).toEqual(message);
    return true;
  }

  test("requests of every case are read by Node as we understood them", async () => {
    expect(await expectSameRequests(requests)).toBeGreaterThan(90);
  });

  test("damaged requests likewise", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(damaged(taken(requests, relayRequests), 3), { minLength: 10, maxLength: 20 }),
        async (messages) => {
          count += await expectSameRequests(messages);
        },
      ),
      { numRuns: 300 },
    );
    expect(count).toBeGreaterThan(300);
  });

  test("requests made to be misread likewise", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(suspectRequest, { minLength: 10, maxLength: 20 }), async (messages) => {
        count += await expectSameRequests(messages);
      }),
      { numRuns: 300 },
    );
    expect(count).toBeGreaterThan(100);
  });

  test("responses of every case are read by Node as we understood them", async () => {
    let count = 0;
    for (const response of responses) if (await expectSameResponse(response)) count += 1;
    expect(count).toBeGreaterThan(60);
  });

  test.each([
    ["damaged responses", damaged(taken(responses, relayResponse), 3)],
    ["responses made to be misread", suspectResponse],
  ])("%s likewise", async (_what, arbitrary) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, async (response) => {
        if (await expectSameResponse(response)) count += 1;
      }),
      { numRuns: 3000 },
    );
    expect(count).toBeGreaterThan(100);
  });

  test.each([
    ["damaged requests", damaged(taken(requests, relayRequests), 2)],
    ["requests made to be misread", suspectRequest],
  ])("%s that we take mean the same to Node, reading the same bytes", async (_what, arbitrary) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, async (bytes) => {
        const { messages, clean } = relayRequests(bytes);
        if (messages.length === 0 || !messages.every(comparable)) return;
        const theirs = await server.read(bytes);
        // Node may refuse what we take; what it takes, it must read as we do, and no more than we do.
        expect(theirs.slice(0, messages.length)).toEqual(messages.slice(0, theirs.length));
        if (clean) expect(theirs.length).toBeLessThanOrEqual(messages.length);
        if (theirs.length > 0) compared += 1;
      }),
      { numRuns: 4000 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test.each([
    ["damaged responses", damaged(taken(responses, relayResponse), 2)],
    ["responses made to be misread", suspectResponse],
  ])("%s that we take mean the same to Node, reading the same bytes", async (_what, arbitrary) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, async (bytes) => {
        const [message] = relayResponse(bytes).messages;
        if (message === undefined || message.line === "101") return;
        const theirs = await client.read(bytes);
        if (theirs === undefined) return;
        expect(theirs).toEqual(message);
        compared += 1;
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
