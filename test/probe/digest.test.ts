import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientRequest } from "../../src/model/exchange-plan.ts";
import { digestOf } from "../../src/probe/digest.ts";
import { observePlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

const client: ClientRequest = { scheme: "https", host: "shop.contoso.com", path: "/a?b=1", method: "GET" };

/** What comes back when the server answers with these bytes, which may depend on the request. */
async function seen(
  wish: Parameters<typeof observePlan>[0],
  answer: (request: string) => string,
  clientFields: ReadonlyMap<string, string> = new Map(),
) {
  await using server = await listen((socket) =>
    socket.once("data", (data) => socket.end(Buffer.from(answer(data.toString("latin1")), "latin1"))),
  );
  return await observePlan({ port: server.port, ...wish }, { clientFields });
}

describe("a digest", () => {
  test("has no body, and of a client's query only that there was one", async () => {
    const observation = await seen(
      { path: "/v1/a?b=1", client },
      () => "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nsecret page",
    );
    expect(digestOf(observation)).toEqual({
      ...observation,
      sent: {
        ...observation.sent,
        path: "/v1/a?(withheld)",
        client: { ...client, path: "/a?(withheld)" },
      },
      http: { ...observation.http, bodyBase64: "" },
    });
    expect(observation.http?.bodyBase64).not.toBe("");
  });

  test("keeps a probe's path whole: it stands in the configuration", async () => {
    const observation = await seen(
      { purpose: "probe", path: "/health?full=1" },
      () => "HTTP/1.1 200 OK\r\n\r\n",
    );
    expect(digestOf(observation).sent.path).toBe("/health?full=1");
  });

  test("keeps what has no query, and what has nothing to hide, as it is", async () => {
    const observation = await seen(
      { path: "/a", client: { ...client, path: "/a" } },
      () => "HTTP/1.1 204 OK\r\n\r\n",
    );
    expect(digestOf(observation)).toEqual(observation);
  });

  test("fields that clients send without secrets do not hide what the server says", async () => {
    const fields = new Map([["accept", "application/json"]]);
    const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    const observation = await seen({ client, clientFields: ["accept"] }, () => answer, fields);
    expect(digestOf(observation, fields).http?.headers).toEqual([
      { name: "Content-Type", value: "application/json" },
    ]);
  });

  test("a server that sends back bytes that are no HTTP, with a secret in them", async () => {
    const fields = new Map([["authorization", "Bearer s3cr3t-t0ken"]]);
    const observation = await seen(
      { client, clientFields: ["authorization"] },
      () => "what is s3cr3t-t0ken?",
      fields,
    );
    const { http } = digestOf(observation, fields);
    expect(http?.outcome).toBe("invalid");
    expect(Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString()).toBe("(withheld)");
  });

  test("no secret is in it, wherever the server sends it back", async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9._~+/-]{12,40}$/);
    await using server = await listen((socket) =>
      socket.once("data", (data) => {
        const request = data.toString("latin1");
        const [line = "", ...fields] = request.trimEnd().split("\r\n");
        const cookie = /^cookie: sid=(.*)$/im.exec(request)?.[1] ?? "";
        const echoed = fields.map((field, index) => `X-Echo-${index}: ${field}`);
        const head = [
          `HTTP/1.1 200 for ${line}`,
          ...echoed,
          `Set-Cookie: sid=${cookie}x9; Path=/`,
          `Location: /next${line.split(" ")[1]}`,
          `X-Original-URL: ${line.split(" ")[1]}`,
          "Connection: close",
        ];
        socket.end(Buffer.from(`${head.join("\r\n")}\r\n\r\n${request}`, "latin1"));
      }),
    );
    await fc.assert(
      fc.asyncProperty(secret, secret, secret, secret, async (token, cookie, key, query) => {
        const clientFields = new Map([
          ["authorization", `Bearer ${token}`],
          ["cookie", `sid=${cookie}`],
          ["x-contoso-anything", key],
        ]);
        const path = `/a?code=${encodeURIComponent(query)}`;
        const observation = await observePlan(
          {
            port: server.port,
            path,
            client: { ...client, path },
            clientFields: [...clientFields.keys()],
            lookFor: undefined,
          },
          { clientFields },
        );
        const kept = JSON.stringify(digestOf(observation, clientFields));
        expect(observation.http?.status).toBe(200);
        for (const one of [token, cookie, key, query, encodeURIComponent(query)]) {
          expect(kept).not.toContain(one);
          expect(kept).not.toContain(Buffer.from(one).toString("base64").slice(0, 12));
        }
      }),
      { numRuns: 40 },
    );
  });
});
