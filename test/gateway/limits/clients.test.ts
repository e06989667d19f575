import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { noOverload, type Overload } from "../../../src/gateway/limits/overload.ts";
import { answers, Backends, plenty, type Script } from "../exchange/scene.ts";
import { Client, get, ok, shop } from "../exchange/shop.ts";

const member = "127.30.21.1";
const kept = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A socket that waits: what it got, and whether it has ended. */
function open(port: number, localAddress = "127.0.0.1") {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  const seen = { socket, text: "", ended: false };
  socket.on("data", (chunk) => (seen.text += chunk.toString("latin1")));
  socket.on("error", () => {});
  socket.on("close", () => (seen.ended = true));
  return seen;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

const level = (one: 1 | 2): Overload => ({ ...noOverload, level: one, because: "memory" });

describe("connections", () => {
  test("beyond the limit: 503 that says so, and room again when one has gone", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate({ ...plenty, connections: 1, connectionsPerClient: 1 });
    await using scene = await shop(backends, [member], { means: { gate } });
    const first = open(scene.port);
    first.socket.write(kept);
    await until(() => first.text.endsWith("fine"));
    expect(await scene.talk(kept)).toMatch(/^HTTP\/1\.1 503 .*\r\nConnection: close\r\n/s);
    expect((await scene.recorded(2))[1]).toMatchObject({
      status: 503,
      ending: "KR",
      limit: "connections",
      cause: undefined,
      attempts: [],
    });
    first.socket.destroy();
    await until(() => gate.connections === 0);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("one client takes no more than its share; others are served", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate({ ...plenty, connectionsPerClient: 1 });
    await using scene = await shop(backends, [member], { means: { gate } });
    const [own, other] = [open(scene.port), open(scene.port, "127.30.21.9")];
    await until(() => gate.connections === 2);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 503 /);
    other.socket.write(get);
    await until(() => other.ended);
    expect(other.text).toMatch(/^HTTP\/1\.1 200 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ limit: "client-connections" });
    own.socket.destroy();
  });
});

test("requests under way: one more gets 503, and no server hears of it", async () => {
  const waiting: Socket[] = [];
  await using backends = await Backends.of({ [member]: (_text, socket) => void waiting.push(socket) });
  const gate = new Gate({ ...plenty, requests: 1 });
  await using scene = await shop(backends, [member], { means: { gate }, setting: { requestTimeout: 20 } });
  const first = open(scene.port);
  first.socket.write(get);
  await until(() => waiting.length === 1);
  expect(await scene.talk(kept)).toMatch(/^HTTP\/1\.1 503 /);
  expect((await scene.recorded(1))[0]).toMatchObject({ ending: "KR", limit: "requests", status: 503 });
  waiting[0]?.write(ok);
  await until(() => first.ended);
  expect(first.text).toMatch(/^HTTP\/1\.1 200 /);
  expect([gate.requests, backends.connections(member).length]).toEqual([0, 1]);
});

describe("overload", () => {
  test("first keep-alive is given up: after the response, and the longest idle first", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate(plenty);
    await using scene = await shop(backends, [member], { means: { gate } });
    const idle: ReturnType<typeof open>[] = [];
    for (let index = 0; index < 3; index++) {
      const one = open(scene.port);
      one.socket.write(kept);
      await until(() => one.text.endsWith("fine"));
      // So that their idle times differ.
      await sleep(20);
      idle.push(one);
    }
    gate.relieve();
    await until(() => idle.some(({ ended }) => ended));
    expect(idle.map(({ ended }) => ended)).toEqual([true, false, false]);
    gate.overload = level(1);
    idle[2]?.socket.write(kept);
    await until(() => idle[2]?.ended === true);
    expect(idle[2]?.text).toMatch(/200 OK.*200 OK.*\r\nConnection: close\r\n/s);
    for (const { socket } of idle) socket.destroy();
  });

  test("then requests get 503, with what is short as the reason, until it is over", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate(plenty);
    await using scene = await shop(backends, [member], { means: { gate } });
    gate.overload = level(2);
    expect(await scene.talk(kept)).toMatch(/^HTTP\/1\.1 503 .*\r\nConnection: close\r\n/s);
    gate.overload = noOverload;
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 200 /);
    const [refused] = await scene.recorded(2);
    expect(refused).toMatchObject({ ending: "KR", limit: "memory", cause: undefined });
    expect(refused?.route?.id).toBeDefined();
  });
});

describe("slow clients", () => {
  const limits = { ...limitsOf("v2"), clientMs: 300 };

  test("a body that drips: 408, however short its silences are", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const means = { limitsOf: () => ({ ...limits, bodyBytesPerS: 1_000 }) };
    await using scene = await shop(backends, [member], { means });
    const one = open(scene.port);
    one.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    while (!one.ended && one.text === "") {
      one.socket.write("x");
      await sleep(30);
    }
    expect(one.text).toMatch(/^HTTP\/1\.1 408 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "cR", status: 408 });
    one.socket.destroy();
  });

  test("a head that drips: 408", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, [member], { means: { limitsOf: () => limits } });
    const one = open(scene.port);
    one.socket.write("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (!one.ended && one.text === "") {
      one.socket.write("x");
      await sleep(30);
    }
    expect(one.text).toMatch(/^HTTP\/1\.1 408 /);
    one.socket.destroy();
  });

  test("a response that is not taken: the client's ending, and the server is let go", async () => {
    const sending = endless();
    await using backends = await Backends.of({ [member]: sending.script });
    const means = { limitsOf: () => ({ ...limits, responseBytesPerS: 1024 ** 3 }) };
    await using scene = await shop(backends, [member], { means, setting: { requestTimeout: 20 } });
    const socket = connect(scene.port, "127.0.0.1");
    socket.pause();
    socket.on("error", () => {});
    socket.write(get);
    expect((await scene.recorded(1))[0]).toMatchObject({
      ending: "cD",
      status: 200,
      cause: undefined,
      errorInfo: "ERRORINFO_CLIENT_TIMED_OUT",
    });
    await until(() => sending.over());
    socket.destroy();
  });

  test("requests without reading the answers: no more are answered than the client takes", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, [member], { wish: { members: [] } });
    const count = 60_000;
    const one = connect(scene.port, "127.0.0.1");
    one.pause();
    one.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    let before = -1;
    while (scene.records.length !== before || before === 0) {
      before = scene.records.length;
      await sleep(100);
    }
    expect(before).toBeLessThan(count);
    one.resume();
    expect(await scene.recorded(count)).toHaveLength(count);
    one.destroy();
  });
});

test("a tunnel over which nothing comes ends after requestTimeout, and says so", async () => {
  await using backends = await Backends.of({
    [member]: (text, socket) => {
      if (text.endsWith("\r\n\r\n"))
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
      else socket.write("back");
    },
  });
  await using scene = await shop(backends, [member], { setting: { requestTimeout: 1 } });
  const one = open(scene.port);
  const errors: Error[] = [];
  one.socket.on("error", (error) => void errors.push(error));
  one.socket.write("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
  await until(() => one.text.endsWith("\r\n\r\n"));
  // Something comes for longer than the time-out: that is no silence.
  for (let index = 0; index < 6; index++) {
    one.socket.write("there");
    await sleep(250);
  }
  expect([one.ended, scene.records.length]).toEqual([false, 0]);
  await until(() => one.ended);
  expect((await scene.recorded(1))[0]).toMatchObject({ ending: "sU", status: 101, cause: "websocket" });
  // In order: a reset is for what was cut in the middle.
  expect(errors).toEqual([]);
});

describe("a request longer than the gateway takes", () => {
  const means = { limitsOf: () => ({ ...limitsOf("v2"), requestBytes: 10 }) };

  test.each([
    ["by its length", "Content-Length: 11\r\n\r\n"],
    ["in chunks", "Transfer-Encoding: chunked\r\n\r\n6\r\nsixsix\r\n5\r\nfives\r\n"],
  ])("%s: 413", async (_how, rest) => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await shop(backends, [member], { means });
    expect(await scene.talk(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 413, ending: "PR", cause: undefined });
    expect(backends.connections(member)).toEqual([]);
  });

  test("one that fits", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await shop(backends, [member], { means });
    const head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n";
    expect(await scene.talk(`${head}ten bytes!`)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test("connections that share what they need while busy do not mix their answers", async () => {
  await using backends = await Backends.of({
    [member]: (text, socket) => {
      const asked = /^GET (\S+) .*\r\n\r\n$/s.exec(text.slice(text.lastIndexOf("GET ")))?.[1] ?? "?";
      const body = `${asked} fine`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    },
  });
  await using scene = await shop(backends, [member]);
  const clients = Array.from({ length: 20 }, () => new Client(scene.port));
  for (let round = 0; round < 10; round++) {
    const asked = clients.map((client, index) => client.ask(`/${round}-${index}`));
    for (const [index, answer] of (await Promise.all(asked)).entries()) {
      expect(answer.endsWith(`/${round}-${index} fine`)).toBe(true);
    }
  }
  for (const client of clients) client[Symbol.dispose]();
});

/** A server that sends as long as anybody takes it. */
function endless(): { readonly script: Script; readonly over: () => boolean } {
  let over = false;
  const piece = Buffer.alloc(64 * 1024, "x");
  const script: Script = (_text, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\n`);
    const pump = (): void => {
      while (!socket.destroyed) if (!socket.write(piece)) return void socket.once("drain", pump);
    };
    socket.on("close", () => (over = true));
    pump();
  };
  return { script, over: () => over };
}
