import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { ProbePlan } from "../../src/health/probe-plan.ts";
import type { DnsPhase, ProbeObservation } from "../../src/model/probe-observation.ts";
import { systemClock } from "../../src/probe/clock.ts";
import { connectTcp } from "../../src/probe/connect.ts";
import { resolveName } from "../../src/probe/resolve.ts";
import type { ProbeMeans } from "../../src/probe/send-exchange.ts";
import { type NotSent, type ProbeToSend, sendProbe } from "../../src/probe/send-probe.ts";
import { handshake } from "../../src/wire/tls/handshake.ts";
import { a } from "../support/dns-message.ts";
import { dnsServer, nxdomain } from "../support/dns-server.ts";
import { closedPort, listen } from "../support/listener.ts";
import { planOf } from "../support/probe-plan.ts";
import { tlsServer } from "../support/tls-server.ts";

function send(
  plan: ProbePlan,
  probe: Partial<ProbeToSend> = {},
  means: Partial<ProbeMeans> = {},
): Promise<ProbeObservation | NotSent> {
  return sendProbe(
    { plan, generation: "v2", target: "127.0.0.1", fromAddress: undefined, ...probe },
    {
      resolve: () => Promise.reject(new Error("not to be asked")),
      connect: connectTcp,
      openTls: handshake,
      clock: systemClock,
      userAgent: "causeway/test",
      signal: undefined,
      ...means,
    },
  );
}

async function observe(...args: Parameters<typeof send>): Promise<ProbeObservation> {
  const observation = await send(...args);
  if ("notSent" in observation) throw new Error(observation.notSent);
  return observation;
}

/** A server that answers each request with these bytes and does then what it is told. */
const answering = (bytes: string, then: (socket: Socket) => void = (socket) => socket.end()) =>
  listen((socket) =>
    socket.once("data", () => {
      socket.write(Buffer.from(bytes, "latin1"), () => then(socket));
    }),
  );

const stay = (): void => {};

async function http(bytes: string, then?: (socket: Socket) => void, timeoutS = 5) {
  await using server = await answering(bytes, then);
  return (await observe(planOf({ port: server.port, timeoutS }))).http;
}

describe("what is sent", () => {
  test("GET, HTTP/1.1, the plan's host and path, our name, and a wish to close", async () => {
    let request = "";
    await using server = await listen((socket) =>
      socket.once("data", (data) => {
        request = data.toString("latin1");
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }),
    );
    const observation = await observe(planOf({ port: server.port, path: "/status?x=1" }), {
      fromAddress: "127.0.0.2",
    });
    expect(request).toBe(
      "GET /status?x=1 HTTP/1.1\r\nHost: app.contoso.com\r\nUser-Agent: causeway/test\r\nAccept: */*\r\nConnection: close\r\n\r\n",
    );
    expect(observation).toMatchObject({
      fromAddress: "127.0.0.2",
      sent: { purpose: "probe", method: "GET", target: "127.0.0.1", port: server.port, timeoutMs: 5_000 },
      dns: undefined,
      tcp: { outcome: "connected", localAddress: "127.0.0.2" },
      tls: undefined,
      http: {
        outcome: "answered",
        version: "HTTP/1.1",
        status: 200,
        reason: "OK",
        bytesSent: request.length,
        bodyBytes: 2,
        bodyComplete: true,
        extraBytes: 0,
        endedBy: "server",
      },
    });
    expect(observation.startedAtMs).toBeGreaterThan(0);
  });

  test.each<[string, ProbePlan]>([
    ["port-unknown", planOf({})],
    ["host-rejected", planOf({ port: 80, rejected: true })],
    ["host-unknown", planOf({ port: 80, host: undefined })],
    ["not-writable", planOf({ port: 80, path: "/a b" })],
    ["not-writable", planOf({ port: 80, host: "a\r\nX: y" })],
  ])("nothing: %s", async (notSent, plan) => {
    expect(await send(plan)).toMatchObject({ notSent, detail: expect.any(String) });
  });

  test("layer 4: a connection is all", async () => {
    await using server = await listen();
    const observation = await observe(planOf({ protocol: "Tcp", port: server.port }));
    expect(observation).toMatchObject({ sent: { method: undefined }, tcp: { outcome: "connected" } });
    expect(observation.http).toBeUndefined();
  });
});

describe("names", () => {
  const resolveAt =
    (server: { address: string; port: number }): ProbeMeans["resolve"] =>
    (name, budgetMs, signal) =>
      resolveName(
        {
          name,
          gatewayServers: [server],
          comparisonServers: [],
          types: ["A"],
          budgetMs,
          localAddress: undefined,
        },
        { clock: systemClock, systemLookup: undefined, signal },
      );

  test("are resolved, and the first address is connected to", async () => {
    await using dns = await dnsServer(({ name }) => [a(name, "127.0.0.5"), a(name, "127.0.0.6")]);
    await using server = await listen((socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), "127.0.0.5");
    const plan = planOf({ port: server.port });
    const observation = await observe(plan, { target: "app.contoso.com" }, { resolve: resolveAt(dns) });
    expect(observation).toMatchObject({
      dns: { name: "app.contoso.com", used: ["127.0.0.5", "127.0.0.6"] },
      tcp: { address: "127.0.0.5", outcome: "connected" },
      http: { status: 204 },
    });
  });

  test("without address nothing is connected to", async () => {
    await using dns = await dnsServer(() => nxdomain);
    const plan = planOf({ port: 80 });
    const observation = await observe(plan, { target: "gone.contoso.com" }, { resolve: resolveAt(dns) });
    expect(observation.dns?.answers[0]?.rcode).toBe("NXDOMAIN");
    expect([observation.tcp, observation.tls, observation.http]).toEqual([undefined, undefined, undefined]);
  });

  test("the time they take is taken from the rest", async () => {
    let nowMs = 0;
    const budgets: number[] = [];
    const phase = { used: ["127.0.0.1"] } as unknown as DnsPhase;
    await observe(
      planOf({ port: 1, timeoutS: 5 }),
      { target: "app.contoso.com" },
      {
        clock: { ...systemClock, nowMs: () => nowMs },
        resolve: async (_name, budgetMs) => {
          budgets.push(budgetMs);
          nowMs += 3_000;
          return phase;
        },
        connect: async ({ address, port, timeoutMs }) => {
          budgets.push(timeoutMs);
          const phase = {
            address,
            port,
            outcome: "timed-out",
            errno: undefined,
            localAddress: undefined,
          } as const;
          return { phase: { ...phase, tookMs: 2_000 }, socket: undefined };
        },
      },
    );
    expect(budgets).toEqual([5_000, 2_000]);
  });
});

describe("TCP", () => {
  test("refused", async () => {
    const observation = await observe(planOf({ port: await closedPort() }));
    expect(observation.tcp).toMatchObject({ outcome: "refused", errno: "ECONNREFUSED" });
    expect(observation.http).toBeUndefined();
  });

  test("IPv6", async () => {
    await using server = await listen((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"), "::1");
    const observation = await observe(planOf({ port: server.port }), { target: "::1" });
    expect(observation).toMatchObject({
      tcp: { address: "::1", outcome: "connected" },
      http: { status: 200 },
    });
  });
});

describe("HTTP", () => {
  const ok = "HTTP/1.1 200 OK\r\n";

  test.each<[string, string, ((socket: Socket) => void) | undefined, object]>([
    ["closed before a byte", "", undefined, { outcome: "closed-before-first-byte", endedBy: "server" }],
    [
      "reset before a byte",
      "",
      (socket) => socket.resetAndDestroy(),
      { outcome: "reset-before-first-byte", errno: "ECONNRESET", endedBy: "server" },
    ],
    [
      "closed within the head",
      "HTTP/1.1 200 OK\r\nServ",
      undefined,
      { outcome: "closed-midway", status: undefined, fault: { kind: "truncated", offset: 21 } },
    ],
    [
      "closed within the body",
      `${ok}Content-Length: 5\r\n\r\nabc`,
      undefined,
      { outcome: "closed-midway", status: 200, bodyBytes: 3, bodyComplete: false },
    ],
    [
      "a body until the end",
      `${ok}\r\nabc`,
      undefined,
      { outcome: "answered", bodyBytes: 3, bodyComplete: true },
    ],
    [
      "chunks",
      `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      undefined,
      { outcome: "answered", bodyBytes: 3, endedBy: "server" },
    ],
    [
      "an interim response first",
      `HTTP/1.1 103 Early Hints\r\n\r\n${ok}Content-Length: 0\r\n\r\n`,
      undefined,
      { outcome: "answered", status: 200 },
    ],
    [
      "lengths that contradict",
      `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      stay,
      { outcome: "invalid", fault: { kind: "cl-conflict" }, endedBy: "us" },
    ],
    [
      "a body where there can be none",
      "HTTP/1.1 204 No Content\r\n\r\noops",
      stay,
      { outcome: "invalid", status: 204, fault: { kind: "body-after-no-body-status" } },
    ],
    [
      "another protocol",
      "SSH-2.0-OpenSSH_9.2\r\n",
      stay,
      {
        outcome: "invalid",
        fault: { kind: "invalid-status-line", offset: 0 },
        firstBytesBase64: Buffer.from("SSH-2.0-OpenSSH_9.2").toString("base64"),
      },
    ],
    [
      "bytes after the end",
      `${ok}Content-Length: 1\r\n\r\nabc`,
      undefined,
      { outcome: "answered", bodyBytes: 1, extraBytes: 2 },
    ],
    [
      "a server that does not close",
      `${ok}Content-Length: 1\r\n\r\na`,
      stay,
      { outcome: "answered", bodyComplete: true, endedBy: "us" },
    ],
  ])("%s", async (_what, bytes, then, expected) => {
    expect(await http(bytes, then)).toMatchObject(expected);
  });

  test("a reset midway", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => socket.write(`${ok}Content-Length: 5\r\n\r\nabc`)),
    );
    const connect: ProbeMeans["connect"] = async (...args) => {
      const connected = await connectTcp(...args);
      // Only once the bytes have arrived: what a reset overtakes is lost.
      connected.socket?.once("data", () => setImmediate(() => server.resetAll()));
      return connected;
    };
    const observation = await observe(planOf({ port: server.port }), {}, { connect });
    expect(observation.http).toMatchObject({
      outcome: "reset-midway",
      status: 200,
      errno: "ECONNRESET",
      bodyBytes: 3,
    });
  });

  test("out of time before a byte, and midway", async () => {
    expect(await http("", stay, 0.1)).toMatchObject({
      outcome: "timed-out-before-first-byte",
      endedBy: "us",
      firstByteMs: undefined,
      bytesSent: expect.any(Number),
    });
    expect(await http(`${ok}Content-Length: 5\r\n\r\nabc`, stay, 0.2)).toMatchObject({
      outcome: "timed-out-midway",
      status: 200,
      bodyBytes: 3,
    });
  });

  test("of a long body so much is read as is kept", async () => {
    const phase = await http(`${ok}\r\n${"x".repeat(300_000)}`, stay);
    expect(phase).toMatchObject({ outcome: "answered", bodyComplete: false, endedBy: "us" });
    expect(phase?.bodyBytes).toBeGreaterThan(64 * 1024);
    expect(phase?.bodyBytes).toBeLessThan(300_000);
  });

  test("headers are kept as they came, without secrets", async () => {
    const phase = await http(
      `${ok}SERVER: x\r\nSet-Cookie: ARRAffinity=5f2b; Path=/\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(phase?.headers).toEqual([
      { name: "SERVER", value: "x" },
      { name: "Set-Cookie", value: "(withheld)" },
      { name: "Content-Length", value: "0" },
    ]);
  });

  test("phases follow each other in time", async () => {
    const phase = await http(`${ok}Content-Length: 1\r\n\r\na`);
    const { firstByteMs = 0, completeMs = 0, endedMs = 0 } = phase ?? {};
    expect(firstByteMs).toBeGreaterThan(0);
    expect(completeMs).toBeGreaterThanOrEqual(firstByteMs);
    expect(endedMs).toBeGreaterThanOrEqual(completeMs);
  });

  test("given up when cancelled, under way and before", async () => {
    const controller = new AbortController();
    await using server = await listen((socket) =>
      socket.once("data", () => controller.abort(new Error("enough"))),
    );
    const plan = planOf({ port: server.port });
    const { signal } = controller;
    await expect(send(plan, {}, { signal })).rejects.toThrow("enough");
    await expect(send(plan, {}, { signal })).rejects.toThrow("enough");
  });
});

describe("TLS", () => {
  const https = (port: number, timeoutS = 5): ProbePlan =>
    planOf({ protocol: "Https", port, sni: "app.contoso.com", timeoutS });

  test.each(["v1", "v2"] as const)("a request over TLS, as %s speaks it", async (generation) => {
    await using server = await tlsServer();
    const { tls, http } = await observe(https(server.port), { generation });
    expect(tls).toMatchObject({
      outcome: "established",
      sniSent: "app.contoso.com",
      version: generation === "v1" ? "TLSv1.2" : "TLSv1.3",
      alert: undefined,
      lateAlert: undefined,
      clientCertificateRequested: false,
    });
    const subjects = tls?.chain?.map(
      ({ derBase64 }) => new X509Certificate(Buffer.from(derBase64, "base64")).subject,
    );
    expect(subjects).toEqual(["CN=app.contoso.com", "CN=Contoso Root"]);
    expect(http).toMatchObject({ outcome: "answered", status: 200, bodyBytes: 2, endedBy: "server" });
    expect(server.names).toEqual(["app.contoso.com"]);
  });

  test("a client certificate that is demanded: the alert comes after the handshake", async () => {
    await using server = await tlsServer({ requestCert: true, rejectUnauthorized: true });
    const { tls, http } = await observe(https(server.port));
    expect(tls).toMatchObject({ outcome: "established", clientCertificateRequested: true });
    expect(http?.outcome).not.toBe("answered");
    expect(http?.status).toBeUndefined();
  });

  test("plain HTTP on a port that should speak TLS, with the first bytes", async () => {
    await using server = await answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    const { tls, http } = await observe(https(server.port));
    expect(tls?.outcome).toBe("not-tls");
    expect(Buffer.from(tls?.firstBytesBase64 ?? "", "base64").toString()).toMatch(/^HTTP\/1\.1 400/);
    expect(http).toBeUndefined();
  });

  test("TLS on a port that should speak plain HTTP", async () => {
    await using server = await tlsServer();
    const { tls, http } = await observe(planOf({ port: server.port }));
    expect(tls).toBeUndefined();
    expect(http?.status).toBeUndefined();
    expect(["invalid", "closed-before-first-byte", "reset-before-first-byte"]).toContain(http?.outcome);
  });

  test("a server that accepts and is silent: out of time in the handshake", async () => {
    await using server = await listen();
    const { tcp, tls, http } = await observe(https(server.port, 0.1));
    expect(tcp?.outcome).toBe("connected");
    expect(tls?.outcome).toBe("timed-out");
    expect(http).toBeUndefined();
  });

  test("layer 4 with TLS: the handshake is all", async () => {
    await using server = await tlsServer();
    const { tls, http } = await observe(
      planOf({ protocol: "Tls", port: server.port, sni: "app.contoso.com" }),
    );
    expect(tls?.outcome).toBe("established");
    expect(http).toBeUndefined();
  });
});
