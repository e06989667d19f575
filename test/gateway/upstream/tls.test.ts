import { connect } from "node:net";
import type { TLSSocket, TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import type { UpstreamTls } from "../../../src/gateway/upstream/target.ts";
import { TrustStore } from "../../../src/health/certificates/trust-store.ts";
import { systemClock } from "../../../src/probe/clock.ts";
import { handshake } from "../../../src/wire/tls/handshake.ts";
import {
  authority,
  certificate,
  host,
  intermediate,
  leaf,
  root,
  sending,
} from "../../live/support/tls-chains.ts";
import { dayMs, type TestCertificate } from "../../support/certificates.ts";
import { listen } from "../../support/listener.ts";
import { tlsServer } from "../../support/tls-server.ts";
import { eventually, ok, type Taking, TestUpstream, type Wish } from "./support.ts";

const offer = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: undefined,
  groups: undefined,
} as const;

function rules(wish: Partial<UpstreamTls["rules"]> = {}): UpstreamTls["rules"] {
  return {
    generation: "v2",
    nameChecked: true,
    chainChecked: true,
    trustedRoots: [root.pem],
    wellKnownRoots: new TrustStore([]),
    authenticationCertificates: [],
    azureService: false,
    ...wish,
  };
}

function tlsUpstream(port: number, wish: Partial<UpstreamTls["rules"]> = {}, more: Wish = {}): TestUpstream {
  return new TestUpstream(port, { ...more, target: { tls: { offer, rules: rules(wish) } } });
}

const answering = (socket: TLSSocket): void => {
  socket.on("data", () => socket.write(ok("secret")));
};

/** One request to a server with these options. */
async function tried(
  options: TlsOptions,
  wish: Partial<UpstreamTls["rules"]> = {},
  sni: string | undefined = host,
): Promise<Taking> {
  await using server = await tlsServer(options, answering);
  using upstream = tlsUpstream(server.port, wish);
  const taking = await upstream.send({ sni }).over;
  taking.attempt?.abort();
  return taking;
}

describe("over TLS", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "%s: sent with the name, answered, used again",
    async (version) => {
      await using server = await tlsServer(
        { ...sending(leaf, intermediate), maxVersion: version },
        answering,
      );
      using upstream = tlsUpstream(server.port);
      const first = await upstream.send({ sni: host }).over;
      // That what was sent is written, TLS may tell only after the answer has come.
      for (let more = 0; more < 8; more++)
        expect((await upstream.send({ sni: host }).over).text).toBe("secret");
      expect(first.text).toBe("secret");
      expect(server.names).toEqual([host]);
      const record = first.attempt?.record();
      expect(record?.tlsMs).toBeGreaterThan(record?.connectedMs ?? Number.NaN);
      const last = await upstream.send({ sni: host }).over;
      expect(last.attempt?.record().connection).toBe("reused");
    },
  );

  test("a connection is used again for the same name only", async () => {
    const both = certificate({ issuer: intermediate, names: [host, "other.contoso.example"] });
    await using server = await tlsServer(sending(both, intermediate), answering);
    using upstream = tlsUpstream(server.port);
    for (const sni of [host, "other.contoso.example", host]) await upstream.send({ sni }).over;
    expect(server.names).toEqual([host, "other.contoso.example"]);
    expect(upstream.counters).toMatchObject({ open: 2, reused: 1 });
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "%s: a session is resumed, for the chain it began with",
    async (version) => {
      const sockets: boolean[] = [];
      await using server = await tlsServer(
        { ...sending(leaf, intermediate), maxVersion: version },
        (socket) => {
          sockets.push(socket.isSessionReused());
          answering(socket);
        },
      );
      using upstream = tlsUpstream(server.port);
      for (let times = 0; times < 3; times++) {
        const taking = await upstream.send({ sni: host }, { fresh: true }).over;
        expect(taking.text).toBe("secret");
      }
      expect(sockets).toEqual([false, true, true]);
    },
  );

  test("bodies both ways", async () => {
    const content = Buffer.alloc(300_000, "abcdefg");
    await using server = await tlsServer(sending(leaf, intermediate), (socket) => {
      let got = 0;
      socket.on("data", (bytes) => {
        got += bytes.length;
        if (got > content.length) {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`);
          socket.write(content);
          got = Number.NEGATIVE_INFINITY;
        }
      });
    });
    using upstream = tlsUpstream(server.port);
    const taking = await upstream.send({ method: "PUT", body: "length", content, sni: host }).over;
    expect(Buffer.concat(taking.body).equals(content)).toBe(true);
    expect(upstream.counters.idle).toBe(1);
  });
});

describe("the chain", () => {
  const nobody = certificate({
    commonName: "other.contoso.example",
    names: ["other.contoso.example"],
    issuer: intermediate,
  });
  test.each<[string, TestCertificate[], Partial<UpstreamTls["rules"]>, string | undefined]>([
    ["whole", [leaf, intermediate, root], {}, undefined],
    ["with strangers in between", [leaf, authority("Fabrikam Root"), intermediate], {}, undefined],
    ["for another name", [nobody, intermediate], {}, "name-mismatch"],
    ["for another name, which is not looked at", [nobody, intermediate], { nameChecked: false }, undefined],
    ["without its intermediate", [leaf], {}, "intermediate-missing"],
    ["of a root nobody uploaded", [leaf, intermediate, root], { trustedRoots: [] }, "private-ca-no-root"],
    ["nobody looks at", [leaf], { chainChecked: false }, undefined],
    [
      "of another root than uploaded",
      [leaf, intermediate, root],
      { trustedRoots: [authority("Fabrikam Root").pem] },
      "wrong-root",
    ],
    [
      "expired",
      [certificate({ issuer: intermediate, notAfterMs: Date.now() - dayMs }), intermediate],
      {},
      "expired",
    ],
    ["that only signs itself", [certificate({})], {}, "self-signed-not-ca"],
    ["v1, unknown", [leaf, intermediate], { generation: "v1" }, "not-an-authentication-certificate"],
    ["v1, known", [leaf], { generation: "v1", authenticationCertificates: [leaf.pem] }, undefined],
  ])("%s", async (_, chain, wish, fault) => {
    const { failure, text } = await tried(sending(...chain), wish);
    if (fault === undefined) {
      expect([failure, text]).toEqual([undefined, "secret"]);
      return;
    }
    expect(failure).toMatchObject({
      kind: "tls-certificate",
      detail: fault,
      nothingSent: true,
      stale: false,
    });
    expect(failure?.chain?.map((der) => der.toString("hex"))).toEqual(
      chain.map(({ der }) => der.toString("hex")),
    );
  });

  test("is refused again and again, and never resumed", async () => {
    await using server = await tlsServer(sending(leaf), answering);
    using upstream = tlsUpstream(server.port);
    for (let times = 0; times < 3; times++) {
      const { failure } = await upstream.send({ sni: host }).over;
      expect(failure).toMatchObject({ kind: "tls-certificate", detail: "intermediate-missing" });
    }
    await eventually(() => upstream.counters.open === 0);
    expect(upstream.counters).toMatchObject({ idle: 0, reused: 0 });
  });

  test("is seen in the order in which the handshake itself has it", async () => {
    const chain = [leaf, root, authority("Fabrikam Root"), intermediate, intermediate];
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      await using server = await tlsServer({ ...sending(...chain), maxVersion }, answering);
      const transport = connect(server.port, "127.0.0.1");
      const { facts, connection } = await handshake(
        { ...offer, serverName: host, alpn: [], timeoutMs: 5_000 },
        { transport, clock: systemClock, signal: undefined },
      );
      connection?.socket.destroy();
      using upstream = tlsUpstream(server.port, { trustedRoots: [] });
      const { failure } = await upstream.send({ sni: host }).over;
      expect(failure?.chain).toHaveLength(5);
      expect(failure?.chain).toEqual(facts.chain);
    }
  });
});

describe("a handshake that fails", () => {
  test("by an alert", async () => {
    const failing: TlsOptions = { SNICallback: (_name, done) => done(new Error("unknown")) };
    await using picky = await tlsServer(failing, answering);
    using upstream = tlsUpstream(picky.port);
    const refused = await upstream.send({ sni: host }).over;
    expect(["tls-alert", "tls-closed"]).toContain(refused.failure?.kind);
    await using alerting = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40]))),
    );
    using other = tlsUpstream(alerting.port);
    const alerted = await other.send({ sni: host }).over;
    expect(alerted.failure).toMatchObject({
      kind: "tls-alert",
      detail: "handshake_failure",
      nothingSent: true,
    });
  });

  test("for want of a certificate of ours, behind the handshake", async () => {
    const ask = { requestCert: true, rejectUnauthorized: true };
    const late = await tried({ ...sending(leaf, intermediate), ...ask, minVersion: "TLSv1.3" });
    expect(["tls-alert", "send-reset", "response-reset"]).toContain(late.failure?.kind);
    expect(late.failure).toMatchObject({ nothingSent: false, stale: false });
  });

  test.each<[string, (socket: import("node:net").Socket) => void, object]>([
    ["plain HTTP", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"), { kind: "tls-not-tls" }],
    ["SSH", (socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n"), { kind: "tls-not-tls" }],
    ["closed", (socket) => socket.end(), { kind: "tls-closed", detail: undefined }],
    [
      "closed after the hello",
      (socket) => socket.once("data", () => socket.end()),
      { kind: "tls-closed", detail: undefined },
    ],
    [
      "reset after the hello",
      (socket) => socket.once("data", () => socket.resetAndDestroy()),
      { kind: "tls-closed", detail: "ECONNRESET" },
    ],
    [
      "broken",
      (socket) => socket.once("data", () => socket.write(Buffer.from([0x16, 3, 3, 0, 4, 2, 0, 0, 0]))),
      { kind: "tls-failed" },
    ],
    ["silent", () => {}, { kind: "tls-timeout" }],
  ])("%s", async (_, onSocket, failure) => {
    await using server = await listen(onSocket);
    using upstream = tlsUpstream(server.port, {}, { limits: { connectMs: 300 } });
    const taking = await upstream.send({ sni: host }).over;
    expect(taking.failure).toMatchObject({ ...failure, nothingSent: true, stale: false });
    await eventually(() => upstream.counters.open === 0);
  });

  test("what is said instead of TLS is found out, once for many", async () => {
    const greeting = "220 mail.contoso.example ESMTP\r\n";
    await using server = await listen((socket) => socket.write(greeting));
    using upstream = tlsUpstream(server.port);
    const takings = await Promise.all(Array.from({ length: 5 }, () => upstream.send({ sni: host }).over));
    for (const { failure } of [...takings, await upstream.send({ sni: host }).over]) {
      expect(failure).toMatchObject({ kind: "tls-not-tls", nothingSent: true });
      expect(failure?.firstBytes?.toString()).toBe(greeting);
    }
    expect(server.accepted.length).toBe(7);
    expect(upstream.counters.requests).toBe(6);
    const given = upstream.send({ sni: host });
    await eventually(() => server.accepted.length === 8);
    given.attempt?.abort();
    await eventually(() => upstream.counters.open === 0);
    expect(given.attempt?.record().failure).toMatchObject({ kind: "aborted", nothingSent: true });
  });

  test("plain text to a server that wants TLS", async () => {
    await using server = await tlsServer();
    using upstream = new TestUpstream(server.port);
    const { failure } = await upstream.send().over;
    expect(["response-closed", "response-reset", "response-invalid"]).toContain(failure?.kind);
  });
});
