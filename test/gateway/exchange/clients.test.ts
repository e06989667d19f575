import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { answers, Backends } from "./scene.ts";
import { get, ok, shop } from "./shop.ts";

describe("a client that leaves", () => {
  test.each([
    ["v2", "Standard_v2", 499],
    ["v1", "Standard_Medium", 0],
  ])("while the server is waited for, on %s: the attempt is given up", async (_generation, tier, status) => {
    let ended = false;
    await using backends = await Backends.of({
      "127.30.6.1": (_text, socket) => void socket.on("close", () => (ended = true)),
    });
    await using scene = await shop(backends, ["127.30.6.1"], {
      wish: { tier },
      setting: { requestTimeout: 20 },
    });
    const socket = connect(scene.port, "127.0.0.1");
    socket.write(get);
    while (backends.connections("127.30.6.1").length === 0) await sleep(5);
    socket.resetAndDestroy();
    expect((await scene.recorded(1))[0]).toMatchObject({
      status,
      ending: "CH",
      cause: undefined,
      errorInfo: "ERRORINFO_CLIENT_CLOSED_REQUEST",
    });
    while (!ended) await sleep(5);
  });

  test("within its body: nothing was sent, nothing is held", async () => {
    await using backends = await Backends.of({ "127.30.6.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.6.1"]);
    const socket = connect(scene.port, "127.0.0.1");
    socket.end("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 499, ending: "CR" });
    expect(backends.connections("127.30.6.1")).toEqual([]);
    expect(scene.holdsNothing).toBe(true);
    socket.destroy();
  });
});

describe("a client that is slow", () => {
  test("does not make the gateway take the whole response", async () => {
    const size = 32 * 1024 * 1024;
    let written = 0;
    await using backends = await Backends.of({
      "127.30.6.1": (text, socket) => {
        if (!text.endsWith("\r\n\r\n")) return;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const piece = Buffer.alloc(64 * 1024, "x");
        const pump = (): void => {
          while (written < size) {
            written += piece.length;
            if (!socket.write(piece)) return void socket.once("drain", pump);
          }
        };
        pump();
      },
    });
    await using scene = await shop(backends, ["127.30.6.1"], { setting: { requestTimeout: 20 } });
    const socket = connect(scene.port, "127.0.0.1");
    socket.pause();
    socket.write(get);
    let before = -1;
    while (written !== before || written === 0) {
      before = written;
      await sleep(100);
    }
    expect(written).toBeLessThan(size);
    let got = 0;
    for await (const chunk of socket) got += (chunk as Buffer).length;
    expect(got).toBeGreaterThan(size);
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", status: 200 });
  });

  test.each([
    { it: "sends the rest later", half: false },
    { it: "ended its side meanwhile", half: true },
  ])("is heard as long as it sends: what came while it took nothing goes on; it $it", async ({ half }) => {
    const piece = Buffer.alloc(64 * 1024, "x");
    let full = false;
    let begun = false;
    await using backends = await Backends.of({
      "127.30.6.1": (text, socket) => {
        if (text.endsWith("0\r\n\r\n")) socket.end("fine");
        if (begun) return;
        begun = true;
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        // Until nobody takes any more: that is known only by waiting.
        const pump = (): void => {
          const still = setTimeout(() => (full = true), 300);
          while (socket.write(piece));
          socket.once("drain", () => {
            clearTimeout(still);
            if (!full) pump();
          });
        };
        pump();
      },
    });
    await using scene = await shop(backends, ["127.30.6.1"], {
      setting: { requestTimeout: 20 },
      prepared: { buffering: { request: false, response: true } },
    });
    const socket = connect({ port: scene.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.pause();
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    while (!full) await sleep(20);
    const rest = "4\r\nlast\r\n0\r\n\r\n";
    socket.write("5\r\nfirst\r\n");
    if (half) socket.end(rest);
    await sleep(100);
    let last = "";
    const ended = once(socket, "end");
    socket.on("data", (chunk) => (last = (last + chunk.toString("latin1")).slice(-12)));
    socket.resume();
    while (!backends.connections("127.30.6.1")[0]?.includes("first")) await sleep(20);
    if (!half) socket.write(rest);
    await ended;
    socket.destroy();
    expect(last).toContain("fine");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", status: 200 });
  });
});
