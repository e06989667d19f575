import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { noOverload, type Overload } from "../../../src/gateway/limits/overload.ts";
import { answers, Backends, plenty } from "../exchange/scene.ts";
import { ok } from "../exchange/shop.ts";
import { gotOn, Http2Client, http2Scene } from "../front/http2-scene.ts";
import { Caller, echo, Servers, served } from "../layer4/scene.ts";

const member = "127.30.22.1";

const level = (one: 1 | 2): Overload => ({ ...noOverload, level: one, because: "heap" });

describe("HTTP/2", () => {
  test("under level 1 a connection gets GOAWAY once its streams are done", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate(plenty);
    await using scene = await http2Scene(backends, [member], { means: { gate } });
    await using client = new Http2Client(scene.port);
    expect((await client.ask()).status).toBe(200);
    gate.overload = level(1);
    const goaway = once(client.session, "goaway");
    expect((await client.ask()).status).toBe(200);
    expect((await goaway)[0]).toBe(0);
  });

  test("idle connections are closed as those of HTTP/1 are", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate(plenty);
    await using scene = await http2Scene(backends, [member], { means: { gate } });
    await using client = new Http2Client(scene.port);
    expect((await client.ask()).status).toBe(200);
    const goaway = once(client.session, "goaway");
    gate.relieve();
    expect((await goaway)[0]).toBe(0);
  });

  test("under level 2 streams get 503, each with its record", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate(plenty);
    await using scene = await http2Scene(backends, [member], { means: { gate } });
    await using client = new Http2Client(scene.port);
    gate.overload = level(2);
    expect((await client.ask()).status).toBe(503);
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "KR", limit: "heap", cause: undefined });
    expect(gate.requests).toBe(0);
  });

  test("a stream whose client takes nothing is reset", async () => {
    const size = 8 * 1024 * 1024;
    const response = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`;
    await using backends = await Backends.of({ [member]: answers(response) });
    const limits = { ...limitsOf("v2"), clientMs: 300, responseBytesPerS: 1024 ** 3 };
    await using scene = await http2Scene(backends, [member], { means: { limitsOf: () => limits } });
    await using client = new Http2Client(scene.port);
    const stream = client.open({}, true);
    stream.pause();
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "cD", status: 200, cause: undefined });
    stream.resume();
    expect((await gotOn(stream)).ended).toBe(false);
  });

  test("so is one that takes nothing of what was all handed over", async () => {
    const body = "x".repeat(100_000);
    const response = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    await using backends = await Backends.of({ [member]: answers(response) });
    const limits = { ...limitsOf("v2"), clientMs: 300, responseBytesPerS: 1024 ** 3 };
    await using scene = await http2Scene(backends, [member], { means: { limitsOf: () => limits } });
    await using client = new Http2Client(scene.port);
    const stream = client.open({}, true);
    stream.pause();
    await scene.recorded(1);
    await new Promise((resolve) => stream.once("close", resolve));
    expect(stream.rstCode).toBe(2);
  });
});

describe("TLS handshakes", () => {
  test("as many as may be under way; further ones are reset, and room comes again", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    const gate = new Gate({ ...plenty, handshakes: 1 });
    await using scene = await http2Scene(backends, [member], { means: { gate } });
    const silent = connect(scene.port, "127.0.0.1");
    while (gate.handshakes === 0) await new Promise((go) => setTimeout(go, 5));
    const refused = connectTls({ port: scene.port, host: "127.0.0.1", rejectUnauthorized: false });
    const [error] = await once(refused, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect([...gate.refused]).toEqual([["handshakes", 1]]);
    silent.destroy();
    while (gate.handshakes > 0) await new Promise((go) => setTimeout(go, 5));
    await using client = new Http2Client(scene.port);
    expect((await client.ask()).status).toBe(200);
    expect([gate.connections, gate.handshakes]).toEqual([1, 0]);
  });
});

describe("layer 4", () => {
  test("a connection for which there is no room has its row, and no server hears of it", async () => {
    await using servers = await Servers.of({ [member]: echo });
    const gate = new Gate({ ...plenty, connections: 1, connectionsPerClient: 1 });
    await using scene = await served({ members: [member], port: servers.port }, { gate });
    using first = Caller.to(scene.port);
    first.socket.write("here");
    await first.got("here");
    using second = Caller.to(scene.port);
    expect(await second.closed()).toBe("");
    expect((await scene.recorded(1))[0]).toMatchObject({
      status: 503,
      ending: "KR",
      limit: "connections",
      cause: undefined,
    });
    first.socket.end();
    await scene.recorded(2);
    expect([gate.connections, servers.sockets.get(member)?.length]).toEqual([0, 1]);
  });
});
