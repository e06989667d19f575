import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/report/text/width.ts";
import { validProbeReport } from "../report/schema.ts";
import { makeCertificate, type TestCertificate } from "../support/certificates.ts";
import { a } from "../support/dns-message.ts";
import { dnsServer, nxdomain } from "../support/dns-server.ts";
import { type BackendWish, liveGateway } from "../support/gateway-document.ts";
import { closedPort, listen } from "../support/listener.ts";
import { folderWith, type Outcome, runCli, type Surroundings } from "./run-cli.ts";

/** Answers every connection with these bytes. */
const answering = (bytes: string, address?: string) =>
  listen((socket) => socket.once("data", () => socket.end(bytes)), address);

const ok =
  "HTTP/1.1 200 OK\r\nServer: contoso\r\nSet-Cookie: id=s3cret; Path=/\r\nContent-Length: 5\r\n\r\nready";
const notFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

async function probe(
  backends: readonly BackendWish[],
  words: readonly string[] = [],
  around: Surroundings = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> {
  using folder = folderWith({ "gateway.json": liveGateway(backends, more) });
  return await runCli(["probe", folder.path, ...words], around);
}

async function tlsServer({ pem, keyPem }: TestCertificate): Promise<AsyncDisposable & { port: number }> {
  const server = createTlsServer({ cert: pem, key: keyPem }, (socket) => {
    socket.on("error", () => {}).once("data", () => socket.end(ok));
  });
  server.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("causeway probe", () => {
  it("0: a server that answers as the probe wants, with all that was sent and seen", async () => {
    await using server = await answering(ok);
    const { port } = server;
    const { code, stdout, stderr } = await probe([
      {
        name: "shop",
        servers: ["127.0.0.1"],
        port,
        probe: { match: { statusCodes: ["200"], body: "ready" } },
      },
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain(`1. 127.0.0.1:${port}\n`);
    expect(stdout).toContain("Http GET /health, Host app.contoso.example, within 5 s");
    expect(stdout).toContain('healthy: status 200 and a body with "ready" in it');
    expect(stdout).toContain("for web/shop (pool-shop~set-shop)");
    expect(stdout).toMatch(new RegExp(`TCP +127\\.0\\.0\\.1 port\\s+${port}`));
    expect(stdout).toMatch(/HTTP +HTTP\/1\.1 200 OK, first byte after/);
    expect(stdout).toContain("Server: contoso");
    expect(stdout).not.toContain("s3cret");
    expect(stdout).toContain("✓ The server answers 200 with the text the probe looks for.");
    expect(stdout).toMatch(/✓ 1 of 1 probe healthy\.\n$/);
    expect(code).toBe(0);
  });

  it("1: a status the probe does not take", async () => {
    await using server = await answering(notFound);
    const { code, stdout } = await probe([{ name: "shop", servers: ["127.0.0.1"], port: server.port }]);
    expect(stdout).toContain("✗ The server answers 404, and the probe takes 200-399.");
    expect(stdout).toMatch(/Azure shows +message status\n/);
    expect(code).toBe(1);
  });

  it("1: a port nobody listens on", async () => {
    const port = await closedPort();
    const { code, stdout } = await probe([{ name: "shop", servers: ["127.0.0.1"], port }]);
    expect(stdout).toContain("refused (ECONNREFUSED)");
    expect(stdout).toContain("✗ Nothing listens on 127.0.0.1");
    expect(stdout).toMatch(/Azure shows +message tcp-new\n/);
    expect(code).toBe(1);
  });

  it("1: a server that takes the request and is silent", async () => {
    await using server = await listen();
    const { code, stdout } = await probe([
      { name: "shop", servers: ["127.0.0.1"], port: server.port, probe: { timeout: 1 } },
    ]);
    expect(stdout).toContain("✗ The server takes the request and does not answer within 1 s.");
    expect(stdout).toMatch(/Azure shows +message probe-timeout\n/);
    expect(code).toBe(1);
  });

  it("1: a certificate signed by itself, and 0 once it may be", async () => {
    const nowMs = Date.now();
    const dates = { notBeforeMs: nowMs - 86_400_000, notAfterMs: nowMs + 86_400_000 };
    const self = makeCertificate({ commonName: "app", names: ["app.contoso.example"], ca: true, ...dates });
    await using server = await tlsServer(self);
    const backend = { name: "shop", servers: ["127.0.0.1"], port: server.port, protocol: "Https" } as const;
    const refused = await probe([backend]);
    expect(refused.stdout).toContain("SNI app.contoso.example");
    expect(refused.stdout).toMatch(/TLS +established, TLSv1\.3/);
    expect(refused.stdout).toContain("1. CN=app, by CN=app, until ");
    expect(refused.stdout).toContain(
      "✗ The gateway does not accept the certificate: the chain ends at CN=app",
    );
    expect(refused.code).toBe(1);
    const root = { id: `${liveGateway([]).id}/trustedRootCertificates/own`, name: "own" };
    const trusted = [{ ...root, data: self.der.toString("base64") }];
    const setting = { trustedRootCertificates: [{ id: root.id }] };
    const more = { trustedRootCertificates: trusted };
    expect(await probe([{ ...backend, setting }], [], {}, more)).toMatchObject({ code: 0 });
    // A root that was not exported may be the one that fits.
    const without = await probe([{ ...backend, setting }], ["-q"]);
    expect(without.stdout.replaceAll(/\s+/g, " ")).toContain("that are not among the documents");
    expect(without.code).toBe(1);
  });

  it("1: a name that does not exist, as the server that is asked says", async () => {
    await using dns = await dnsServer(() => nxdomain);
    const { code, stdout } = await probe(
      [{ name: "shop", servers: ["gone.contoso.example"], port: 80 }],
      ["--dns", `${dns.address}:${dns.port}`],
    );
    expect(stdout).toMatch(/DNS +127\.0\.0\.1:\d+ \(A\): NXDOMAIN/);
    expect(stdout).toContain("✗ The name gone.contoso.example does not exist, says 127.0.0.1:");
    expect(stdout).toMatch(/Azure shows +message dns\n/);
    expect(code).toBe(1);
  });

  it("goes to the address the DNS server gives, from the address that is asked for", async () => {
    await using dns = await dnsServer(({ name }) => [a(name, "127.0.0.3")]);
    await using server = await answering(ok, "127.0.0.3");
    const { code, stdout } = await probe(
      [{ name: "shop", servers: ["app.contoso.example"], port: server.port }],
      ["--dns", `${dns.address}:${dns.port}`, "--from-address", "127.0.0.9"],
    );
    expect(stdout).toContain("from 127.0.0.9: connected");
    expect(dns.seen.map(({ fromAddress }) => fromAddress)).toEqual(["127.0.0.9"]);
    expect(code).toBe(0);
  });

  it("says why something is not sent", async () => {
    const { code, stdout } = await probe(
      [
        { name: "empty", servers: [], port: 80 },
        {
          name: "nic",
          servers: ["127.0.0.1"],
          port: 80,
          probe: { host: undefined, pickHostNameFromBackendHttpSettings: true },
        },
      ],
      [],
    );
    expect(stdout).toContain("? web/empty: its backend pool has no servers");
    expect(stdout).toContain("? Nothing was sent: its probe takes the host name");
    expect(code).toBe(1);
  });

  it("1: there is nobody to ask", async () => {
    const { code, stdout } = await probe([{ name: "empty", servers: [], port: 80 }]);
    expect(stdout).toContain("Nothing: there is no server to probe.");
    expect(stdout).toMatch(/\? 0 of 0 probes healthy\.\n$/);
    expect(code).toBe(1);
  });

  it("sends what is the same for several pairs once", async () => {
    await using server = await answering(ok);
    const backend = { servers: ["127.0.0.1"], port: server.port } as const;
    const { code, stdout } = await probe([
      { ...backend, name: "shop" },
      { ...backend, name: "cart" },
      { ...backend, name: "admin", probe: { path: "/admin" } },
    ]);
    expect(server.accepted).toHaveLength(2);
    expect(stdout).toContain("for web/shop and web/cart (pool-shop~set-shop and pool-cart~set-cart)");
    expect(code).toBe(0);
  });

  it("keeps to the route and the server that are asked for", async () => {
    await using server = await answering(ok);
    const { port } = server;
    const backends: BackendWish[] = [
      { name: "shop", servers: ["127.0.0.1", "127.0.0.2"], port },
      { name: "cart", servers: ["127.0.0.1"], port, probe: { path: "/cart" } },
    ];
    const { stdout } = await probe(backends, ["--route", "web/shop", "--server", "127.0.0.1", "--quiet"]);
    expect(stdout).toMatch(
      /^✓ 127\.0\.0\.1:\d+: The server answers 200, and the probe takes\s+200-399\.\n\n✓ 1 of 1 probe healthy\.\n$/,
    );
    expect(server.accepted).toHaveLength(1);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--route", "web/shp"], /there is no route web\/shp to probe; did you mean web\/shop\?/],
    [["--server", "10.9.9.9"], /there is no server 10\.9\.9\.9 to probe/],
    [["--dns", "ns.contoso.example"], /--dns takes an address/],
    [["--dns", "127.0.0.1:99999"], /--dns takes an address/],
    [["--from-address", "eth0"], /--from-address takes an IP address/],
    [["--format", "markdown"], /--format takes text, json/],
    [["--gateway", "agw-lve"], /did you mean agw-live\?/],
  ];

  it.each(wrong)("2: %j, and nothing is sent", async (words, line) => {
    await using server = await answering(ok);
    const { code, stdout, stderr } = await probe(
      [{ name: "shop", servers: ["127.0.0.1"], port: server.port }],
      words,
    );
    expect(stderr).toMatch(line);
    expect([code, stdout, server.accepted.length]).toEqual([2, "", 0]);
  });

  it("2: no path", async () => {
    expect(await runCli(["probe"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("nothing to probe"),
    });
  });

  it("130: interrupted, with what came back until then", async () => {
    const interruption = new AbortController();
    await using quick = await answering(ok);
    await using silent = await listen((socket) => socket.once("data", () => interruption.abort()));
    const { code, stdout } = await probe(
      [
        { name: "quick", servers: ["127.0.0.1"], port: quick.port },
        { name: "silent", servers: ["127.0.0.1"], port: silent.port, probe: { timeout: 60 } },
      ],
      [],
      { interruption: interruption.signal },
    );
    expect(stdout).toContain("? It was interrupted.");
    expect(code).toBe(130);
  });
});

describe("how causeway probe writes", () => {
  it("JSON as its schema says, without secrets and bodies", async () => {
    await using server = await answering(ok);
    await using dns = await dnsServer(() => nxdomain);
    const { port } = server;
    const { code, stdout } = await probe(
      [
        { name: "shop", servers: ["127.0.0.1", "gone.contoso.example"], port },
        { name: "empty", servers: [], port },
      ],
      ["--format", "json", "--dns", `${dns.address}:${dns.port}`],
    );
    expect(validProbeReport(stdout)).toMatchObject({
      format: "causeway/probe/v1",
      probes: [
        {
          address: "127.0.0.1",
          plan: { port, host: "app.contoso.example", healthyStatuses: "200-399", sni: null },
          noResult: null,
          verdict: { outcome: "healthy", messages: ["ok"] },
          observation: { dns: null, tls: null, http: { status: 200 } },
        },
        { verdict: { kind: "name-not-found" }, observation: { tcp: null, http: null } },
      ],
      withoutServer: [{ route: "web/empty", why: "pool-empty" }],
    });
    expect(stdout).not.toMatch(/s3cret|bodyBase64|ready/);
    expect(code).toBe(1);
  });

  it("a file, whole", async () => {
    await using server = await answering(notFound);
    const document = liveGateway([{ name: "shop", servers: ["127.0.0.1"], port: server.port }]);
    using folder = folderWith({ "gateway.json": document });
    const target = join(folder.path, "probe.txt");
    const { code, stdout } = await runCli(["probe", join(folder.path, "gateway.json"), "-o", target]);
    expect([code, stdout]).toEqual([1, ""]);
    const text = readFileSync(target, "utf8");
    expect(text).toMatch(/What the gateway would send[\s\S]*answers 404/);
  });

  it("keeps to 80 columns, to ASCII when asked, and to no colour when piped", async () => {
    const evil = "x".repeat(200);
    await using server = await answering(
      `HTTP/1.1 500 \u001b[2J${evil}\r\nX-${evil}: ${evil}\r\nContent-Length: 0\r\n\r\n`,
    );
    const backends: BackendWish[] = [
      {
        name: `shop-${evil}`,
        servers: ["127.0.0.1", `${"a".repeat(60)}.contoso.example`],
        port: server.port,
      },
    ];
    const { stdout } = await probe(backends, ["--verbose", "--ascii"]);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
    for (const line of stdout.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
    const around = { columns: 80, env: { LANG: "C.UTF-8", TERM: "xterm" } };
    expect((await probe(backends, [], around)).stdout).toContain("\u001b[");
    expect((await probe(backends, ["--no-color"], around)).stdout).not.toContain("\u001b");
  });
});
