import { connect, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import type { TlsOffer } from "../../src/model/exchange-plan.ts";
import type { ProbeObservation } from "../../src/model/probe-observation.ts";
import { makeCertificate } from "../support/certificates.ts";
import { observePlan } from "../support/exchange.ts";
import { forward } from "../support/forward.ts";
import { listen } from "../support/listener.ts";
import { tlsServer } from "../support/tls-server.ts";

const https = { protocol: "Https" } as const;
const ok = "HTTP/1.1 200 OK\r\n";

/** A server that does with each connection's first bytes what it is told. */
const onFirstBytes = (then: (socket: Socket, bytes: Buffer) => void) =>
  listen((socket) => socket.once("data", (bytes: Buffer) => then(socket, bytes)));

describe("a reset, in each phase", () => {
  // Not at once: a reset that overtakes the connect is the connect's.
  const later = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 30);

  test("of a connection that was only just made: in it, or in what follows", async () => {
    await using server = await listen((socket) => socket.resetAndDestroy());
    const { tcp, tls } = await observePlan({ ...https, port: server.port });
    expect([tcp?.outcome, tls?.outcome]).toSatisfy(
      ([first, second]) => first === "reset" || (first === "connected" && second === "reset"),
    );
  });

  test("before a byte of the handshake", async () => {
    await using server = await listen(later);
    const { tcp, tls, http } = await observePlan({ ...https, port: server.port });
    expect([tcp?.outcome, tls?.outcome, tls?.errno, http]).toEqual([
      "connected",
      "reset",
      "ECONNRESET",
      undefined,
    ]);
  });

  test("in answer to ClientHello", async () => {
    await using server = await onFirstBytes((socket) => socket.resetAndDestroy());
    const { tls, http } = await observePlan({ ...https, port: server.port });
    expect(tls).toMatchObject({ outcome: "reset", messages: [], chain: undefined, alert: undefined });
    expect(http).toBeUndefined();
  });

  test("after the handshake, before a byte of the response", async () => {
    await using inner = await tlsServer({}, (socket) => socket.once("data", () => void server.resetAll()));
    await using server = await listen((socket) => forward(socket, inner.port));
    const { tls, http } = await observePlan({ ...https, port: server.port });
    expect(tls?.outcome).toBe("established");
    expect(http).toMatchObject({
      outcome: "reset-before-first-byte",
      errno: "ECONNRESET",
      endedBy: "server",
    });
  });

  test("plain, before a byte of the response", async () => {
    await using server = await listen(later);
    const { tcp, http } = await observePlan({ port: server.port });
    expect(tcp?.outcome).toBe("connected");
    expect(http).toMatchObject({
      outcome: "reset-before-first-byte",
      errno: "ECONNRESET",
      endedBy: "server",
    });
  });
});

describe("a close, in each phase", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["at once", (socket) => socket.end()],
    ["after ClientHello", (socket) => socket.once("data", () => socket.end())],
  ])("in the handshake, %s", async (_when, then) => {
    await using server = await listen(then);
    const { tls, http } = await observePlan({ ...https, port: server.port });
    expect(tls).toMatchObject({ outcome: "closed", messages: [], alert: undefined });
    expect(http).toBeUndefined();
  });

  test("after the handshake", async () => {
    await using server = await tlsServer({}, (socket) => socket.once("data", () => socket.end()));
    const { tls, http } = await observePlan({ ...https, port: server.port });
    expect([tls?.outcome, http?.outcome]).toEqual(["established", "closed-before-first-byte"]);
  });
});

describe("slow servers", () => {
  test("a late first byte, in time: when it came", async () => {
    await using server = await onFirstBytes((socket) =>
      setTimeout(() => socket.end(`${ok}Content-Length: 1\r\n\r\na`), 120),
    );
    const { http } = await observePlan({ port: server.port });
    expect(http).toMatchObject({ outcome: "answered", bodyComplete: true });
    expect(http?.firstByteMs).toBeGreaterThan(110);
  });

  test("a response that drips, in time and not", async () => {
    const dripping = (bytes: string) => (socket: Socket) => {
      let at = 0;
      const timer = setInterval(() => {
        if (at < bytes.length) socket.write(bytes[at++] ?? "");
        else {
          clearInterval(timer);
          socket.end();
        }
      }, 5);
      socket.on("close", () => clearInterval(timer));
    };
    const bytes = `${ok}Content-Length: 3\r\n\r\nabc`;
    await using server = await onFirstBytes(dripping(bytes));
    const inTime = await observePlan({ port: server.port });
    expect(inTime.http).toMatchObject({ outcome: "answered", bodyBytes: 3 });
    expect((inTime.http?.completeMs ?? 0) - (inTime.http?.firstByteMs ?? 0)).toBeGreaterThan(100);
    const late = await observePlan({ port: server.port, timeoutMs: 120 });
    expect(late.http).toMatchObject({ outcome: "timed-out-midway", endedBy: "us", fault: undefined });
  });

  test("a handshake that stops half way", async () => {
    await using inner = await tlsServer();
    // Only the first 200 bytes of the server's flight come through.
    await using server = await onFirstBytes((socket, bytes) => {
      const onward = connect({ port: inner.port, host: "127.0.0.1" });
      onward.on("error", () => {});
      onward.write(bytes);
      onward.once("data", (flight: Buffer) => socket.write(flight.subarray(0, 200)));
      socket.on("close", () => onward.destroy());
    });
    const { tls, http } = await observePlan({ ...https, port: server.port, timeoutMs: 200 });
    expect(tls).toMatchObject({ outcome: "timed-out", version: "TLSv1.3", chain: undefined });
    expect(tls?.messages[0]).toBe("server_hello");
    expect(http).toBeUndefined();
  });
});

describe("wrong framing", () => {
  test.each([
    ["te-and-cl", `${ok}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`],
    ["chunk-size-invalid", `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ["cl-invalid", `${ok}Content-Length: three\r\n\r\nabc`],
    ["te-not-chunked", `${ok}Transfer-Encoding: gzip\r\n\r\nabc`],
    ["space-before-colon", `${ok}Server : x\r\n\r\n`],
    ["invalid-status-line", "HTTP/1.1 two hundred\r\n\r\n"],
    ["body-after-no-body-status", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\noops"],
    ["body-after-no-body-status", "HTTP/1.1 304 Not Modified\r\n\r\noops"],
  ])("%s", async (kind, bytes) => {
    await using server = await onFirstBytes((socket) => socket.write(bytes));
    const { http } = await observePlan({ port: server.port });
    expect(http).toMatchObject({ outcome: "invalid", fault: { kind }, endedBy: "us" });
    expect(http?.fault?.offset).toBeGreaterThan(0);
    expect(Buffer.from(http?.firstBytesBase64 ?? "", "base64").toString()).toBe(
      bytes.slice(0, bytes.indexOf("\r")),
    );
  });

  test("chunks that end early", async () => {
    await using server = await onFirstBytes((socket) =>
      socket.end(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`),
    );
    const { http } = await observePlan({ port: server.port });
    expect(http).toMatchObject({
      outcome: "closed-midway",
      bodyBytes: 3,
      bodyComplete: false,
      fault: { kind: "truncated" },
    });
  });
});

describe("the wrong one of plain text and TLS", () => {
  test("plain HTTP on a TLS port: a server that waits for a line says nothing", async () => {
    await using server = await listen();
    expect((await observePlan({ ...https, port: server.port, timeoutMs: 100 })).tls?.outcome).toBe(
      "timed-out",
    );
  });

  test("a server that answers 400 to ClientHello is no TLS, and its first bytes are kept", async () => {
    await using server = await onFirstBytes((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const { tls } = await observePlan({ ...https, port: server.port });
    expect(tls?.outcome).toBe("not-tls");
    expect(Buffer.from(tls?.firstBytesBase64 ?? "", "base64").toString()).toBe("HTTP/1.1 400 Bad Request");
  });

  test("TLS on a plain port: an alert in answer to the request", async () => {
    await using server = await onFirstBytes((socket) => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 70])));
    const { tls, http } = await observePlan({ port: server.port });
    expect(tls).toBeUndefined();
    expect(http).toMatchObject({
      outcome: "invalid",
      fault: { kind: "invalid-status-line", offset: 0 },
      firstBytesBase64: Buffer.from([21, 3, 1, 0, 2, 2, 70]).toString("base64"),
    });
  });
});

const self = makeCertificate({ commonName: "app.contoso.com", names: ["app.contoso.com"] });

async function over(options: TlsOptions, tls: Partial<TlsOffer>): Promise<ProbeObservation> {
  await using server = await tlsServer(options);
  return await observePlan({ ...https, port: server.port, tls });
}

describe("TLS alerts", () => {
  const v12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
  const v13 = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

  test.each<[string, TlsOptions, Partial<TlsOffer>, string]>([
    ["no common version, the server on 1.3", v13, v12, "protocol_version"],
    ["no common version, the server on 1.2", v12, v13, "protocol_version"],
    [
      "no common cipher in 1.2",
      { ...v12, ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305" },
      {},
      "handshake_failure",
    ],
    ["no common cipher in 1.3", { ...v13, ciphers: "TLS_CHACHA20_POLY1305_SHA256" }, {}, "handshake_failure"],
  ])("%s", async (_what, server, offer, alert) => {
    const { tls, http } = await over(server, offer);
    expect(tls).toMatchObject({ outcome: "alert", alert, chain: undefined });
    expect(http).toBeUndefined();
  });

  test.each([v12, v13])("a client certificate that is demanded: $maxVersion", async (version) => {
    const { tls, http } = await over({ ...version, requestCert: true, rejectUnauthorized: true }, {});
    expect(tls).toMatchObject({ clientCertificateRequested: true, version: version.maxVersion });
    if (version === v12) {
      expect(tls).toMatchObject({ outcome: "alert", alert: "handshake_failure" });
      expect(http).toBeUndefined();
    } else {
      expect(tls).toMatchObject({ outcome: "established", lateAlert: "certificate_required" });
      expect(http?.outcome).toMatch(/-before-first-byte$/);
    }
  });

  test.each([v12, v13])(
    "a client certificate that is asked for, not demanded: $maxVersion",
    async (version) => {
      const { tls, http } = await over({ ...version, requestCert: true, rejectUnauthorized: false }, {});
      expect(tls).toMatchObject({
        outcome: "established",
        clientCertificateRequested: true,
        lateAlert: undefined,
      });
      expect(http?.status).toBe(200);
    },
  );

  test.each([v12, v13])("a name that the server does not know: $maxVersion", async (version) => {
    await using server = await onFirstBytes((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 112])));
    const { tls } = await observePlan({ ...https, port: server.port, sni: "gone.contoso.com", tls: version });
    expect(tls).toMatchObject({ outcome: "alert", alert: "unrecognized_name", sniSent: "gone.contoso.com" });
  });

  test("a server that resets whoever names nothing", async () => {
    await using inner = await tlsServer({ key: self.keyPem, cert: self.pem });
    await using server = await onFirstBytes((socket, hello) => {
      if (!hello.includes("app.contoso.com")) {
        socket.resetAndDestroy();
        return;
      }
      forward(socket, inner.port, hello);
    });
    const silent = await observePlan({ ...https, port: server.port, sni: undefined });
    expect(silent.tls).toMatchObject({ outcome: "reset", sniSent: undefined });
    const named = await observePlan({ ...https, port: server.port });
    expect(named).toMatchObject({ tls: { outcome: "established" }, http: { status: 200 } });
  });

  test("a warning, after which the server goes on", async () => {
    await using inner = await tlsServer();
    await using server = await onFirstBytes((socket, hello) => {
      socket.write(Buffer.from([21, 3, 3, 0, 2, 1, 112]));
      forward(socket, inner.port, hello);
    });
    const { tls, http } = await observePlan({ ...https, port: server.port, tls: v12 });
    expect(tls).toMatchObject({ outcome: "established", warnings: ["unrecognized_name"], alert: undefined });
    expect(http?.status).toBe(200);
  });
});

describe("from an address", () => {
  test("IPv4 over TLS, and the server sees it", async () => {
    const seen: (string | undefined)[] = [];
    await using server = await tlsServer({}, (socket) => {
      seen.push(socket.remoteAddress);
      socket.once("data", () => socket.end(`${ok}\r\n`));
    });
    const { tcp } = await observePlan({ ...https, port: server.port }, {}, { fromAddress: "127.0.0.9" });
    expect(tcp?.localAddress).toBe("127.0.0.9");
    expect(seen).toEqual(["127.0.0.9"]);
  });

  test("IPv6", async () => {
    await using server = await listen((socket) => socket.end(`${ok}\r\n`), "::1");
    const to = { target: "::1", fromAddress: "::1" };
    expect((await observePlan({ port: server.port }, {}, to)).tcp).toMatchObject({
      outcome: "connected",
      localAddress: "::1",
    });
  });

  test.each(["203.0.113.9", "::1"])(
    "one that this machine cannot send from, %s, is not the server's fault",
    async (fromAddress) => {
      await using server = await listen();
      const { tcp } = await observePlan({ port: server.port }, {}, { fromAddress });
      expect(tcp?.outcome).toBe("failed");
      expect(tcp?.errno).toMatch(/^E/);
      expect(server.accepted).toHaveLength(0);
    },
  );
});
