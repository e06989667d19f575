import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";
import { AddressBook } from "../../../src/gateway/upstream/address-book.ts";
import { stuckAt } from "../../live/support/stuck.ts";
import { closedPort, listen } from "../../support/listener.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, ok, type RequestWish, type Taking, TestUpstream } from "./support.ts";

/** Does with every connection what it is told once the request is there. */
async function failureOf(
  onRequest: (socket: Socket) => void,
  wish: RequestWish = {},
): Promise<{ taking: Taking; upstream: TestUpstream }> {
  await using server = await listen((socket) => socket.once("data", () => onRequest(socket)));
  using upstream = new TestUpstream(server.port);
  const taking = await upstream.send(wish).over;
  await eventually(() => upstream.counters.open === 0);
  expect(taking.attempt?.record().failure).toBe(taking.failure);
  return { taking, upstream };
}

const head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

describe("connecting", () => {
  test("refused", async () => {
    using upstream = new TestUpstream(await closedPort());
    const { failure, attempt } = await upstream.send().over;
    expect(failure).toEqual({
      kind: "connect-refused",
      detail: "ECONNREFUSED",
      offset: undefined,
      nothingSent: true,
      stale: false,
    });
    expect(attempt?.record()).toMatchObject({ connectedMs: undefined, sentMs: undefined, bytesSent: 0 });
    await eventually(() => upstream.counters.open === 0);
  });

  test("to where no way leads", async () => {
    using upstream = new TestUpstream(80, { target: { host: "127.0.0.1", localAddress: "192.0.2.1" } });
    const { failure } = await upstream.send().over;
    expect(failure).toMatchObject({ kind: "connect-failed", detail: "EADDRNOTAVAIL", nothingSent: true });
  });

  test("not within its time", async () => {
    await using stuck = await stuckAt("127.0.0.1");
    using upstream = new TestUpstream(stuck.port, { limits: { connectMs: 200 } });
    const { failure } = await upstream.send().over;
    expect(failure).toMatchObject({ kind: "connect-timeout", detail: undefined, nothingSent: true });
  });

  test("given up while it connects", async () => {
    await using stuck = await stuckAt("127.0.0.1");
    using upstream = new TestUpstream(stuck.port);
    const taking = upstream.send();
    await eventually(() => upstream.counters.open === 1);
    taking.attempt?.abort();
    await eventually(() => upstream.counters.open === 0);
    expect(taking.attempt?.record().failure).toMatchObject({ kind: "aborted", nothingSent: true });
    expect(taking.events).toEqual([]);
  });

  test("to a name that does not exist, or is not answered for", async () => {
    using upstream = new TestUpstream(80, {
      target: { host: "app.contoso.com" },
      resolve: () => Promise.reject(new TypeError("broken")),
    });
    const { failure } = await upstream.send().over;
    expect(failure).toMatchObject({ kind: "dns", detail: "TypeError", nothingSent: true, stale: false });
    using silent = new TestUpstream(80, {
      target: { host: "app.contoso.com" },
      limits: { connectMs: 100 },
      resolve: () => new Promise(() => {}),
    });
    const late = await silent.send().over;
    expect(late.failure).toMatchObject({ kind: "dns", detail: "timeout", nothingSent: true });
  });
});

describe("before the head of the response", () => {
  test.each<[string, (socket: Socket) => void, object]>([
    ["reset", (socket) => socket.resetAndDestroy(), { kind: "response-reset", detail: "ECONNRESET" }],
    ["closed", (socket) => socket.end(), { kind: "response-closed", detail: undefined, offset: undefined }],
    [
      "cut within the head",
      (socket) => socket.end("HTTP/1.1 200 O"),
      { kind: "response-closed", detail: "truncated", offset: 14 },
    ],
    [
      "closed behind an interim response",
      (socket) => socket.end("HTTP/1.1 100 Continue\r\n\r\n"),
      { kind: "response-closed", detail: "truncated", offset: 25 },
    ],
    [
      "no HTTP",
      (socket) => socket.write("220 mail.contoso.com ESMTP\r\n"),
      { kind: "response-invalid", detail: "invalid-status-line", offset: 0 },
    ],
    [
      "a field without a colon",
      (socket) => socket.write("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"),
      { kind: "response-invalid", detail: "missing-colon", offset: 25 },
    ],
    [
      "an upgrade nobody asked for",
      (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      { kind: "response-invalid", detail: "unexpected-upgrade", offset: 0 },
    ],
  ])("%s", async (_, onRequest, failure) => {
    const { taking } = await failureOf(onRequest);
    expect(taking.failure).toMatchObject({ ...failure, nothingSent: false, stale: false });
    expect(taking.events.filter((event) => !event.startsWith("interim"))).toEqual(["failed"]);
  });

  test("a response that is none is kept, with the place of its fault, however it is cut", async () => {
    for (const cut of [0, 1, 20, 40]) {
      const text = `HTTP/1.1 200 OK\r\nX-Padding: ${"p".repeat(10)}\r\nbad field: x\r\n\r\n`;
      const { taking, upstream } = await failureOf((socket) => {
        socket.setNoDelay(true);
        if (cut > 0) socket.write(text.slice(0, cut));
        setTimeout(() => socket.write(text.slice(cut)), cut > 0 ? 20 : 0);
      });
      const offset = text.indexOf(" field");
      expect(taking.failure).toMatchObject({
        kind: "response-invalid",
        detail: "space-before-colon",
        offset,
      });
      expect(taking.failure?.firstBytes?.toString()).toBe(text);
      const kept = upstream.lastInvalid;
      expect(kept?.bytes.toString()).toBe(text.slice(kept?.bytesFrom));
      expect(kept).toMatchObject({ fault: { kind: "space-before-colon", offset }, bytesFrom: 0 });
      expect(upstream.counters.invalidResponses).toBe(1);
    }
  });

  test("of a long one what stands around the fault is kept", async () => {
    const text = `HTTP/1.1 200 OK\r\nX-Padding: ${"p".repeat(20_000)}\r\nbad field: x\r\n${"y".repeat(9_000)}`;
    const { upstream } = await failureOf((socket) => socket.write(text));
    const kept = upstream.lastInvalid;
    expect(kept?.bytes).toHaveLength(2048);
    const from = kept?.bytesFrom ?? 0;
    expect(text.slice(from, from + 2048)).toBe(kept?.bytes.toString());
    expect(kept?.bytes.toString()).toContain("bad field: x");
  });

  test("no answer within its time", async () => {
    const { taking } = await failureOf(() => {}, { responseTimeoutMs: 150 });
    expect(taking.failure).toMatchObject({
      kind: "response-timeout",
      detail: undefined,
      nothingSent: false,
      stale: false,
    });
  });

  test("half a head within its time", async () => {
    const { taking } = await failureOf((socket) => socket.write("HTTP/1.1 2"), { responseTimeoutMs: 150 });
    expect(taking.failure).toMatchObject({ kind: "response-timeout" });
    expect(taking.attempt?.record().firstByteMs).toBeGreaterThan(0);
  });

  test("reset while the body is being sent", async () => {
    await using server = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send({ method: "POST", body: "length" });
    const part = Buffer.alloc(64 * 1024);
    const timer = setInterval(() => taking.attempt?.write(part, 0, part.length), 1);
    await taking.over;
    clearInterval(timer);
    expect(["send-reset", "response-reset"]).toContain(taking.failure?.kind);
    expect(taking.failure).toMatchObject({ nothingSent: false, stale: false });
  });
});

describe("within the response", () => {
  test.each<[string, (socket: Socket) => void, object]>([
    [
      "reset",
      (socket) => socket.write(`${head}12345`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
      { kind: "relay-reset", detail: "ECONNRESET" },
    ],
    [
      "closed too early",
      (socket) => socket.end(`${head}12345`),
      { kind: "relay-closed", detail: "truncated", offset: head.length + 5 },
    ],
    [
      "a chunk size that is none",
      (socket) => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nz\r\n"),
      { kind: "relay-invalid", detail: "chunk-size-invalid", offset: 55 },
    ],
  ])("%s", async (_, onRequest, failure) => {
    const { taking } = await failureOf(onRequest);
    expect(taking.failure).toMatchObject({ ...failure, nothingSent: false, stale: false });
    expect(taking.events).toEqual(["head", "data", "failed"]);
    expect(taking.attempt?.record().status).toBe(200);
  });

  test("silence for too long; every byte begins the time anew", async () => {
    const clock = new ManualClock();
    await using server = await listen((socket) => socket.once("data", () => socket.write(`${head}1`)));
    const means = { clock, wheel: new TimerWheel(clock), addresses: new AddressBook(neverAsked, clock) };
    using upstream = new TestUpstream(server.port, { means, limits: { relayMs: 1_000 } });
    const taking = upstream.send({}, { sinceMs: 0 });
    await taking.until("data");
    for (let bytes = 2; bytes < 6; bytes++) {
      await clock.advance(900);
      server.accepted[0]?.write("x");
      await eventually(() => taking.text.length === bytes);
    }
    expect(taking.failure).toBeUndefined();
    await clock.advance(1_200);
    expect(taking.failure).toMatchObject({ kind: "relay-timeout", nothingSent: false });
  });

  test("a client that takes nothing is not called a fault of the server", async () => {
    const clock = new ManualClock();
    await using server = await listen((socket) => socket.once("data", () => socket.write(`${head}1`)));
    const means = { clock, wheel: new TimerWheel(clock), addresses: new AddressBook(neverAsked, clock) };
    using upstream = new TestUpstream(server.port, { means, limits: { relayMs: 1_000 } });
    const taking = upstream.send({}, { sinceMs: 0 });
    await taking.until("data");
    taking.attempt?.pause();
    await clock.advance(60_000);
    expect(taking.failure).toBeUndefined();
    taking.attempt?.resume();
    server.accepted[0]?.write("234567890");
    await taking.over;
    expect([taking.text, taking.failure]).toEqual(["1234567890", undefined]);
  });
});

const neverAsked = (): Promise<never> => Promise.reject(new Error("not to be asked"));

describe("a slow request", () => {
  test("does not use up the time of the response", async () => {
    const clock = new ManualClock();
    let got = 0;
    await using server = await listen((socket) =>
      socket.on("data", (bytes) => {
        got += bytes.length;
        if (bytes.toString().endsWith("!")) socket.write(ok("late"));
      }),
    );
    const means = { clock, wheel: new TimerWheel(clock), addresses: new AddressBook(neverAsked, clock) };
    using upstream = new TestUpstream(server.port, { means });
    const taking = upstream.send(
      { method: "POST", body: "length", responseTimeoutMs: 1_000 },
      { sinceMs: 0 },
    );
    for (const part of ["a", "b", "c", "!"]) {
      const before = got;
      taking.attempt?.write(Buffer.from(part), 0, 1);
      await eventually(() => got > before);
      if (part !== "!") await clock.advance(900);
    }
    taking.attempt?.endBody();
    await taking.over;
    expect([taking.text, taking.failure]).toEqual(["late", undefined]);
  });

  test("whose client sends nothing is not called a fault of the server; a server that then says nothing is", async () => {
    const clock = new ManualClock();
    await using server = await listen((socket) => socket.resume());
    const means = { clock, wheel: new TimerWheel(clock), addresses: new AddressBook(neverAsked, clock) };
    using upstream = new TestUpstream(server.port, { means });
    const taking = upstream.send(
      { method: "POST", body: "length", responseTimeoutMs: 1_000 },
      { sinceMs: 0 },
    );
    await eventually(() => (taking.attempt?.record().bytesSent ?? 0) > 0);
    await clock.advance(60_000);
    expect(taking.failure).toBeUndefined();
    taking.attempt?.write(Buffer.from("x"), 0, 1);
    taking.attempt?.endBody();
    await clock.advance(900);
    expect(taking.failure).toBeUndefined();
    await clock.advance(400);
    expect(taking.failure).toMatchObject({ kind: "response-timeout", nothingSent: false });
  });
});
