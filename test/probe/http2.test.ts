import { once } from "node:events";
import {
  constants,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { HttpPhase } from "../../src/model/probe-observation.ts";
import { makeCertificate } from "../support/certificates.ts";
import { observePlan, sendPlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";
import { tlsServer } from "../support/tls-server.ts";

const leaf = makeCertificate({ commonName: "app.contoso.com", names: ["app.contoso.com"] });
type Answer = (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void;

/** An HTTP/2 server of a test, plain or over TLS. */
async function http2Server(answer: Answer, secure = false) {
  const server: NetServer = secure
    ? createSecureServer({ key: leaf.keyPem, cert: leaf.pem })
    : createServer();
  const sockets = new Set<Socket>();
  server.on(secure ? "secureConnection" : "connection", (socket: Socket) => sockets.add(socket));
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const manner = { httpVersion: "HTTP/2" } as const;

async function answered(
  answer: Answer,
  wish: Parameters<typeof observePlan>[0] = {},
): Promise<HttpPhase | undefined> {
  await using server = await http2Server(answer);
  return (await observePlan({ port: server.port, manner, ...wish })).http;
}

const ok: Answer = (stream) => {
  stream.respond({ ":status": 200, server: "x", "set-cookie": "a=s3cr3t; Path=/" });
  stream.end("ok");
};

describe("HTTP/2 with prior knowledge", () => {
  test("the same request, as HTTP/2 writes it", async () => {
    let asked: Record<string, unknown> = {};
    const http = await answered(
      (stream, headers) => {
        asked = { ...headers };
        ok(stream, headers);
      },
      { purpose: "probe", path: "/health?x=1", lookFor: "ok" },
    );
    expect(asked).toMatchObject({
      ":method": "GET",
      ":scheme": "http",
      ":authority": "app.contoso.com",
      ":path": "/health?x=1",
      "user-agent": "causeway/test",
      accept: "*/*",
    });
    expect(asked).not.toHaveProperty("connection");
    expect(http).toMatchObject({
      outcome: "answered",
      version: "HTTP/2",
      status: 200,
      reason: undefined,
      bodyBytes: 2,
      bodyHolds: true,
      bodyComplete: true,
      endedBy: "us",
      fault: undefined,
    });
    expect(http?.bytesSent).toBeGreaterThan(24);
    expect(http?.headers).toContainEqual({ name: "set-cookie", value: "(withheld)" });
    expect(http?.headers.map(({ name }) => name)).not.toContain(":status");
  });

  test("an interim response, and no body", async () => {
    const http = await answered((stream) => {
      stream.additionalHeaders({ ":status": 103 });
      stream.respond({ ":status": 204 }, { endStream: true });
    });
    expect(http).toMatchObject({
      outcome: "answered",
      status: 204,
      interim: [103],
      bodyBytes: 0,
      bodyComplete: true,
    });
  });

  test("of a long body so much is read as is kept", async () => {
    const http = await answered((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("x".repeat(500_000));
    });
    expect(http).toMatchObject({ outcome: "answered", bodyComplete: false });
    expect(http?.bodyBytes).toBeGreaterThan(64 * 1024);
    expect(http?.bodyBytes).toBeLessThan(500_000);
  });

  test("out of time before and within the response", async () => {
    expect(await answered(() => {}, { timeoutMs: 100 })).toMatchObject({
      outcome: "timed-out-before-first-byte",
      endedBy: "us",
    });
    const midway: Answer = (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("abc");
    };
    expect(await answered(midway, { timeoutMs: 200 })).toMatchObject({
      outcome: "timed-out-midway",
      status: 200,
      bodyBytes: 3,
    });
  });

  test("the stream is reset, the connection goes away, is closed, is reset", async () => {
    expect(await answered((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM))).toMatchObject({
      outcome: "reset-before-first-byte",
      errno: "HTTP2_RST_STREAM_REFUSED_STREAM",
    });
    const goaway = await answered((stream) => stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM));
    expect(goaway).toMatchObject({
      outcome: "failed-before-first-byte",
      errno: "HTTP2_GOAWAY_ENHANCE_YOUR_CALM",
      endedBy: "server",
    });
    expect(await answered((stream) => stream.session?.socket.destroy())).toMatchObject({
      outcome: "closed-before-first-byte",
      endedBy: "server",
    });
    await using server = await http2Server(() => {
      for (const socket of server.sockets) socket.resetAndDestroy();
    });
    const { http } = await observePlan({ port: server.port, manner });
    expect(http).toMatchObject({
      outcome: "reset-before-first-byte",
      errno: "ECONNRESET",
      endedBy: "server",
    });
  });

  test("a server that speaks HTTP/1.1 only is told by its first bytes", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    const { http } = await observePlan({ port: server.port, manner });
    expect(http).toMatchObject({
      outcome: "invalid",
      status: undefined,
      fault: { kind: "h2-answered-in-http1" },
    });
    expect(Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString()).toMatch(/^HTTP\/1\.1 400/);
  });

  test.each([
    ["noise", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n".repeat(4))],
    ["a frame too long", Buffer.from([0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0, ...Buffer.alloc(64)])],
    [
      "settings, then a frame on a stream nobody opened",
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0]),
    ],
  ])("%s is no HTTP/2", async (_what, bytes) => {
    await using server = await listen((socket) => socket.once("data", () => socket.write(bytes)));
    const { http } = await observePlan({ port: server.port, manner, timeoutMs: 2_000 });
    expect(http).toMatchObject({ outcome: "invalid", status: undefined, endedBy: "us" });
  });

  test("any bytes end in some outcome, and in time", async () => {
    const random = Array.from({ length: 20 }, (_, seed) =>
      Buffer.from(
        Array.from(
          { length: 40 },
          (_, index) => (seed * 37 + index * index * 11) & (seed % 3 === 0 ? 0x0f : 0xff),
        ),
      ),
    );
    await using server = await listen((socket) => {
      const bytes = random.pop() ?? Buffer.alloc(0);
      socket.once("data", () => socket.end(bytes));
    });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => observePlan({ port: server.port, manner, timeoutMs: 1_000 })),
    );
    for (const { http } of outcomes) expect(http?.outcome).toMatch(/^(?:invalid|closed|reset|failed)/);
  });

  test("endless interim responses are given up", async () => {
    const http = await answered((stream) => {
      for (let sent = 0; sent < 40; sent++) stream.additionalHeaders({ ":status": 103 });
    });
    expect(http).toMatchObject({ outcome: "invalid", fault: { kind: "too-many-interim-responses" } });
    expect(http?.interim).toHaveLength(16);
  });

  test("given up when cancelled", async () => {
    const controller = new AbortController();
    await using server = await http2Server(() => controller.abort(new Error("enough")));
    const sending = sendPlan({ port: server.port, manner }, { signal: controller.signal });
    await expect(sending).rejects.toThrow("enough");
  });

  test.each([
    [{ dripMs: 1 }, "frames"],
    [{ afterIdleMs: 1 }, "HTTP/1.1"],
  ])("not together with %j", async (more, why) => {
    const result = await sendPlan({ port: 1, manner: { ...manner, ...more } });
    expect(result).toMatchObject({ notSent: "not-writable", detail: expect.stringContaining(why) });
  });
});

describe("HTTP/2 over TLS", () => {
  test("chosen by ALPN", async () => {
    await using server = await http2Server(ok, true);
    const { tls, http } = await observePlan({ protocol: "Https", port: server.port, manner });
    expect(tls).toMatchObject({ outcome: "established", alpn: "h2" });
    expect(http).toMatchObject({ outcome: "answered", version: "HTTP/2", status: 200, bodyBytes: 2 });
  });

  test("a server that chooses nothing is sent nothing", async () => {
    await using server = await tlsServer();
    const { tls, http } = await observePlan({ protocol: "Https", port: server.port, manner });
    expect(tls).toMatchObject({ outcome: "established", alpn: undefined });
    expect(http).toMatchObject({
      outcome: "invalid",
      fault: { kind: "h2-not-negotiated", offset: 0 },
      bytesSent: 0,
    });
  });

  test("a server of other protocols says so", async () => {
    await using server = await tlsServer({ ALPNProtocols: ["http/1.1"] });
    const { tls, http } = await observePlan({ protocol: "Https", port: server.port, manner });
    expect(tls).toMatchObject({ outcome: "alert", alert: "no_application_protocol" });
    expect(http).toBeUndefined();
  });
});

describe("HTTP/1.1 to a server of HTTP/2 only", () => {
  test("with prior knowledge: its frames are no HTTP/1.1", async () => {
    await using server = await http2Server(ok);
    const { http } = await observePlan({ port: server.port });
    expect(http?.status).toBeUndefined();
    expect(http?.outcome).not.toBe("answered");
  });

  test("over TLS: without ALPN it has nothing to speak", async () => {
    await using server = await http2Server(ok, true);
    const { tls, http } = await observePlan({ protocol: "Https", port: server.port });
    expect(tls?.alpn).toBeUndefined();
    expect(http?.version).not.toBe("HTTP/2");
    expect(http?.status).not.toBe(200);
  });
});
