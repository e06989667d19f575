import { createServer as createHttpServer } from "node:http";
import { Duplex, duplexPair } from "node:stream";
import { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { alertInError } from "../../../src/wire/tls/alerts.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { certificateMessage, Peers, record, serverHello } from "./peers.ts";

const root = makeCertificate({ commonName: "Contoso Root", ca: true });
const issuing = makeCertificate({ commonName: "Contoso Issuing", ca: true, issuer: root });
const name = "shop.contoso.example";
const leaf = makeCertificate({ commonName: name, names: [name], ca: false, issuer: issuing });
const served = { key: leaf.keyPem, cert: leaf.pem + issuing.pem + root.pem };

const peers = new Peers();
afterEach(() => peers.close());

const versions = ["TLSv1.2", "TLSv1.3"] as const;

describe.each(versions)("%s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("the chain is reported in the server's own order, with whatever it sent", async () => {
    // A repeated root and one of somebody else: the library would drop them.
    const stranger = makeCertificate({ commonName: "Fabrikam Root", ca: true });
    const sent = [leaf, root, issuing, stranger, root];
    const cert = sent.map(({ pem }) => pem).join("");
    const port = await peers.tls({ ...only, key: leaf.keyPem, cert, ALPNProtocols: ["http/1.1"] });
    const { facts, connection } = await peers.handshake(port, { alpn: ["h2", "http/1.1"] });
    expect(facts).toMatchObject({
      outcome: "established",
      version,
      sniSent: name,
      alpn: "http/1.1",
      alert: undefined,
      errno: undefined,
      fault: undefined,
      clientCertificateRequested: false,
    });
    expect(facts.chain).toEqual(sent.map(({ der }) => der));
    expect(facts.cipher).toMatch(/^TLS_/);
    connection?.socket.destroy();
  });

  test("the connection carries data afterwards", async () => {
    const port = await peers.tls({ ...only, ...served });
    const { connection } = await peers.handshake(port);
    const parts: Buffer[] = [];
    for await (const part of connection?.socket ?? []) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe("hello");
    expect(connection?.lateAlert()).toBeUndefined();
  });

  test("a chain larger than one record", async () => {
    const large = makeCertificate({ commonName: "Large", issuer: root, padding: 40_000 });
    const port = await peers.tls({ ...only, key: leaf.keyPem, cert: leaf.pem + large.pem });
    const { facts, connection } = await peers.handshake(port);
    expect(facts.outcome).toBe("established");
    expect(facts.chain).toEqual([leaf.der, large.der]);
    connection?.socket.destroy();
  });

  test("no name is sent for an address, and none when none is planned", async () => {
    const port = await peers.tls({ ...only, ...served });
    for (const serverName of ["127.0.0.1", "::1", undefined]) {
      const { facts, connection } = await peers.handshake(port, { serverName });
      expect(facts).toMatchObject({ outcome: "established", sniSent: undefined });
      connection?.socket.destroy();
    }
  });

  test("a server that knows only other names refuses with an alert", async () => {
    const asked: string[] = [];
    const port = await peers.tls({
      ...only,
      ...served,
      SNICallback: (wanted, done) => {
        asked.push(wanted);
        done(new Error("unknown name"));
      },
    });
    const { facts, connection } = await peers.handshake(port);
    expect(asked).toEqual([name]);
    expect(connection).toBeUndefined();
    // Node drops the connection in its callback; what OpenSSL itself would say is replayed below.
    expect(["closed", "reset", "alert"]).toContain(facts.outcome);
    expect(facts.chain).toBeUndefined();
  });

  test("a client certificate that is asked for and may be left out", async () => {
    const port = await peers.tls({ ...only, ...served, requestCert: true, rejectUnauthorized: false });
    const { facts, connection } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "established", clientCertificateRequested: true });
    expect(facts.chain).toHaveLength(3);
    connection?.socket.destroy();
  });
});

describe("alerts", () => {
  test("no common version", async () => {
    const port = await peers.tls({ ...served, minVersion: "TLSv1.3" });
    const { facts } = await peers.handshake(port, { maxVersion: "TLSv1.2" });
    expect(facts).toMatchObject({ outcome: "alert", alert: "protocol_version", chain: undefined });
  });

  test("no common cipher, in both versions", async () => {
    const port12 = await peers.tls({
      ...served,
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
    });
    const other12 = await peers.handshake(port12, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" });
    expect(other12.facts).toMatchObject({ outcome: "alert", alert: "handshake_failure", version: undefined });
    const port13 = await peers.tls({ ...served, minVersion: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256" });
    const other13 = await peers.handshake(port13, { ciphers: "TLS_AES_256_GCM_SHA384" });
    expect(other13.facts).toMatchObject({ outcome: "alert", alert: "handshake_failure" });
  });

  test.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "%s: the chain is read",
    async (ciphers) => {
      const port = await peers.tls({ ...served, minVersion: "TLSv1.3", ciphers });
      const { facts, connection } = await peers.handshake(port);
      expect(facts).toMatchObject({ outcome: "established", cipher: ciphers });
      expect(facts.chain).toHaveLength(3);
      connection?.socket.destroy();
    },
  );

  test("a second round because of the key share (HelloRetryRequest)", async () => {
    const port = await peers.tls({ ...served, minVersion: "TLSv1.3", ecdhCurve: "P-521" });
    const { facts, connection } = await peers.handshake(port);
    expect(facts.outcome).toBe("established");
    expect(facts.messages.filter((one) => one === "server_hello")).toHaveLength(2);
    expect(facts.chain).toHaveLength(3);
    connection?.socket.destroy();
  });

  test.each(versions)("%s: no common protocol of ALPN", async (version) => {
    const only = { minVersion: version, maxVersion: version };
    const port = await peers.tls({ ...only, ...served, ALPNProtocols: ["h2"] });
    const { facts } = await peers.handshake(port, { alpn: ["http/1.1"] });
    expect(facts).toMatchObject({ outcome: "alert", alert: "no_application_protocol", alpn: undefined });
  });

  test("no common group", async () => {
    const port = await peers.tls({ ...served, minVersion: "TLSv1.3", ecdhCurve: "P-384" });
    const { facts } = await peers.handshake(port, { groups: "P-256:X25519" });
    expect(facts).toMatchObject({ outcome: "alert", alert: "handshake_failure" });
    const { facts: fine, connection } = await peers.handshake(port, { groups: "P-256:P-384" });
    expect(fine.outcome).toBe("established");
    connection?.socket.destroy();
  });

  test("the alert in the library's own words, where the records are sealed", () => {
    const text =
      "error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert:rec_layer_s3.c:918:SSL alert number 40\n";
    expect(alertInError(new Error(text))).toBe("handshake_failure");
    expect(alertInError(new Error("read ECONNRESET"))).toBeUndefined();
  });

  test("TLS 1.2: a client certificate is required", async () => {
    const port = await peers.tls({ ...served, maxVersion: "TLSv1.2", requestCert: true, ca: root.pem });
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "alert", alert: "handshake_failure" });
    expect(facts).toMatchObject({ clientCertificateRequested: true, version: "TLSv1.2" });
    expect(facts.chain).toHaveLength(3);
  });

  test("TLS 1.3: a required client certificate is missed only after the handshake", async () => {
    const port = await peers.tls({ ...served, minVersion: "TLSv1.3", requestCert: true, ca: root.pem });
    const { facts, connection } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "established", clientCertificateRequested: true });
    if (connection === undefined) throw new Error("no connection");
    await new Promise((resolve) => connection.socket.once("close", resolve).resume());
    expect(connection.lateAlert()).toBe("certificate_required");
  });

  test.each([
    [2, 112, "unrecognized_name"],
    [2, 40, "handshake_failure"],
    [2, 116, "certificate_required"],
    [2, 200, "alert_200"],
  ])("level %i number %i is %s", async (level, number, alert) => {
    const port = await peers.raw((socket) =>
      socket.once("data", () => socket.end(record(21, Buffer.from([level, number])))),
    );
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "alert", alert });
  });

  test("a warning is no refusal", async () => {
    const flight = [
      record(21, Buffer.from([1, 112])),
      record(22, Buffer.concat([serverHello(0x0303, 0xc02b), certificateMessage([leaf.der])])),
      record(21, Buffer.from([2, 80])),
    ];
    const port = await peers.raw((socket) => socket.once("data", () => socket.end(Buffer.concat(flight))));
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({
      outcome: "alert",
      alert: "internal_error",
      warnings: ["unrecognized_name"],
      version: "TLSv1.2",
    });
    expect(facts.chain).toEqual([leaf.der]);
  });

  test("close_notify in the midst of a handshake is a close", async () => {
    const port = await peers.raw((socket) =>
      socket.once("data", () => socket.end(record(21, Buffer.from([1, 0])))),
    );
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "closed", alert: "close_notify" });
  });
});

describe("transports", () => {
  test.each(versions)("%s: much data both ways, through the tap", async (version) => {
    const port = await peers.echo({ ...served, minVersion: version, maxVersion: version });
    const { connection } = await peers.handshake(port);
    if (connection === undefined) throw new Error("no connection");
    const sent = Buffer.alloc(4_000_000, "causeway");
    connection.socket.end(sent);
    const parts: Buffer[] = [];
    for await (const part of connection.socket) parts.push(part);
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });

  test("an end without close_notify ends the connection", async () => {
    const server = await peers.tls({ ...served, minVersion: "TLSv1.3" });
    // The six records of the handshake, and a ticket.
    const port = await peers.cutting(server, { records: 7, half: false }, (client) => client.end());
    const { connection } = await peers.handshake(port);
    if (connection === undefined) throw new Error("no connection");
    await new Promise((resolve) => connection.socket.once("close", resolve).resume());
    expect(connection.lateAlert()).toBeUndefined();
  });

  test.each([1000, 60_000, 200_000, 1_000_000])("%i bytes and the end, read late", async (count) => {
    const port = await peers.tls(served, Buffer.alloc(count, "x"));
    const { connection } = await peers.handshake(port);
    await new Promise((resolve) => setTimeout(resolve, 60));
    let got = 0;
    for await (const part of connection?.socket ?? []) got += (part as Buffer).length;
    expect(got).toBe(count);
  });

  test("any duplex stream will do, byte by byte", async () => {
    const [ours, theirs] = duplexPair();
    const server = new TLSSocket(theirs, { ...served, isServer: true });
    server.on("error", () => {});
    const transport = new Duplex({
      read: () => {},
      write: (chunk, encoding, done) => void ours.write(chunk, encoding, done),
    });
    ours.on("data", (chunk: Buffer) => {
      for (const byte of chunk) transport.push(Buffer.from([byte]));
    });
    const { facts, connection } = await peers.handshakeOver(transport);
    expect(facts.outcome).toBe("established");
    expect(facts.chain).toHaveLength(3);
    connection?.socket.destroy();
    server.destroy();
  });
});

describe("chains no TLS server lets one configure", () => {
  test.each([
    ["the root first", [root, issuing, leaf]],
    ["no leaf", [issuing, root]],
  ])("%s: seen, though the handshake cannot succeed", async (_, chain) => {
    const flight = Buffer.concat([
      serverHello(0x0303, 0xc02b),
      certificateMessage(chain.map(({ der }) => der)),
    ]);
    const port = await peers.raw((socket) => socket.once("data", () => socket.end(record(22, flight))));
    const { facts } = await peers.handshake(port);
    expect(facts.messages).toEqual(["server_hello", "certificate"]);
    expect(["failed", "closed"]).toContain(facts.outcome);
    expect(facts.chain).toEqual(chain.map(({ der }) => der));
  });

  test("a server that answers with an old version", async () => {
    const flight = Buffer.concat([serverHello(0x0301, 0xc013), certificateMessage([leaf.der])]);
    const port = await peers.raw((socket) =>
      socket.once("data", () => socket.write(record(22, flight, 0x0301))),
    );
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({
      outcome: "failed",
      version: "TLSv1",
      errno: "ERR_SSL_UNSUPPORTED_PROTOCOL",
    });
    expect(facts.chain).toEqual([leaf.der]);
  });
});

describe("what is not TLS", () => {
  test("a web server without TLS", async () => {
    const port = await peers.other(createHttpServer());
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "not-tls", fault: "not-tls", version: undefined });
    expect(facts.firstBytes?.toString("latin1")).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("a server that speaks first", async () => {
    const port = await peers.raw((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"));
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "not-tls" });
    expect(facts.firstBytes?.toString("latin1")).toBe("SSH-2.0-OpenSSH_9.6\r\n");
  });

  test("one byte is enough to know", async () => {
    const port = await peers.raw((socket) => socket.write("H"));
    const { facts } = await peers.handshake(port, { timeoutMs: 100 });
    expect(facts).toMatchObject({ outcome: "not-tls" });
  });
});

const flights = [
  { version: "TLSv1.2", steps: ["server_hello", "certificate", "server_key_exchange", "server_hello_done"] },
  {
    version: "TLSv1.3",
    // The second record is the change_cipher_spec of middlebox compatibility.
    steps: ["server_hello", "", "encrypted_extensions", "certificate", "certificate_verify", "finished"],
  },
] as const;

describe.each(flights)("$version, the transport ends after every record", ({ version, steps }) => {
  const cuts = steps.flatMap((_, records) => [
    { records, half: false },
    { records, half: true },
  ]);

  test.each(cuts)("closed after $records, half of the next: $half", async (cut) => {
    const server = await peers.tls({ ...served, minVersion: version, maxVersion: version });
    const port = await peers.cutting(server, cut, (client) => client.end());
    const { facts, connection } = await peers.handshake(port);
    expect(connection).toBeUndefined();
    expect(facts).toMatchObject({ outcome: "closed", alert: undefined, fault: undefined });
    expect(facts.messages).toEqual(steps.slice(0, cut.records).filter((step) => step !== ""));
    expect(facts.chain?.length).toBe(facts.messages.includes("certificate") ? 3 : undefined);
  });

  test.each(cuts)("reset after $records, half of the next: $half", async (cut) => {
    const server = await peers.tls({ ...served, minVersion: version, maxVersion: version });
    const port = await peers.cutting(server, cut, (client) => client.resetAndDestroy());
    const { facts } = await peers.handshake(port);
    expect(facts).toMatchObject({ outcome: "reset", errno: "ECONNRESET", alert: undefined });
  });
});

describe("ends of the transport", () => {
  test("silence", async () => {
    const port = await peers.raw(() => {});
    const { facts, connection } = await peers.handshake(port, { timeoutMs: 50 });
    expect(facts).toMatchObject({ outcome: "timed-out", messages: [], errno: undefined });
    expect(connection).toBeUndefined();
  });

  test("closed at once, and reset at once", async () => {
    const closing = await peers.raw((socket) => socket.once("data", () => socket.end()));
    expect((await peers.handshake(closing)).facts).toMatchObject({ outcome: "closed", messages: [] });
    const resetting = await peers.raw((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect((await peers.handshake(resetting)).facts).toMatchObject({ outcome: "reset", errno: "ECONNRESET" });
  });

  test("given up from outside", async () => {
    const port = await peers.raw(() => {});
    const stop = new AbortController();
    const attempt = peers.handshake(port, {}, stop.signal);
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(attempt).rejects.toThrow("enough");
    await expect(peers.handshake(port, {}, stop.signal)).rejects.toThrow("enough");
  });

  test("a plan the library cannot follow", async () => {
    const port = await peers.raw(() => {});
    await expect(peers.handshake(port, { ciphers: "NO-SUCH-CIPHER" })).rejects.toThrow();
  });
});
