import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { RoutingWish } from "../../support/routing-gateway.ts";
import { answers, Backends, freePort, preparedFor, Scene, type Script, talkTo } from "./scene.ts";
import { body, get, ok, shop } from "./shop.ts";

/** Answers once the whole of a body with a length has come. */
const answersUploads: Script = (text, socket) => {
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  const chunked = /transfer-encoding: chunked/i.test(text);
  const whole = chunked ? text.endsWith("0\r\n\r\n") : body(text).length >= length;
  if (text.includes("\r\n\r\n") && whole) socket.write(ok, "latin1");
};

describe("an exchange that goes well", () => {
  test("a GET reaches a server in the gateway's own words, and the answer the client", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(
      "GET /a?b=1 HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nX-Own: 2\r\n\r\n",
    );
    expect(got).toMatch(
      /^HTTP\/1\.1 200 OK\r\nX-From: app\r\nX-Appgw-Trace-Id: [0-9a-f]{32}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine$/,
    );
    const [sent = ""] = backends.connections("127.30.0.1");
    expect(sent).toMatch(/^GET \/a\?b=1 HTTP\/1\.1\r\nHost: shop\.contoso\.com\r\nX-Own: 2\r\n/);
    expect(sent.toLowerCase()).not.toContain("x-hop");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 200, ending: "--", cause: undefined, method: "GET" });
    expect(record?.route?.id).toBe("shop/shop");
    expect(record?.attempts).toHaveLength(1);
    expect(got).toContain(record?.transactionId);
    expect(sent).toContain(`X-Appgw-Trace-Id: ${record?.transactionId}`);
    expect(record?.sentBytes).toBe(got.length);
  });

  test("names that servers never get stay behind; who asked is told in one field", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    await scene.talk(
      "GET /?q HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close\r\nX_Under: 1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nx-forwarded-for: 192.0.2.2, 192.0.2.3\r\n\r\n",
    );
    const sent = (backends.connections("127.30.0.1")[0] ?? "").split("\r\n");
    const [record] = await scene.recorded(1);
    expect(sent.filter((line) => /^x/i.test(line))).toEqual([
      `X-Forwarded-For: 192.0.2.1, 192.0.2.2, 192.0.2.3, 127.0.0.1:${record?.clientPort}`,
      "X-Forwarded-Proto: http",
      "X-Forwarded-Port: 80",
      "X-Original-Host: shop.contoso.com",
      "X-Original-URL: /?q",
      `X-Appgw-Trace-Id: ${record?.transactionId}`,
    ]);
  });

  test("a client of IPv6 stands in brackets", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    const wish: RoutingWish = {
      listeners: [{ name: "shop", protocol: "Http", to: "app" }],
      members: ["127.30.0.1"],
      setting: { port: backends.port },
    };
    const ready = preparedFor(wish, [await freePort("::1")]);
    const doors = ready.doors.map((door) => ({ ...door, host: "::1" }));
    await using scene = await Scene.of({ ...ready, doors });
    expect(body(await talkTo(scene.port, get, undefined, "::1"))).toBe("fine");
    const [record] = await scene.recorded(1);
    expect(record?.clientAddress).toBe("::1");
    expect(backends.connections("127.30.0.1")[0]).toContain(
      `X-Forwarded-For: [::1]:${record?.clientPort}\r\n`,
    );
  });

  test("pipelined requests are answered in turn over one connection to the server", async () => {
    await using backends = await Backends.of({
      "127.30.0.1": (text, socket) => {
        const path = /.*GET (\S+)/s.exec(text)?.[1] ?? "";
        if (text.endsWith("\r\n\r\n"))
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      },
    });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const one = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const got = await scene.talk(one("/1") + one("/2") + one("/3", "Connection: close\r\n"));
    expect([...got.matchAll(/\r\n\r\n(\/\d)/g)].map(([, path]) => path)).toEqual(["/1", "/2", "/3"]);
    expect(backends.connections("127.30.0.1")).toHaveLength(1);
    expect(await scene.recorded(3)).toHaveLength(3);
  });

  test.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", "Content-Length: 400\r\n"],
    ["GET", "HTTP/1.1 204 No Content\r\n\r\n", ""],
    ["GET", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", ""],
  ])("%s: an answer without a body", async (method, answer, line) => {
    await using backends = await Backends.of({ "127.30.0.1": answers(answer) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(got.endsWith(`${line}Connection: close\r\n\r\n`)).toBe(true);
    expect(body(got)).toBe("");
    expect((await scene.recorded(1))[0]?.ending).toBe("--");
  });

  test("a chunked answer is framed anew, and until the end of the connection for HTTP/1.0", async () => {
    const chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n";
    await using backends = await Backends.of({ "127.30.0.1": answers(chunked) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(get);
    expect(got).toContain("Transfer-Encoding: chunked\r\n");
    expect(body(got)).toBe("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    const old = await scene.talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect(old).not.toContain("Transfer-Encoding");
    expect(body(old)).toBe("abc");
  });

  test("a body that is held back goes on with its length, however it came", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answersUploads });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const head = "POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    await scene.talk(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n`);
    const [sent = ""] = backends.connections("127.30.0.1");
    expect(sent).toContain("Content-Length: 5\r\n");
    expect(sent).not.toContain("X-T");
    expect(body(sent)).toBe("abcde");
    expect(scene.holdsNothing).toBe(true);
  });

  test("a body larger than is held goes through whole", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answersUploads });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const large = "x".repeat(3_000_000);
    const got = await scene.talk(
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${large.length}\r\n\r\n${large}`,
    );
    expect(got).toContain("fine");
    expect(body(backends.connections("127.30.0.1")[0] ?? "") === large).toBe(true);
    expect(scene.holdsNothing).toBe(true);
  });

  test("a client that waits for 100 is told to go on", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answersUploads });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const socket = connect(scene.port, "127.0.0.1");
    socket.write(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("hi");
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(second.toString()).toContain("HTTP/1.1 200 OK");
    expect(backends.connections("127.30.0.1")[0]).not.toContain("Expect");
    socket.destroy();
  });

  test("after a 101, bytes go both ways as they are", async () => {
    await using backends = await Backends.of({
      "127.30.0.1": (text, socket) => {
        if (text.endsWith("\r\n\r\n"))
          socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello",
          );
        else if (text.endsWith("ping")) socket.end("pong");
      },
    });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const socket = connect(scene.port, "127.0.0.1");
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk.toString();
      if (got.endsWith("hello")) socket.write("ping");
    });
    socket.write("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await once(socket, "end");
    socket.end();
    expect(got).toMatch(/^HTTP\/1\.1 101 /);
    expect(body(got)).toBe("hellopong");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 101, ending: "--" });
  });

  test("a client that ends its side with the request still gets the answer", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const socket = connect({ port: scene.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let got = "";
    for await (const chunk of socket) got += String(chunk);
    expect(body(got)).toBe("fine");
  });
});

describe("a server that fails", () => {
  test("refused: the next one is asked; the record has both attempts", async () => {
    await using backends = await Backends.of({ "127.30.0.3": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.2", "127.30.0.3"]);
    expect(await scene.talk(get)).toContain("fine");
    const [record] = await scene.recorded(1);
    expect(record?.attempts.map(({ failure }) => failure?.kind)).toEqual(["connect-refused", undefined]);
  });

  test("refused by the only one: 502 with its cause", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, ["127.30.0.2"]);
    const got = await scene.talk(get);
    expect(got).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, ending: "SC" });
    expect(record?.cause).toBeDefined();
    expect(got).toContain(`X-Causeway-Cause: ${record?.cause}\r\n`);
  });

  test("a refused POST, of which nothing was sent, goes to the next one", async () => {
    await using backends = await Backends.of({ "127.30.0.3": answersUploads });
    await using scene = await shop(backends, ["127.30.0.2", "127.30.0.3"]);
    const got = await scene.talk(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    );
    expect(got).toContain("fine");
    expect(body(backends.connections("127.30.0.3")[0] ?? "")).toBe("hi");
  });

  test.each([
    ["v2", "Standard_v2", 504],
    ["v1", "Standard_Medium", 502],
  ])("silent on %s: a GET ends in its status after so many servers", async (generation, tier, status) => {
    await using backends = await Backends.of({
      "127.30.0.1": () => {},
      "127.30.0.2": () => {},
      "127.30.0.3": () => {},
    });
    const members = ["127.30.0.1", "127.30.0.2", "127.30.0.3"];
    await using scene = await shop(backends, members, { wish: { tier } });
    expect(await scene.talk(get)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status, ending: "sH" });
    expect(record?.attempts).toHaveLength(generation === "v2" ? 2 : 1);
  });

  test("a POST that was sent is never sent again", async () => {
    await using backends = await Backends.of({
      "127.30.0.1": (_text, socket) => socket.resetAndDestroy(),
      "127.30.0.2": (_text, socket) => socket.resetAndDestroy(),
    });
    await using scene = await shop(backends, ["127.30.0.1", "127.30.0.2"]);
    const got = await scene.talk(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    );
    expect(got).toMatch(/^HTTP\/1\.1 502 /);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "SH" });
    expect(record?.attempts).toHaveLength(1);
  });

  test("an answer that is no response: 502, and where it is wrong", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers("HTTP/1.1 200 OK\r\nX y: 1\r\n\r\n") });
    await using scene = await shop(backends, ["127.30.0.1"]);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "PH", cause: "http-invalid-header" });
    expect(record?.attempts[0]?.failure?.offset).toBeGreaterThan(16);
  });

  test("a response that breaks off is seen to by the client", async () => {
    const cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    await using backends = await Backends.of({ "127.30.0.1": (_text, socket) => socket.end(cut) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(get);
    expect(got).toMatch(/Content-Length: 10\r\n/);
    expect(body(got)).toBe("half");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 200, ending: "SD" });
  });

  test("its own 502 is passed on and known to be its own", async () => {
    const own = "HTTP/1.1 502 Bad\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nno";
    await using backends = await Backends.of({ "127.30.0.1": answers(own) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    expect(body(await scene.talk(get))).toBe("no");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, backendError: true, answeredBy: { server: "nginx" } });
    expect(record?.cause).toBe("second-proxy-502");
  });

  test("no members: 502 without an attempt", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, []);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    expect((await scene.recorded(1))[0]).toMatchObject({
      ending: "PQ",
      noServer: "pool-empty",
      cause: "pool-empty",
      attempts: [],
    });
  });
});

describe("what the gateway answers itself", () => {
  test.each([
    ["GET / HTTP/1.1\r\n\r\n", 400, "ERRORINFO_HTTP_NO_HOST_HEADER"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
      "ERRORINFO_INVALID_CONTENT_LENGTH",
    ],
    ["GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400, "ERRORINFO_INVALID_VERSION"],
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "ERRORINFO_INVALID_REQUEST"],
    ["TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "ERRORINFO_INVALID_METHOD_TRACE"],
    ["CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n", 405, "ERRORINFO_INVALID_METHOD"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n",
      403,
      "ERRORINFO_INVALID_REQUEST",
    ],
  ])("%j: %i and the end of the connection, with a record", async (bytes, status, errorInfo) => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(bytes);
    expect(got).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(got).toContain("Connection: close\r\n");
    expect(got.endsWith(`<${status}>`)).toBe(true);
    expect((await scene.recorded(1))[0]).toMatchObject({ status, errorInfo, ending: "PR", attempts: [] });
    expect(backends.connections("127.30.0.1")).toEqual([]);
  });

  test("a body that is framed wrong ends in 400, and no server has seen it", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 400 /);
    expect(backends.connections("127.30.0.1")).toEqual([]);
    expect(scene.holdsNothing).toBe(true);
  });

  test("a host that no listener takes: 404 on v2", async () => {
    await using backends = await Backends.of({});
    const listeners = [{ name: "shop", protocol: "Http" as const, hosts: ["shop.contoso.com"], to: "app" }];
    await using scene = await shop(backends, ["127.30.0.1"], { wish: { listeners } });
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 404 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ errorInfo: "ERRORINFO_INVALID_HOST" });
  });

  test("a redirect", async () => {
    await using backends = await Backends.of({});
    const listeners = [{ name: "shop", protocol: "Http" as const, to: { redirect: "Found" } }];
    await using scene = await shop(backends, [], { wish: { listeners } });
    const got = await scene.talk(get);
    expect(got).toMatch(/^HTTP\/1\.1 302 Found\r\n/);
    expect(got).toContain("Location: https://www.contoso.com/0\r\n");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 302, ending: "--", cause: undefined });
  });

  test("a request in absolute form is routed by its path", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    await scene.talk("GET http://a/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(backends.connections("127.30.0.1")[0]).toMatch(/^GET \/x\?y HTTP\/1\.1\r\n/);
  });

  test("a request that does not come to its end: 408", async () => {
    await using backends = await Backends.of({});
    const limitsOf = () => ({ clientMs: 200, keepAliveMs: 75_000, halfClosedMs: 1_000, bodyBytes: 1_000 });
    await using scene = await shop(backends, ["127.30.0.1"], { means: { limitsOf } });
    expect(await scene.talk("GET / HT")).toMatch(/^HTTP\/1\.1 408 /);
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    expect(await scene.talk(head)).toMatch(/^HTTP\/1\.1 408 /);
    for (const record of await scene.recorded(2)) expect(record).toMatchObject({ status: 408, ending: "cR" });
  });
});

describe("a client that leaves", () => {
  test.each([
    ["v2", "Standard_v2", 499],
    ["v1", "Standard_Medium", 0],
  ])("while the server is waited for, on %s: the attempt is given up", async (_generation, tier, status) => {
    let ended = false;
    await using backends = await Backends.of({
      "127.30.0.1": (_text, socket) => void socket.on("close", () => (ended = true)),
    });
    await using scene = await shop(backends, ["127.30.0.1"], {
      wish: { tier },
      setting: { requestTimeout: 20 },
    });
    const socket = connect(scene.port, "127.0.0.1");
    socket.write(get);
    while (backends.connections("127.30.0.1").length === 0) await sleep(5);
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
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const socket = connect(scene.port, "127.0.0.1");
    socket.end("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 499, ending: "CR" });
    expect(backends.connections("127.30.0.1")).toEqual([]);
    expect(scene.holdsNothing).toBe(true);
    socket.destroy();
  });
});

describe("a client that is slow", () => {
  test("does not make the gateway take the whole response", async () => {
    const size = 32 * 1024 * 1024;
    let written = 0;
    await using backends = await Backends.of({
      "127.30.0.1": (text, socket) => {
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
    await using scene = await shop(backends, ["127.30.0.1"], { setting: { requestTimeout: 20 } });
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
});
