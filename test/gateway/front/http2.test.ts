import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { answers, Backends, type Script } from "../exchange/scene.ts";
import { answersUploads, body, get, ok, shop } from "../exchange/shop.ts";
import { gotOn, Http2Client, host, http2Scene } from "./http2-scene.ts";

const member = "127.30.40.1";

describe("a request over HTTP/2", () => {
  test("comes to the server as one of HTTP/1.1 does, and back", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const got = await client.ask({ ":path": "/a?b=1", cookie: ["one=1", "two=2"], "x-own": "\u00e9" });
    expect(got).toMatchObject({ status: 200, body: "fine", code: 0, ended: true });
    expect(got.headers).toMatchObject({ "x-from": "app", "content-length": "4" });
    expect(got.headers["x-appgw-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(got.headers.connection).toBeUndefined();
    const [sent = ""] = backends.connections(member);
    expect(sent).toMatch(/^GET \/a\?b=1 HTTP\/1\.1\r\nHost: shop\.contoso\.com\r\n/);
    expect(sent).toContain("cookie: one=1; two=2\r\n");
    expect(sent).toContain("x-own: \u00e9\r\n");
    expect(sent).toContain("X-Forwarded-Proto: https\r\n");
    expect(sent).toContain("X-Forwarded-Port: 443\r\n");
    expect(sent.match(/^host:/gim)).toHaveLength(1);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({
      httpVersion: "HTTP/2.0",
      ending: "--",
      status: 200,
      method: "GET",
      originalHost: host,
      originalTarget: "/a?b=1",
      attempts: [{ status: 200, failure: undefined }],
    });
    expect(record?.tls?.protocol).toMatch(/^TLSv1\.[23]$/);
    expect(record?.receivedBytes).toBeGreaterThan(50);
    expect(record?.sentBytes).toBeGreaterThan(50);
  });

  test.each([
    ["of a length", { "content-length": "100000" }, true],
    ["without one, kept whole and sent with its length", {}, true],
    ["without one, passed on as it comes", {}, false],
  ])("brings a body %s", async (_how, more, buffered) => {
    await using backends = await Backends.of({ [member]: answersUploads });
    const buffering = { request: buffered, response: true };
    await using scene = await http2Scene(backends, [member], { buffering });
    await using client = new Http2Client(scene.port);
    const got = await client.ask({ ":method": "POST", ...more }, "x".repeat(100_000));
    expect(got).toMatchObject({ status: 200, body: "fine" });
    const [sent = ""] = backends.connections(member);
    const framing =
      buffered || "content-length" in more ? "Content-Length: 100000" : "Transfer-Encoding: chunked";
    expect(sent).toContain(`${framing}\r\n\r\n`);
    if (buffered) expect(body(sent)).toBe("x".repeat(100_000));
    expect((await scene.recorded(1))[0]?.receivedBytes).toBeGreaterThan(100_000);
  });

  test("trailers of the client go no further", async () => {
    await using backends = await Backends.of({ [member]: answersUploads });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const stream = client.session.request(
      { ":method": "POST", ":authority": host },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-late": "1" }));
    const got = gotOn(stream);
    stream.end("body");
    expect(await got).toMatchObject({ status: 200 });
    expect(backends.connections(member)[0]).not.toContain("x-late");
  });

  test("that waits to be told to send its body is told so", async () => {
    await using backends = await Backends.of({ [member]: answersUploads });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const stream = client.open({ ":method": "POST", expect: "100-continue", "content-length": "4" });
    const got = gotOn(stream);
    stream.once("continue", () => stream.end("body"));
    expect(await got).toMatchObject({ status: 200, code: 0 });
    expect(backends.connections(member)[0]).not.toMatch(/expect/i);
  });
});

describe("a response over HTTP/2", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  test.each<[string, string, string, object]>([
    [
      "HEAD",
      `${head}Content-Length: 9\r\n\r\n`,
      "HEAD",
      { status: 200, body: "", headers: { "content-length": "9" } },
    ],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", "GET", { status: 204, body: "" }],
    [
      "304",
      'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
      "GET",
      { status: 304, headers: { etag: '"a"' } },
    ],
    [
      "205 with a body",
      "HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nab",
      "GET",
      { status: 205, body: "" },
    ],
    ["an empty body", `${head}Content-Length: 0\r\n\r\n`, "GET", { status: 200, body: "" }],
    [
      "chunks",
      `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n`,
      "GET",
      { body: "abc" },
    ],
    [
      "repeated lines of a single value",
      `${head}Content-Length: 1\r\nAge: 1\r\nage: 2\r\n\r\na`,
      "GET",
      { headers: { age: "1, 2" } },
    ],
    [
      "two cookies",
      `${head}Content-Length: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\na`,
      "GET",
      { headers: { "set-cookie": ["a=1", "b=2"] } },
    ],
    [
      "fields of the connection",
      `${head}Content-Length: 1\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\na`,
      "GET",
      { body: "a" },
    ],
    [
      "an odd name and obs-text",
      `${head}Content-Length: 1\r\n__proto__: \xe9\r\nX-Empty:\r\n\r\na`,
      "GET",
      { headers: { "x-empty": "" } },
    ],
    [
      "early hints",
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${head}Content-Length: 1\r\n\r\na`,
      "GET",
      { status: 200, interim: [{ ":status": 103, link: "</a.css>" }] },
    ],
  ])("%s", async (_what, response, method, expected) => {
    await using backends = await Backends.of({ [member]: answers(response) });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    const got = await client.ask({ ":method": method });
    expect(got).toMatchObject({ code: 0, ended: true, ...expected });
    for (const name of ["connection", "keep-alive", "transfer-encoding", "x-hop", "x-t"]) {
      expect(got.headers[name]).toBeUndefined();
    }
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--" });
  });

  test("until the server closes", async () => {
    const script: Script = (_text, socket) => socket.end(`${head}\r\nall of it`);
    await using backends = await Backends.of({ [member]: script });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    expect(await client.ask()).toMatchObject({ status: 200, body: "all of it", ended: true });
  });

  test("a status that HTTP/2 of Node does not have is a reset, and the record says so", async () => {
    await using backends = await Backends.of({
      [member]: answers("HTTP/1.1 799 Own\r\nContent-Length: 1\r\n\r\na"),
    });
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    expect(await client.ask()).toMatchObject({ status: undefined, code: 2, ended: false });
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "PH", status: 799 });
  });

  test("the gateway's own answers", async () => {
    await using backends = await Backends.of({});
    await using scene = await http2Scene(backends, [member]);
    await using client = new Http2Client(scene.port);
    expect(await client.ask()).toMatchObject({
      status: 502,
      body: "<502>",
      headers: { "x-causeway-cause": "tcp-refused", "content-length": "5" },
    });
    expect(await client.ask({ ":method": "HEAD" })).toMatchObject({ status: 502, body: "", ended: true });
    expect(await client.ask({ ":method": "TRACE" })).toMatchObject({ status: 405 });
    expect(await client.ask({ ":authority": "www.fabrikam.com" })).toMatchObject({ status: 404 });
    expect(
      (await scene.recorded(4)).map(({ ending, cause, httpVersion }) => [ending, cause, httpVersion]),
    ).toEqual([
      ["SC", "tcp-refused", "HTTP/2.0"],
      ["SC", "tcp-refused", "HTTP/2.0"],
      ["PR", undefined, "HTTP/2.0"],
      ["PR", undefined, "HTTP/2.0"],
    ]);
  });
});

describe("what a door speaks", () => {
  test.each([
    [true, ["h2", "http/1.1"], "h2"],
    [true, ["http/1.1"], "http/1.1"],
    [true, undefined, false],
    [false, ["h2", "http/1.1"], "http/1.1"],
  ])("enableHttp2 %s, offered %j: %s", async (enableHttp2, offered, spoken) => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await http2Scene(backends, [member], { wish: { more: { enableHttp2 } } });
    const socket = connectTls({
      port: scene.port,
      host: "127.0.0.1",
      servername: host,
      rejectUnauthorized: false,
      ...(offered === undefined ? {} : { ALPNProtocols: offered }),
    });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe(spoken);
    socket.destroy();
  });

  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  test("the preface of HTTP/2 on a plain door gets 400, and the connection ends", async () => {
    await using backends = await Backends.of({ [member]: answers(ok) });
    await using scene = await shop(backends, [member]);
    expect(await scene.talk(preface)).toMatch(/^HTTP\/1\.1 400 .*Connection: close\r\n/s);
    expect((await scene.recorded(1))[0]).toMatchObject({
      ending: "PR",
      httpVersion: "HTTP/1.1",
      errorInfo: "ERRORINFO_INVALID_VERSION",
    });
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 200 /);
  });
});
