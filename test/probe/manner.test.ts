import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { proxyHeader } from "../../src/probe/proxy-header.ts";
import { observePlan, sendPlan } from "../support/exchange.ts";
import { forward } from "../support/forward.ts";
import { listen } from "../support/listener.ts";
import { tlsServer } from "../support/tls-server.ts";

const noContent = "HTTP/1.1 204 No Content\r\n\r\n";

describe("PROXY protocol", () => {
  test.each(["127.0.0.1", "::1"])("the header stands before the request: %s", async (address) => {
    let received = "";
    await using server = await listen(
      (socket) =>
        socket.on("data", (data) => {
          received += data.toString("latin1");
          if (received.endsWith("\r\n\r\n")) socket.end(noContent);
        }),
      address,
    );
    const { http } = await observePlan(
      { port: server.port, manner: { proxyHeader: true } },
      {},
      { target: address },
    );
    const [header = "", ...request] = received.split("\r\n");
    const family = address === "::1" ? "TCP6" : "TCP4";
    expect(header).toMatch(new RegExp(`^PROXY ${family} ${address} ${address} \\d+ ${server.port}$`));
    expect(request[0]).toBe("GET / HTTP/1.1");
    expect(http).toMatchObject({ status: 204, bytesSent: request.join("\r\n").length });
  });

  test("and before the handshake", async () => {
    await using inner = await tlsServer();
    let header = "";
    await using outer = await listen((socket) => {
      socket.once("data", (data: Buffer) => {
        const end = data.indexOf("\r\n") + 2;
        header = data.toString("latin1", 0, end);
        forward(socket, inner.port, data.subarray(end));
      });
    });
    const { tls, http } = await observePlan({
      protocol: "Https",
      port: outer.port,
      manner: { proxyHeader: true },
    });
    expect(header).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 /);
    expect(tls?.outcome).toBe("established");
    expect(http?.status).toBe(200);
  });

  test("a connection without ends, and addresses with zones", () => {
    const ends = { localAddress: "fe80::1%eth0", localPort: 1, remoteAddress: "fe80::2%eth0", remotePort: 2 };
    expect(proxyHeader(ends)).toBe("PROXY TCP6 fe80::1 fe80::2 1 2\r\n");
    expect(proxyHeader({ ...ends, remoteAddress: undefined })).toBe("PROXY UNKNOWN\r\n");
  });
});

describe("large heads", () => {
  const head = (bytes: number): string => {
    const line = "X-Contoso-Policy: ".padEnd(4_094, "x");
    const lines = Array.from({ length: Math.ceil(bytes / 4_096) }, () => line);
    return `HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`;
  };

  test("the gateway's limit, and a larger one", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from(head(100_000), "latin1"))),
    );
    const gateway = await observePlan({ port: server.port });
    expect(gateway.http).toMatchObject({
      outcome: "invalid",
      fault: { kind: "head-too-large" },
      status: undefined,
    });
    const larger = await observePlan({ port: server.port, manner: { headBytes: 256 * 1024 } });
    expect(larger.http).toMatchObject({ outcome: "answered", status: 200, fault: undefined });
  });

  test("one long field", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () =>
        socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(50_000)}\r\nContent-Length: 0\r\n\r\n`),
      ),
    );
    expect((await observePlan({ port: server.port })).http?.fault?.kind).toBe("field-too-long");
    const larger = await observePlan({ port: server.port, manner: { headBytes: 256 * 1024 } });
    expect(larger.http).toMatchObject({ outcome: "answered", status: 200 });
  });
});

describe("one byte at a time", () => {
  /** Counts the bytes that came, and does what it is told once there are so many. */
  async function stepping(bytes: number, then: (socket: Socket) => void) {
    const chunks: number[] = [];
    const listener = await listen((socket) => {
      let received = 0;
      socket.on("data", (data) => {
        chunks.push(data.length);
        received += data.length;
        if (received >= bytes && received - data.length < bytes) then(socket);
      });
    });
    return { port: listener.port, chunks, [Symbol.asyncDispose]: listener[Symbol.asyncDispose] };
  }

  test("the whole request arrives, in pieces", async () => {
    let text = "";
    await using server = await listen((socket) =>
      socket.on("data", (data) => {
        text += data.toString("latin1");
        if (text.endsWith("\r\n\r\n")) socket.end(noContent);
      }),
    );
    const { http } = await observePlan({ port: server.port, manner: { dripMs: 1 } });
    expect(text).toBe(
      "GET / HTTP/1.1\r\nHost: app.contoso.com\r\nUser-Agent: causeway/test\r\nAccept: */*\r\n\r\n",
    );
    expect(http).toMatchObject({ outcome: "answered", status: 204, bytesSent: text.length });
  });

  test.each<[string, (socket: Socket) => void, object]>([
    [
      "408",
      (socket) =>
        socket.end("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
      { outcome: "answered", status: 408 },
    ],
    ["a close", (socket) => socket.end(), { outcome: "closed-before-first-byte", endedBy: "server" }],
    [
      "a reset",
      (socket) => socket.resetAndDestroy(),
      { outcome: "reset-before-first-byte", errno: "ECONNRESET", endedBy: "server" },
    ],
  ])(
    "a server that gives up with %s: when, and how much was sent until then",
    async (_what, then, expected) => {
      await using server = await stepping(10, then);
      const { http } = await observePlan({ port: server.port, manner: { dripMs: 5 } });
      expect(http).toMatchObject(expected);
      expect(http?.bytesSent).toBeGreaterThanOrEqual(9);
      expect(http?.bytesSent).toBeLessThan(70);
      expect(http?.endedMs).toBeGreaterThan(20);
    },
  );

  test("a server that waits for longer than we: out of time, the request half sent", async () => {
    await using server = await stepping(Number.POSITIVE_INFINITY, () => {});
    const { http } = await observePlan({ port: server.port, timeoutMs: 150, manner: { dripMs: 20 } });
    expect(http).toMatchObject({ outcome: "timed-out-before-first-byte", endedBy: "us" });
    expect(http?.bytesSent).toBeLessThan(15);
    expect(server.chunks.length).toBeGreaterThan(1);
  });

  test("over TLS", async () => {
    await using server = await tlsServer({}, (socket) => {
      let text = "";
      socket.on("data", (data) => {
        text += data.toString("latin1");
        if (text.endsWith("\r\n\r\n")) socket.end(noContent);
      });
    });
    const { http } = await observePlan({ protocol: "Https", port: server.port, manner: { dripMs: 1 } });
    expect(http).toMatchObject({ outcome: "answered", status: 204 });
  });

  test("given up when cancelled: no byte more is sent", async () => {
    const controller = new AbortController();
    await using server = await stepping(5, () => controller.abort(new Error("enough")));
    const sending = sendPlan({ port: server.port, manner: { dripMs: 5 } }, { signal: controller.signal });
    await expect(sending).rejects.toThrow("enough");
    await sleep(40);
    expect(server.chunks.reduce((sum, length) => sum + length, 0)).toBeLessThan(20);
  });
});
