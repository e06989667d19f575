import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { webSocketAccept } from "../../src/probe/websocket.ts";
import { observePlan, sendPlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

/** Answers the first request by what it was, and keeps all of them. */
async function server(answer: (request: string, socket: Socket) => string) {
  const requests: string[] = [];
  const listener = await listen((socket) =>
    socket.on("data", (data) => {
      requests.push(data.toString("latin1"));
      socket.write(answer(data.toString("latin1"), socket), "latin1");
    }),
  );
  return {
    port: listener.port,
    requests,
    accepted: listener.accepted,
    [Symbol.asyncDispose]: listener[Symbol.asyncDispose],
  };
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const client = { scheme: "https", host: "shop.contoso.com", path: "/a?b=1", method: "GET" } as const;

describe("a client's request", () => {
  test("goes as a gateway that keeps connections sends it, with what the gateway tells of the client's own", async () => {
    await using backend = await server(() => ok);
    const { http } = await observePlan({
      port: backend.port,
      path: "/a?b=1",
      host: "app.fabrikam.com",
      client,
    });
    expect(backend.requests).toEqual([
      "GET /a?b=1 HTTP/1.1\r\nHost: app.fabrikam.com\r\nUser-Agent: causeway/test\r\nAccept: */*\r\n" +
        "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nX-Original-Host: shop.contoso.com\r\n\r\n",
    ]);
    expect(http).toMatchObject({ outcome: "answered", status: 200, endedBy: "us", idle: undefined });
  });

  test.each([
    ["http", "shop.contoso.com", "http", "80"],
    ["http", "shop.contoso.com:8080", "http", "8080"],
    ["http", "[::1]", "http", "80"],
    ["https", "[::1]:8443", "https", "8443"],
  ] as const)("%s to %s: its scheme and port", async (scheme, host, proto, port) => {
    await using backend = await server(() => ok);
    await observePlan({ port: backend.port, client: { ...client, scheme, host } });
    expect(backend.requests[0]).toContain(`X-Forwarded-Proto: ${proto}\r\nX-Forwarded-Port: ${port}\r\n`);
  });

  test.each(["HEAD", "OPTIONS"])("%s", async (method) => {
    await using backend = await server(() =>
      "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".replace("1000", method === "HEAD" ? "1000" : "0"),
    );
    const { http } = await observePlan({ port: backend.port, method, client: { ...client, method } });
    expect(backend.requests[0]).toMatch(new RegExp(`^${method} / HTTP/1\\.1\r\n`));
    expect(http).toMatchObject({ outcome: "answered", status: 200, bodyBytes: 0, bodyComplete: true });
  });

  test("carries the client's fields; its own User-Agent stands for ours; no value is in the observation", async () => {
    await using backend = await server(() => ok);
    const observation = await observePlan(
      { port: backend.port, client, clientFields: ["authorization", "user-agent"] },
      {
        clientFields: new Map([
          ["authorization", "Bearer s3cr3t-t0ken"],
          ["user-agent", "Contoso/1.0"],
          ["cookie", "a=b"],
        ]),
      },
    );
    expect(backend.requests[0]).toContain(
      "\r\nauthorization: Bearer s3cr3t-t0ken\r\nuser-agent: Contoso/1.0\r\n",
    );
    expect(backend.requests[0]).not.toContain("causeway/test");
    expect(backend.requests[0]).not.toContain("cookie");
    expect(JSON.stringify(observation)).not.toContain("s3cr3t");
  });

  test.each([
    ["connection", "close", /connection belongs to one connection/],
    ["transfer-encoding", "chunked", /transfer-encoding belongs to/],
    ["content-length", "5", /content-length belongs to/],
    ["host", "x", /host belongs to/],
    ["upgrade", "h2c", /upgrade belongs to/],
    ["cookie", "s3cr3t\r\nX: y", /CR at 6 in field-value/],
  ])("nothing is sent with %s: %j", async (name, value, why) => {
    const result = await sendPlan(
      { port: 1, clientFields: [name] },
      { clientFields: new Map([[name, value]]) },
    );
    expect(result).toMatchObject({ notSent: "not-writable", detail: expect.stringMatching(why) });
    expect(JSON.stringify(result)).not.toContain("s3cr3t");
  });

  test("nor with a field whose value nobody gave", async () => {
    const result = await sendPlan({ port: 1, clientFields: ["cookie"] });
    expect(result).toEqual({ notSent: "not-writable", detail: "no value is given for cookie" });
  });

  test("bytes behind the response are seen", async () => {
    await using backend = await server(() => `${ok}stray`);
    const { http } = await observePlan({ port: backend.port, client });
    expect(http).toMatchObject({ outcome: "answered", extraBytes: 5 });
  });
});

describe("WebSocket", () => {
  const ws = { ...client, scheme: "wss" } as const;
  const keyIn = (request: string): string => /Sec-WebSocket-Key: (\S+)/.exec(request)?.[1] ?? "";
  const switching = (accept: string, upgrade = "websocket", connection = "Upgrade"): string =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: ${connection}\r\n${accept}\r\n`;
  const acceptLine = (request: string): string =>
    `Sec-WebSocket-Accept: ${webSocketAccept(keyIn(request))}\r\n`;

  test("the key of RFC 6455 §1.3 gets the answer that stands there", () => {
    expect(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  test("101 with the right answer is an answer; then the connection is closed", async () => {
    await using backend = await server((request) => switching(acceptLine(request)));
    const { http } = await observePlan({ port: backend.port, client: ws });
    expect(http).toMatchObject({ outcome: "answered", status: 101, fault: undefined, endedBy: "us" });
    const [request = ""] = backend.requests;
    expect(request).toContain(
      "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    );
    expect(request).toContain("\r\nX-Forwarded-Proto: https\r\n");
    expect(Buffer.from(keyIn(request), "base64")).toHaveLength(16);
  });

  test("every handshake has a key of its own", async () => {
    await using backend = await server((request) => switching(acceptLine(request)));
    await observePlan({ port: backend.port, client: ws });
    await observePlan({ port: backend.port, client: ws });
    expect(new Set(backend.requests.map(keyIn)).size).toBe(2);
  });

  test.each<[string, (request: string) => string]>([
    ["websocket-sec-websocket-accept-missing", () => switching("")],
    ["websocket-sec-websocket-accept-wrong", () => switching("Sec-WebSocket-Accept: AAAA\r\n")],
    ["websocket-upgrade-wrong", (request) => switching(acceptLine(request), "h2c")],
    ["websocket-connection-wrong", (request) => switching(acceptLine(request), "websocket", "keep-alive")],
  ])("a 101 that is none: %s", async (kind, answer) => {
    await using backend = await server(answer);
    const { http } = await observePlan({ port: backend.port, client: ws });
    expect(http).toMatchObject({ outcome: "invalid", status: 101, fault: { kind } });
  });

  test("another answer is told as it is", async () => {
    await using backend = await server(() => "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    const { http } = await observePlan({ port: backend.port, client: ws });
    expect(http).toMatchObject({ outcome: "answered", status: 426, fault: undefined });
  });

  test("a 101 that nobody asked for stays a fault", async () => {
    await using backend = await server(() => switching(""));
    const { http } = await observePlan({ port: backend.port, client });
    expect(http).toMatchObject({ outcome: "invalid", fault: { kind: "unexpected-upgrade" } });
  });

  test("only with GET", async () => {
    const result = await sendPlan({ port: 1, method: "POST", client: ws });
    expect(result).toMatchObject({ notSent: "not-writable", detail: expect.stringContaining("GET") });
  });
});
