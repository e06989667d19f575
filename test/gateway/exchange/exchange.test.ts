import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { RoutingWish } from "../../support/routing-gateway.ts";
import { answers, Backends, freePort, preparedFor, Scene, talkTo } from "./scene.ts";
import { answersUploads, body, get, ok, shop } from "./shop.ts";

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
