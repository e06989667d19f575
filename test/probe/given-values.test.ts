import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientRequest } from "../../src/model/exchange-plan.ts";
import { observePlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";
import { tlsServer } from "../support/tls-server.ts";

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

const answering = (reason: string, ...fields: readonly string[]): string =>
  `HTTP/1.1 200 ${[reason, ...fields].join("\r\n")}\r\nConnection: close\r\n\r\n`;

describe("what a client gave, sent back", () => {
  test("fields that clients send without secrets do not hide what the server says", async () => {
    const fields = new Map([["accept", "application/json"]]);
    const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    const observation = await seen({ client, clientFields: ["accept"] }, () => answer, fields);
    expect(observation.http?.headers).toEqual([{ name: "Content-Type", value: "application/json" }]);
  });

  test("a server that sends back bytes that are no HTTP, with a secret in them", async () => {
    const fields = new Map([["authorization", "Bearer s3cr3t-t0ken"]]);
    const observation = await seen(
      { client, clientFields: ["authorization"] },
      () => "s3cr3t-t0ken is what?",
      fields,
    );
    const { http } = observation;
    expect(http?.outcome).toBe("invalid");
    expect(Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString()).toBe("(withheld)");
  });

  test.each<[string, string, string, string]>([
    ["a short password", "authorization", "Basic dTpodW50ZXIy", "no hunter2 here"],
    ["the base64 of a token", "x-key", "s3cr3t-t0ken", "got czNjcjN0LXQwa2Vu"],
    ["a token in other letters", "x-key", "S3cr3t-T0ken", "got s3cr3t-t0ken"],
    ["a percent-encoded token", "x-key", "s3cr3t/t0ken", "got s3cr3t%2Ft0ken"],
    ["a value that is a word of ours", "x-key", "withheld", "is withheld"],
    ["a value full of signs", "x-key", "(a+)+$[b]{9}", "is (a+)+$[b]{9}"],
  ])("%s is not seen", async (_name, field, value, reason) => {
    const fields = new Map([[field, value]]);
    const { http } = await seen({ clientFields: [field] }, () => answering(reason), fields);
    expect(http?.reason).toContain("(withheld)");
    expect(http?.reason).not.toBe(reason);
  });

  test("words of a credential stand in other words as they are", async () => {
    const fields = new Map([["cookie", "a=ginx"]]);
    const answer = answering("OK", "Server: nginx");
    const { http } = await seen({ clientFields: ["cookie"] }, () => answer, fields);
    expect(http?.headers).toContainEqual({ name: "Server", value: "nginx" });
  });

  test("names that the plan has are no secret, though a client gives them too", async () => {
    const fields = new Map([["referer", "shop.contoso.com"]]);
    const answer = answering("OK", "Location: https://shop.contoso.com/in");
    const { http } = await seen(
      { client, host: "shop.contoso.com", clientFields: ["referer"] },
      () => answer,
      fields,
    );
    expect(http?.headers).toContainEqual({ name: "Location", value: "https://shop.contoso.com/in" });
  });

  test("first bytes that end within it are not kept", async () => {
    const fields = new Map([["x-key", "s3cr3t-t0ken"]]);
    const { http } = await seen({ clientFields: ["x-key"] }, () => `${"a".repeat(27)}s3cr3t-t0ken`, fields);
    expect(Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString()).toBe("(withheld)");
  });

  test("a query that another request had", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => socket.end(answering("code-12345"))),
    );
    const clientPaths = ["/login?code=code-12345"];
    const { http } = await observePlan({ port: server.port, purpose: "probe" }, { clientPaths });
    expect(http?.reason).toBe("(withheld)");
  });

  test("a certificate that holds it is not kept", async () => {
    await using server = await tlsServer({}, (socket) => socket.end(answering("OK")));
    const clientFields = new Map([["x-key", "app.contoso.com"]]);
    const wish = {
      protocol: "Https",
      port: server.port,
      host: "a.fabrikam.example",
      sni: undefined,
    } as const;
    expect((await observePlan(wish)).tls?.chain).toHaveLength(2);
    expect((await observePlan(wish, { clientFields })).tls?.chain).toBeUndefined();
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
          `Server: ${fields.join(" ")} ${line.split(" ")[1]} ${cookie}`,
          `Location: /next${line.split(" ")[1]}`,
          `Location: /in/${cookie}/`,
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
        const kept = JSON.stringify({ ...observation, sent: undefined });
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
