import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { observePlan, sendPlan } from "../support/exchange.ts";
import { forward } from "../support/forward.ts";
import { listen } from "../support/listener.ts";
import { tlsServer } from "../support/tls-server.ts";

const ok = (body: string, more = ""): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** Counts the requests of each connection and does with each what it is told. */
async function counting(onRequest: (count: number, socket: Socket, request: string) => void) {
  const requests: string[] = [];
  const listener = await listen((socket) => {
    let count = 0;
    socket.on("data", (data) => {
      requests.push(data.toString("latin1"));
      count += 1;
      onRequest(count, socket, data.toString("latin1"));
    });
  });
  return {
    port: listener.port,
    accepted: listener.accepted,
    requests,
    [Symbol.asyncDispose]: listener[Symbol.asyncDispose],
  };
}

const stillOpen = { reusable: true, closedAfterMs: undefined, byReset: false, unaskedBytes: 0 };

describe("a connection that is used again", () => {
  test("the same request twice on one connection; the second is told", async () => {
    await using server = await counting((count, socket) => socket.write(ok(`answer ${count}`)));
    const { http } = await observePlan({ port: server.port, purpose: "probe", manner: { afterIdleMs: 30 } });
    expect(http).toMatchObject({ outcome: "answered", status: 200, idle: stillOpen, endedBy: "us" });
    expect(server.accepted).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]).toBe(server.requests[1]);
    expect(server.requests[0]).not.toMatch(/connection/i);
    expect(http?.firstByteMs).toBeGreaterThanOrEqual(25);
  });

  test("over TLS too", async () => {
    await using server = await tlsServer({}, (socket) => {
      let count = 0;
      socket.on("data", () => socket.write(ok(`answer ${++count}`)));
    });
    const { http } = await observePlan({ protocol: "Https", port: server.port, manner: { afterIdleMs: 10 } });
    expect(http).toMatchObject({ outcome: "answered", bodyBytes: 8, idle: stillOpen });
  });

  test.each<[string, (socket: Socket) => void, object]>([
    ["closes", (socket) => socket.end(), { outcome: "closed-before-first-byte", idle: { byReset: false } }],
    [
      "resets",
      (socket) => socket.resetAndDestroy(),
      { outcome: "reset-before-first-byte", errno: "ECONNRESET", idle: { byReset: true } },
    ],
    [
      "says 408 unasked and closes",
      (socket) => socket.end("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
      { outcome: "closed-before-first-byte", status: undefined, idle: { unaskedBytes: 51 } },
    ],
  ])("a server that %s while it is idle: when, and nothing is sent", async (_what, then, expected) => {
    await using server = await counting((_count, socket) => {
      socket.write(ok("a"));
      setTimeout(() => then(socket), 40);
    });
    const { http } = await observePlan({ port: server.port, manner: { afterIdleMs: 5_000 } });
    expect(http).toMatchObject({ ...expected, bytesSent: 0, endedBy: "server" });
    expect(http?.idle?.reusable).toBe(true);
    expect(http?.idle?.closedAfterMs).toBeGreaterThan(0);
    expect(http?.idle?.closedAfterMs).toBeLessThan(5_000);
    expect(server.requests).toHaveLength(1);
  });

  test("TLS that is closed while it is idle", async () => {
    await using server = await tlsServer({}, (socket) =>
      socket.once("data", () => {
        socket.write(ok("a"));
        setTimeout(() => socket.end(), 30);
      }),
    );
    const { http } = await observePlan({
      protocol: "Https",
      port: server.port,
      manner: { afterIdleMs: 5_000 },
    });
    expect(http).toMatchObject({
      outcome: "closed-before-first-byte",
      idle: { reusable: true, byReset: false },
    });
    expect(http?.idle?.closedAfterMs).toBeGreaterThan(0);
  });

  test("TLS that is reset while it is idle", async () => {
    await using inner = await tlsServer({}, (socket) =>
      socket.once("data", () => {
        socket.write(ok("a"));
        setTimeout(() => void server.resetAll(), 40);
      }),
    );
    await using server = await listen((socket) => forward(socket, inner.port));
    const { http } = await observePlan({
      protocol: "Https",
      port: server.port,
      manner: { afterIdleMs: 5_000 },
    });
    expect(http).toMatchObject({
      outcome: "reset-before-first-byte",
      errno: "ECONNRESET",
      idle: { reusable: true, byReset: true },
    });
  });

  test("bytes that come unasked are not taken for the answer", async () => {
    await using server = await counting((_count, socket) => {
      socket.write(ok("a"));
      setTimeout(() => socket.write("stray"), 50);
    });
    const { http } = await observePlan({ port: server.port, manner: { afterIdleMs: 250 } });
    expect(http).toMatchObject({
      outcome: "invalid",
      fault: { kind: "unasked-bytes" },
      firstBytesBase64: Buffer.from("stray").toString("base64"),
      idle: { reusable: true, closedAfterMs: undefined, unaskedBytes: 5 },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("the race: a server that resets what comes after the wait", async () => {
    await using server = await counting((count, socket) => {
      if (count === 1) socket.write(ok("a"));
      else socket.resetAndDestroy();
    });
    const { http } = await observePlan({ port: server.port, manner: { afterIdleMs: 20 } });
    expect(http).toMatchObject({ outcome: "reset-before-first-byte", idle: stillOpen });
    expect(server.requests).toHaveLength(2);
  });

  test.each<[string, (socket: Socket) => void, object]>([
    [
      "asks to close",
      (socket) => socket.end(ok("a", "Connection: close\r\n")),
      { outcome: "answered", status: 200, bodyComplete: true },
    ],
    [
      "speaks HTTP/1.0",
      (socket) => socket.end("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"),
      { outcome: "answered" },
    ],
    [
      "ends bodies by closing",
      (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\na"),
      { outcome: "answered", status: 200 },
    ],
    [
      "sends more than was asked",
      (socket) => socket.write(`${ok("a")}more`),
      { outcome: "answered", extraBytes: 4 },
    ],
    ["closes at once", (socket) => socket.end(), { outcome: "closed-before-first-byte" }],
  ])(
    "a server that %s leaves nothing to use again: the first is told, as such",
    async (_what, then, expected) => {
      await using server = await counting((_count, socket) => then(socket));
      const { http } = await observePlan({ port: server.port, manner: { afterIdleMs: 5_000 } });
      expect(http).toMatchObject({ ...expected, idle: { reusable: false, closedAfterMs: undefined } });
      expect(server.requests).toHaveLength(1);
    },
  );

  test("the second has its own time, whatever the wait took", async () => {
    await using server = await counting((count, socket) => {
      if (count === 1) socket.write(ok("a"));
    });
    const { http } = await observePlan({ port: server.port, timeoutMs: 250, manner: { afterIdleMs: 260 } });
    expect(http).toMatchObject({ outcome: "timed-out-before-first-byte", idle: stillOpen });
    expect(server.requests).toHaveLength(2);
  });

  test("given up when cancelled within the wait", async () => {
    const controller = new AbortController();
    await using server = await counting((_count, socket) => {
      socket.write(ok("a"));
      setTimeout(() => controller.abort(new Error("enough")), 30);
    });
    const sending = sendPlan(
      { port: server.port, manner: { afterIdleMs: 5_000 } },
      { signal: controller.signal },
    );
    await expect(sending).rejects.toThrow("enough");
  });
});
