import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import { answers, Backends, type Script } from "../exchange/scene.ts";
import { ok } from "../exchange/shop.ts";
import { gotOn, Http2Client, http2Scene, preparedHttp2 } from "./http2-scene.ts";

const member = "127.30.41.1";
const head = "HTTP/1.1 200 OK\r\n";

/** Says the head of a response and a part of its body, then does this. */
const then =
  (response: string, what: (socket: Socket) => void): Script =>
  (_text, socket) => {
    socket.write(response, "latin1");
    what(socket);
  };

describe("a response that breaks off is a reset, never an end", () => {
  test.each<[string, Script, string]>([
    ["short of its length", then(`${head}Content-Length: 9\r\n\r\nhalf`, (socket) => socket.end()), "SD"],
    [
      "between two chunks, at once",
      then(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`, (socket) => socket.end()),
      "SD",
    ],
    [
      "between two chunks, after a while",
      then(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`, (socket) =>
        setTimeout(() => socket.end(), 50),
      ),
      "SD",
    ],
    [
      "in a chunk that is none",
      then(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n`, () => {}),
      "PD",
    ],
    [
      "without length or chunks, by a reset",
      then(`${head}\r\nhalf`, (socket) => setTimeout(() => socket.resetAndDestroy(), 50)),
      "SD",
    ],
  ])("%s", async (_how, script, ending) => {
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const got = await client.ask();
    expect(got).toMatchObject({ code: 2, ended: false });
    expect((await scene.recorded(1))[0]).toMatchObject({ ending, status: 200, httpVersion: "HTTP/2.0" });
    // The connection lives on.
    expect(client.session.closed).toBe(false);
  });
});

test("two streams of one connection that fail at once have a record and a cause each", async () => {
  const script: Script = (text, socket) => {
    if (text.startsWith("GET /other")) socket.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  };
  await using backends = await Backends.of({ [member]: script });
  await using scene = await http2Scene(backends, [member], { setting: { requestTimeout: 1 } });
  await using client = new Http2Client(scene.port);
  const [late, other] = await Promise.all([
    client.ask({ ":path": "/late" }),
    client.ask({ ":path": "/other" }),
  ]);
  expect([late.status, other.status]).toEqual([504, 502]);
  const records = await scene.recorded(2);
  const byPath = new Map(records.map((record) => [record.originalTarget, record]));
  const [ofLate, ofOther] = [byPath.get("/late"), byPath.get("/other")];
  expect(ofLate).toMatchObject({ status: 504, ending: "sH" });
  expect(ofOther).toMatchObject({ status: 502, ending: "PH" });
  expect([ofLate?.cause, ofOther?.cause]).toEqual(["timeout-v2", "http2-grpc-only"]);
  expect(late.headers["x-appgw-trace-id"]).toBe(ofLate?.transactionId);
  expect(other.headers["x-appgw-trace-id"]).toBe(ofOther?.transactionId);
});

describe("a client that resets its stream has left", () => {
  test.each<[string, string, number]>([
    ["v2", "Standard_v2", 499],
    ["v1", "Standard_Medium", 0],
  ])("while the server is waited for, on %s; other streams go on", async (_generation, tier, status) => {
    let ended = false;
    const script: Script = (text, socket) => {
      if (text.startsWith("GET /other")) socket.write(ok);
      else
        socket.on("close", () => {
          ended = true;
        });
    };
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member], {
      wish: { tier },
      setting: { requestTimeout: 20 },
    });
    await using client = new Http2Client(scene.port);
    const stream = client.open({}, true);
    while (backends.connections(member).length === 0) await sleep(5);
    stream.close(8);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status, ending: "CH", errorInfo: "ERRORINFO_CLIENT_CLOSED_REQUEST" });
    while (!ended) await sleep(5);
    expect(await client.ask({ ":path": "/other" })).toMatchObject({ status: 200 });
  });

  test.each([0, 8])("within its body, by the code %i: no server has seen it", async (code) => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const stream = client.open({ ":method": "POST" });
    stream.write("half");
    await sleep(50);
    // Else Node ends the body before it resets the stream.
    stream._final = (done) => done();
    stream.close(code);
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 499, ending: "CR" });
    expect(backends.connections(member)).toEqual([]);
    expect(scene.holdsNothing).toBe(true);
  });

  test("within the response", async () => {
    const script = then(`${head}Content-Length: 9\r\n\r\nhalf`, () => {});
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const stream = client.open({}, true);
    await once(stream, "response");
    stream.close(8);
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 200, ending: "CD" });
  });

  test("with all its streams, when the connection ends", async () => {
    await using backends = await Backends.of({ [member]: () => {} });
    await using scene = await http2Scene(backends, [member], { setting: { requestTimeout: 20 } });
    await using client = new Http2Client(scene.port);
    client.open({}, true);
    client.open({}, true);
    while (backends.connections(member).length < 2) await sleep(5);
    client.session.destroy();
    for (const record of await scene.recorded(2)) expect(record).toMatchObject({ status: 499, ending: "CH" });
  });
});

describe("a body that does not come to its end", () => {
  test("in time: 408, and the stream is reset without an error", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const means = { limitsOf: () => ({ ...limitsOf("v2"), clientMs: 300 }) };
    await using scene = await http2Scene(backends, [member], { means });
    await using client = new Http2Client(scene.port);
    const stream = client.open({ ":method": "POST" });
    const got = gotOn(stream);
    stream.write("half");
    expect(await got).toMatchObject({ status: 408, code: 0, body: "<408>" });
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "cR", status: 408 });
  });

  test("before the answer: the answer comes whole, and the client is told to send no more", async () => {
    const answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfull";
    await using backends = await Backends.of({ [member]: (_text, socket) => socket.write(answer) });
    const buffering = { request: false, response: true };
    await using scene = await http2Scene(backends, [member], { buffering });
    await using client = new Http2Client(scene.port);
    const stream = client.open({ ":method": "POST" });
    const got = gotOn(stream);
    stream.write("half");
    expect(await got).toMatchObject({ status: 413, code: 0, body: "full" });
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", status: 413 });
    expect(await client.ask()).toMatchObject({ status: 413 });
  });
});

describe("back-pressure", () => {
  const size = 32 * 1024 * 1024;

  test("a client that takes nothing does not make the gateway take the whole response", async () => {
    let written = 0;
    const script: Script = (text, socket) => {
      if (!text.endsWith("\r\n\r\n")) return;
      socket.write(`${head}Content-Length: ${size}\r\n\r\n`);
      const piece = Buffer.alloc(64 * 1024, "x");
      const pump = (): void => {
        while (written < size) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once("drain", pump);
        }
      };
      pump();
    };
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member], { setting: { requestTimeout: 20 } });
    await using client = new Http2Client(scene.port);
    const stream = client.open({}, true);
    await once(stream, "response");
    let before = -1;
    while (written !== before) {
      before = written;
      await sleep(150);
    }
    expect(written).toBeLessThan(size);
    let got = 0;
    stream.on("data", (chunk: Buffer) => {
      got += chunk.length;
    });
    await once(stream, "close");
    expect(got).toBe(size);
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--" });
  });

  test("a server that takes nothing does not make the gateway take the whole request", async () => {
    const script: Script = (_text, socket) => socket.pause();
    await using backends = await Backends.of({ [member]: script });
    const buffering = { request: false, response: true };
    await using scene = await http2Scene(backends, [member], {
      buffering,
      setting: { requestTimeout: 20 },
    });
    await using client = new Http2Client(scene.port);
    const stream = client.open({ ":method": "POST", "content-length": String(size) });
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, "x");
    const pump = (): void => {
      if (sent >= size) return;
      stream.write(piece, () => {
        sent += piece.length;
        pump();
      });
    };
    pump();
    let before = -1;
    while (sent !== before || sent === 0) {
      before = sent;
      await sleep(150);
    }
    expect(sent).toBeLessThan(size);
  });
});

describe("what goes on meanwhile", () => {
  test("new streams take the new configuration, those under way end with theirs", async () => {
    const waiting: Socket[] = [];
    const script: Script = (_text, socket) => void waiting.push(socket);
    await using backends = await Backends.of({ [member]: script });
    const setting = { requestTimeout: 20 };
    await using scene = await http2Scene(backends, [member], { setting });
    await using client = new Http2Client(scene.port);
    const first = client.ask();
    while (waiting.length < 1) await sleep(5);
    const moved = { setting: { ...setting, path: "/new/" } };
    await scene.server.reload(await preparedHttp2(backends, [member], moved, scene.port));
    const second = client.ask();
    while (waiting.length < 2) await sleep(5);
    for (const socket of waiting) socket.write(ok);
    expect(await first).toMatchObject({ status: 200 });
    expect(await second).toMatchObject({ status: 200 });
    expect((await scene.recorded(2)).map(({ target }) => target).sort()).toEqual(["/", "/new/"]);
  });

  test("when the gateway stops, streams end, the client is told, and the connection ends", async () => {
    let answer = (): void => {};
    const script: Script = (_text, socket) => {
      answer = () => socket.write(ok);
    };
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member], { setting: { requestTimeout: 20 } });
    await using idle = new Http2Client(scene.port);
    await once(idle.session, "remoteSettings");
    await using client = new Http2Client(scene.port);
    const goaway = once(client.session, "goaway");
    const got = client.ask();
    while (backends.connections(member).length === 0) await sleep(5);
    const stopped = scene.server.stop(20_000);
    const [code, last] = await goaway;
    expect([code, last]).toEqual([0, 1]);
    answer();
    expect(await got).toMatchObject({ status: 200, body: "fine", code: 0 });
    await Promise.all([stopped, client.closed, idle.closed]);
    expect(scene.records).toMatchObject([{ ending: "--", status: 200 }]);
  });

  test("a connection ends after a thousand requests, with all of them answered", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const goaway = once(client.session, "goaway");
    let answered = 0;
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(Array.from({ length: 50 }, () => client.ask()));
      answered += all.filter(({ status }) => status === 200).length;
    }
    expect(answered).toBe(1000);
    expect((await goaway)[0]).toBe(0);
    await client.closed;
  });
});
