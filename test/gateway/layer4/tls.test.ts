import { createHash } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect, createServer as createTlsServer, TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../../support/certificates.ts";
import { freePort, Scene } from "../exchange/scene.ts";
import { authority, Caller, database, echo, prepared, Servers, served } from "./scene.ts";

const here = "127.41.2.1";
const trusted = {
  protocol: "Tls",
  hostName: "db.contoso.com",
  trustedRootCertificates: ["inside"],
};
const roots = { trustedRootCertificates: { inside: { data: authority.pem } } };

function caller(port: number, options: ConnectionOptions): Caller {
  return new Caller(connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }));
}

describe("TLS ended at the gateway", () => {
  test("carries what is inside, whatever protocol the client offers", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({
      members: [here],
      port: servers.port,
      listener: { protocol: "Tls" },
    });
    using one = caller(scene.port, { ALPNProtocols: ["smtp"] });
    one.socket.end("inside");
    expect(await one.closed()).toBe("inside");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "--", status: 200, receivedBytes: 6, sentBytes: 6 });
    expect(record?.tls?.protocol).toMatch(/^TLSv1\.[23]$/);
  });

  test("the name that the client says chooses listener and servers; an unknown one gets the first", async () => {
    await using servers = await Servers.of({
      "127.41.2.2": (socket) => void socket.end("orders"),
      "127.41.2.3": (socket) => void socket.end("stock"),
    });
    const port = servers.port;
    const wish = {
      members: [],
      port,
      more: {
        listeners: {
          orders: { protocol: "Tls", port: 4025, hosts: ["orders.contoso.com"] },
          stock: { protocol: "Tls", port: 4025, hosts: ["*.stock.contoso.com"] },
        },
        pools: { orders: ["127.41.2.2"], stock: ["127.41.2.3"] },
        settings: { all: { protocol: "Tcp", port } },
        rules: {
          orders: { listener: "orders", pool: "orders", setting: "all" },
          stock: { listener: "stock", pool: "stock", setting: "all" },
        },
      },
    };
    await using scene = await served(wish);
    for (const [servername, expected] of [
      ["orders.contoso.com", "orders"],
      ["eu.stock.contoso.com", "stock"],
      ["other.contoso.com", "orders"],
    ] as const) {
      using one = caller(scene.port, { servername });
      expect(await one.closed()).toBe(expected);
      one.socket.end();
    }
    const records = await scene.recorded(3);
    expect(records.map(({ listener }) => listener?.name)).toEqual(["orders", "stock", "orders"]);
  });

  test("what is not TLS leaves its record and goes nowhere", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port, listener: { protocol: "Tls" } });
    using plain = Caller.to(scene.port);
    plain.socket.write("EHLO contoso\r\n");
    expect(await plain.closed()).toBe("");
    using leaving = Caller.to(scene.port);
    leaving.socket.end();
    await leaving.closed();
    const records = await scene.recorded(2);
    expect(records.map(({ status, ending }) => [status, ending])).toEqual([
      [400, "PR"],
      [400, "CR"],
    ]);
    expect(servers.sockets.get(here)).toEqual([]);
  });

  test("clients have to show a certificate where the profile says so", async () => {
    const people = makeCertificate({ commonName: "Contoso People", ca: true });
    const known = makeCertificate({ commonName: "ada", issuer: people });
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({
      members: [here],
      port: servers.port,
      listener: { protocol: "Tls", sslProfile: "people" },
      more: {
        trustedClientCertificates: { people: { data: people.pem } },
        sslProfiles: { people: { trustedClientCertificates: ["people"] } },
      },
    });
    using stranger = caller(scene.port, {});
    stranger.socket.write("x");
    expect(await stranger.closed()).toBe("");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 400, ending: "PR", attempts: [] });
    using ada = caller(scene.port, { key: known.keyPem, cert: known.pem });
    ada.socket.end("let me in");
    expect(await ada.closed()).toBe("let me in");
  });
});

describe("TLS with servers", () => {
  test("is opened anew with the name of the setting, and judged by the gateway's rules", async () => {
    const names: (string | false | null)[] = [];
    await using servers = await Servers.of(
      {
        [here]: (socket) => {
          if (socket instanceof TLSSocket) names.push(socket.servername);
          echo(socket);
        },
      },
      "tls",
    );
    await using scene = await served({ members: [here], port: servers.port, setting: trusted, more: roots });
    using one = Caller.to(scene.port);
    one.socket.end("q".repeat(300_000));
    expect(await one.closed()).toHaveLength(Math.min(one.bytes, one.text.length));
    expect(one.bytes).toBe(300_000);
    expect(names).toEqual(["db.contoso.com"]);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "--", attempts: [{ bytesSent: 300_000 }] });
    expect(record?.attempts[0]?.tlsMs).toBeGreaterThan(0);
  });

  test.each([
    ["for another name", { ...trusted, hostName: "mail.contoso.com" }, "name-mismatch", "tls-name-probe"],
    ["of an unknown authority", { ...trusted, trustedRootCertificates: [] }, undefined, undefined],
  ])("a certificate %s is not accepted", async (_, setting, detail, cause) => {
    await using servers = await Servers.of({ [here]: echo }, "tls");
    await using scene = await served({ members: [here], port: servers.port, setting, more: roots });
    using one = Caller.to(scene.port);
    one.socket.write("x");
    expect(await one.closed()).toBe("");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({
      status: 502,
      ending: "PT",
      attempts: [{ failure: { kind: "tls-certificate" } }],
    });
    expect(record?.cause).toMatch(/^tls-/);
    if (detail !== undefined) expect(record?.attempts[0]?.failure?.detail).toBe(detail);
    if (cause !== undefined) expect(record?.cause).toBe(cause);
  });

  test("a server that speaks none is told apart by what it says", async () => {
    const talk = (socket: { write(text: string): void }): void => socket.write("220 ready\r\n");
    await using servers = await Servers.of({ [here]: talk });
    await using scene = await served({ members: [here], port: servers.port, setting: trusted, more: roots });
    using one = Caller.to(scene.port);
    expect(await one.closed()).toBe("");
    expect((await scene.recorded(1))[0]).toMatchObject({
      status: 502,
      ending: "ST",
      attempts: [{ failure: { kind: "tls-not-tls" } }],
    });
  });

  test("a server that wants a certificate of the gateway says so after the handshake", async () => {
    const port = await freePort();
    const server = createTlsServer({
      key: database.keyPem,
      cert: database.pem,
      requestCert: true,
      rejectUnauthorized: true,
      ca: authority.pem,
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => void server.listen(port, here, resolve));
    try {
      await using scene = await served({ members: [here], port, setting: trusted, more: roots });
      using one = Caller.to(scene.port);
      expect(await one.closed()).toBe("");
      expect((await scene.recorded(1))[0]).toMatchObject({ status: 502, attempts: [{ member: here }] });
    } finally {
      server.close();
    }
  });

  test("the header of the PROXY protocol stands in front of the handshake", async () => {
    // A server that takes the header off and speaks TLS behind it, as HAProxy and nginx do.
    let header = "";
    await using servers = await Servers.of({
      [here]: (socket) => {
        socket.once("readable", () => {
          const all = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
          const end = all.indexOf("\r\n") + 2;
          header = all.toString("latin1", 0, end);
          socket.unshift(all.subarray(end));
          const secure = new TLSSocket(socket, { isServer: true, key: database.keyPem, cert: database.pem });
          secure.on("error", () => {});
          echo(secure);
        });
      },
    });
    const setting = { ...trusted, enableL4ClientIpPreservation: true };
    await using scene = await served({ members: [here], port: servers.port, setting, more: roots });
    using one = Caller.to(scene.port);
    const sent = Buffer.alloc(2_000_000, "abcdefgh");
    const hash = createHash("sha256");
    one.socket.on("data", (chunk) => hash.update(chunk));
    one.socket.end(sent);
    await one.closed();
    expect(header).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ 4025\r\n$/);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", sentBytes: sent.length });
  });

  test("with the header too, a server that refuses is passed over", async () => {
    await using servers = await Servers.of({});
    const setting = { ...trusted, enableL4ClientIpPreservation: true };
    await using scene = await served({ members: [here], port: servers.port, setting, more: roots });
    using one = new Caller(connectTcp(scene.port, "127.0.0.1"));
    await one.closed();
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "SC", cause: "tcp-refused" });
  });

  test("a listener of TLS whose handshakes hang is closed with the door", async () => {
    const scene = await Scene.of(
      await prepared({ members: [here], port: 1, listener: { protocol: "Tls" } }, await freePort()),
    );
    using one = Caller.to(scene.port);
    await new Promise<void>((resolve) => void one.socket.once("connect", resolve));
    one.socket.write(Buffer.from([0x16, 0x03]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await scene.server.stop(0);
    await one.closed();
    expect(scene.records).toMatchObject([{ status: 400, ending: "CR" }]);
  });
});
