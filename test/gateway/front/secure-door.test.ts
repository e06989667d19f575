import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import { readFirstBytes } from "../../../src/gateway/front/client-hello.ts";
import { routingGateway } from "../../support/routing-gateway.ts";
import { answers, Backends, freePort, Scene } from "../exchange/scene.ts";

const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
const get = "GET / HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close\r\n\r\n";

async function secureScene(backends: Backends): Promise<Scene> {
  const gateway = routingGateway({
    listeners: [{ name: "shop", hosts: ["shop.contoso.com"], to: "app" }],
    members: ["127.30.2.1"],
    setting: { port: backends.port },
  });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort: await freePort() }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  return Scene.of(await prepare(gateway, { listen, selfSigned: true }, surroundings));
}

async function ask(port: number, servername: string, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false });
  let got = "";
  socket.on("data", (chunk) => {
    got += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return got;
}

describe("a TLS door", () => {
  test("answers over TLS; server and record know it", async () => {
    await using backends = await Backends.of({ "127.30.2.1": ok });
    await using scene = await secureScene(backends);
    const got = await ask(scene.port, "shop.contoso.com", get);
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(got.endsWith("fine")).toBe(true);
    const [sent = ""] = backends.connections("127.30.2.1");
    expect(sent).toContain("X-Forwarded-Proto: https\r\n");
    expect(sent).toContain("X-Forwarded-Port: 443\r\n");
    const [record] = await scene.recorded(1);
    expect(record?.tls?.protocol).toMatch(/^TLSv1\.[23]$/);
    expect(record).toMatchObject({ ending: "--", status: 200 });
  });

  test("answers plain HTTP with 400", async () => {
    await using backends = await Backends.of({});
    await using scene = await secureScene(backends);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ errorInfo: "ERRORINFO_HTTP_TO_HTTPS_PORT" });
  });

  test("a response for HTTP/1.0 that breaks off ends the connection, and nothing else", async () => {
    await using backends = await Backends.of({
      "127.30.2.1": (_text, socket) =>
        socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
    });
    await using scene = await secureScene(backends);
    const got = await ask(scene.port, "shop.contoso.com", "GET / HTTP/1.0\r\nHost: shop.contoso.com\r\n\r\n");
    expect(got).not.toContain("Content-Length");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "SD", status: 200 });
    const again = await ask(scene.port, "shop.contoso.com", get);
    expect(again).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a ClientHello that comes byte by byte is read as one that comes at once", async () => {
    const hello = await captured("a.contoso.com");
    for (let length = 0; length < hello.length; length++) {
      expect(readFirstBytes(hello.subarray(0, length)).is).toBe("incomplete");
    }
    expect(readFirstBytes(hello)).toEqual({ is: "hello", serverName: "a.contoso.com" });
    expect(readFirstBytes(Buffer.from("GET"))).toEqual({ is: "other" });
  });

  test("a hello in a few records is read, one in very many small ones is not waited for", () => {
    const inRecords = (message: Buffer, each: number): Buffer =>
      Buffer.concat(
        Array.from({ length: Math.ceil(message.length / each) }, (_, at) => {
          const part = message.subarray(at * each, (at + 1) * each);
          return Buffer.concat([Buffer.of(22, 3, 1, 0, part.length), part]);
        }),
      );
    // Version, random, no session, one cipher, no compression, one extension: server_name.
    const name = Buffer.from("a.contoso.com");
    const sni = Buffer.concat([Buffer.of(0, name.length + 3, 0, 0, name.length), name]);
    const extensions = Buffer.concat([Buffer.of(0, sni.length + 4, 0, 0, 0, sni.length), sni]);
    const body = Buffer.concat([Buffer.alloc(34), Buffer.of(0, 0, 2, 19, 1, 1, 0), extensions]);
    const message = Buffer.concat([Buffer.of(1, 0, 0, body.length), body]);
    expect(readFirstBytes(inRecords(message, 20))).toEqual({ is: "hello", serverName: "a.contoso.com" });
    expect(readFirstBytes(inRecords(message, 1))).toEqual({ is: "hello", serverName: undefined });
    expect(readFirstBytes(inRecords(message.subarray(0, 70), 1)).is).toBe("hello");
    expect(readFirstBytes(inRecords(message.subarray(0, 60), 1)).is).toBe("incomplete");
  });
});

/** The first bytes that a TLS client of this system sends. */
async function captured(servername: string): Promise<Buffer> {
  const { createServer } = await import("node:net");
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const client = connect({ socket: connectTcp(port, "127.0.0.1"), servername });
  client.on("error", () => {});
  const [socket] = await once(server, "connection");
  const [bytes] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}
