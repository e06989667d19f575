import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { observePlan } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

/** Sends the same for as long as anybody takes it. */
function flood(socket: Socket, bytes: Buffer): void {
  const write = (): void => {
    while (socket.writable && socket.write(bytes));
  };
  socket.on("drain", write);
  write();
}

/** What is seen of a server that begins like this and then sends the same for ever. */
async function flooded(begin: Buffer, repeated: Buffer, wish: Parameters<typeof observePlan>[0]) {
  await using server = await listen((socket) =>
    socket.once("data", () => {
      socket.write(begin);
      flood(socket, Buffer.concat(Array.from({ length: 500 }, () => repeated)));
    }),
  );
  // Far longer than a test may take: nobody waits for it.
  return await observePlan({ port: server.port, timeoutMs: 600_000, ...wish });
}

function frame(type: number, flags: number, stream: number, payload: readonly number[] = []): Buffer {
  return Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload]);
}

function record(type: number, payload: readonly number[]): Buffer {
  return Buffer.from([type, 3, 3, 0, payload.length, ...payload]);
}

const nothing = Buffer.alloc(0);
const settings = frame(4, 0, 0);
const head = frame(1, 0, 1, [0x88]);
const text = (written: string): Buffer => Buffer.from(written, "latin1");
const ok = "HTTP/1.1 200 OK\r\n";

describe("what never ends is not read for ever", () => {
  test.each<[string, Buffer, Buffer]>([
    ["header lines", text(ok), text("X-A: b\r\n")],
    ["one line", text(`${ok}X: `), text("a")],
    ["interim responses", nothing, text("HTTP/1.1 100 Continue\r\n\r\n")],
    ["empty lines", nothing, text("\r\n")],
    ["chunk extensions", text(`${ok}Transfer-Encoding: chunked\r\n\r\n1`), text(";a=b")],
    ["digits of a chunk size", text(`${ok}Transfer-Encoding: chunked\r\n\r\n`), text("0")],
    ["trailers", text(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`), text("X-A: b\r\n")],
  ])("HTTP/1.1: %s", async (_name, begin, repeated) => {
    expect((await flooded(begin, repeated, {})).http?.outcome).toBe("invalid");
  });

  test("a body is read as far as it is looked into, packed or not", async () => {
    const { http } = await flooded(
      text(`${ok}Content-Encoding: gzip\r\n\r\n`),
      text("\x1f\x8b".repeat(500)),
      {},
    );
    expect(http).toMatchObject({ outcome: "answered", bodyComplete: false, endedBy: "us" });
  });

  test.each<[string, Buffer, Buffer]>([
    ["SETTINGS", nothing, settings],
    ["PING", settings, frame(6, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])],
    ["CONTINUATION", Buffer.concat([settings, head]), frame(9, 0, 1, [0, 1, 97, 1, 98])],
    ["empty CONTINUATION", Buffer.concat([settings, head]), frame(9, 0, 1)],
    ["WINDOW_UPDATE", settings, frame(8, 0, 0, [0, 0, 0, 1])],
    ["ALTSVC", settings, frame(12, 0, 0, [0, 1, 97])],
    ["empty DATA", Buffer.concat([settings, frame(1, 4, 1, [0x88])]), frame(0, 0, 1)],
    ["RST_STREAM", settings, frame(3, 0, 1, [0, 0, 0, 8])],
    ["PUSH_PROMISE", settings, frame(5, 4, 1, [0, 0, 0, 2, 0x82])],
    ["interim responses", settings, frame(1, 4, 1, [0x08, 3, 0x31, 0x30, 0x33])],
  ])("HTTP/2: %s", async (_name, begin, repeated) => {
    const { http } = await flooded(begin, repeated, { manner: { httpVersion: "HTTP/2" } });
    expect(http?.outcome).toMatch(/^invalid$|^reset|^failed|^closed/);
  });

  test.each<[string, Buffer]>([
    ["empty records", record(22, [])],
    ["warnings", record(21, [1, 112])],
    ["changes of cipher", record(20, [1])],
    ["requests to begin anew", record(22, [0, 0, 0, 0])],
    ["a message of 16 MiB", record(22, [11, 0xff, 0xff, 0xff])],
  ])("TLS: %s", async (_name, repeated) => {
    const { tls } = await flooded(nothing, repeated, { protocol: "Https" });
    expect(tls?.outcome).toMatch(/^failed$|^not-tls$/);
  });

  test("alerts that nobody has registered have a name", async () => {
    const { tls } = await flooded(nothing, record(21, [2, 250]), { protocol: "Https" });
    expect(tls).toMatchObject({ outcome: "alert", alert: "alert_250" });
  });

  test("bytes on a connection that should be idle end the wait", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => {
        socket.write(`${ok}Content-Length: 0\r\n\r\n`);
        setTimeout(() => flood(socket, Buffer.alloc(65_536)), 50);
      }),
    );
    const manner = { afterIdleMs: 600_000 };
    const { http } = await observePlan({ port: server.port, purpose: "probe", manner });
    expect(http).toMatchObject({ outcome: "invalid", fault: { kind: "unasked-bytes" } });
    expect(http?.idle?.unaskedBytes).toBeGreaterThan(64 * 1024);
  });
});
