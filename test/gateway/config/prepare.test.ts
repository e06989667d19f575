import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { parseErrorPage } from "../../../src/gateway/config/error-pages.ts";
import {
  parseBackends,
  parseCertificate,
  parseListen,
  parseResolve,
} from "../../../src/gateway/config/options.ts";
import { type PrepareOptions, prepare } from "../../../src/gateway/config/prepare.ts";
import type { PreparedGateway, TlsIdentity } from "../../../src/gateway/config/prepared.ts";
import { selfSignedCertificate } from "../../../src/gateway/config/self-signed.ts";
import { openSslName } from "../../../src/gateway/config/tls-policy.ts";
import { expanded, modelOf } from "../../documents/short/support.ts";
import { makeCertificate, testNowMs, toPem } from "../../support/certificates.ts";
import { sitePfx } from "./site-pfx.ts";

const site = makeCertificate({ commonName: "shop.contoso.com", names: ["shop.contoso.com"] });
const other = makeCertificate({ commonName: "other" });
const { privateKey: rsaKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const files: Readonly<Record<string, string | Buffer>> = {
  "site.pem": site.pem + site.keyPem,
  "site.crt": site.pem,
  "site.key": site.keyPem,
  "other.key": other.keyPem,
  "rsa.key": rsaKey.export({ type: "pkcs8", format: "pem" }).toString(),
  "site.pfx": Buffer.from(sitePfx, "base64"),
  "junk.pem": "nothing",
  "502.html": "<h1>later</h1>",
};

async function prepared(
  short: Record<string, unknown>,
  options: PrepareOptions = {},
): Promise<PreparedGateway> {
  const { id, resource } = expanded(short);
  return prepare(modelOf(id, resource), options, {
    nowMs: testNowMs,
    readFile: async (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error("gone"), { code: "ENOENT" });
      return typeof content === "string" ? Buffer.from(content) : content;
    },
  });
}

const plain = { listeners: { web: { port: 80 } }, pools: { app: ["10.0.1.4", "app.internal"] } };
const inline = { certificates: { site: { data: site.pem + site.keyPem } } };
const secure = { ...plain, ...inline, listeners: { web: { port: 443, certificate: "site" } } };

const listens = (...texts: string[]): PrepareOptions => ({
  listen: texts.map((text) => {
    const mapping = parseListen(text);
    if ("fault" in mapping) throw new Error(mapping.fault);
    return mapping;
  }),
});

function backends(...texts: string[]): PrepareOptions {
  const found = parseBackends(texts);
  if ("fault" in found) throw new Error(found.fault);
  return { backends: found };
}

const told = ({ notServed }: PreparedGateway): string[] =>
  notServed.map(({ what, weight }) => `${what} ${weight}`);

describe("doors", () => {
  test("stand on loopback and the port itself", async () => {
    const { doors, notServed } = await prepared(plain);
    expect(doors).toMatchObject([
      { host: "127.0.0.1", port: 80, frontendPort: 80, protocol: "http", tls: undefined, http2: false },
    ]);
    expect(notServed).toEqual([]);
  });

  test.each([
    ["80=8080", { host: "127.0.0.1", port: 8080 }],
    ["80=0.0.0.0:8080", { host: "0.0.0.0", port: 8080 }],
    ["80=[::1]:0", { host: "::1", port: 0 }],
    ["frontend:80=127.0.0.2:80", { host: "127.0.0.2", port: 80 }],
  ])("--listen %s", async (text, place) => {
    expect((await prepared(plain, listens(text))).doors).toMatchObject([{ ...place, frontendPort: 80 }]);
  });

  test.each([
    [["81=8080"], "--listen: no listener with a rule has the port 81; there is 80"],
    [
      ["other:80=8080"],
      "--listen: no listener with a rule has the port 80 of the frontend other; there is 80",
    ],
    [["80=8080", "80=8081"], "--listen: the port 80 has two places; say one"],
  ])("refuses --listen %s", async (texts, message) => {
    await expect(prepared(plain, listens(...texts))).rejects.toThrow(message);
  });

  test("of two frontends with one port are apart only where the call says so", async () => {
    const short = {
      frontends: { public: null, private: { privateIPAddress: "10.0.0.9" } },
      listeners: { a: { port: 80, frontend: "public" }, b: { port: 80, frontend: "private" } },
      pools: { app: ["10.0.1.4"] },
    };
    const together = await prepared(short);
    expect(together.doors).toHaveLength(1);
    expect(together.notServed).toMatchObject([
      { what: "door-taken", weight: "hole", instead: expect.stringContaining("--listen private:80=") },
    ]);
    const apart = await prepared(short, listens("private:80=127.0.0.2:80"));
    expect(apart.doors.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.0.2"]);
    expect(told(apart)).toEqual([]);
    expect(new Set(apart.doors.map(({ frontend }) => frontend)).size).toBe(2);
  });

  test("a listener of the other protocol on the same port is told", async () => {
    const short = {
      ...inline,
      listeners: {
        a: { port: 8443, certificate: "site" },
        b: { port: 8443, protocol: "Http", host: "b.contoso.com" },
      },
      pools: { app: ["10.0.1.4"] },
    };
    const { doors, notServed } = await prepared(short);
    expect(doors[0]?.listeners.map(({ listener }) => listener.name)).toEqual(["a"]);
    expect(notServed).toMatchObject([{ what: "listener-other-protocol", weight: "hole" }]);
  });

  test("a listener whose protocol is none is not served, not even as plain HTTP", async () => {
    const listeners = { a: { port: 80, host: "a.contoso.com" }, b: { port: 80, protocol: "Htps" } };
    const { doors, notServed } = await prepared({ listeners, pools: { app: ["10.0.1.4"] } });
    expect(doors[0]?.listeners.map(({ listener }) => listener.name)).toEqual(["a"]);
    expect(notServed).toMatchObject([
      { what: "listener-protocol", weight: "hole", says: expect.stringContaining('b is not served: "Htps"') },
    ]);
    const alone = await prepared(
      { ...plain, listeners: { web: { port: 80, protocol: "ws" } } },
      listens("80=0"),
    );
    expect(alone.doors).toEqual([]);
    expect(told(alone)).toEqual(["listener-protocol hole"]);
  });

  const basic = { port: 80 };
  test.each([
    ["two without hosts", { a: basic, b: basic }, ["b gets no requests: a,"]],
    [
      "a host behind all hosts",
      { a: basic, b: { port: 80, host: "b.contoso.com" } },
      ["b gets no requests: a,"],
    ],
    ["a host before all hosts", { a: { port: 80, host: "a.contoso.com" }, b: basic }, []],
    ["all hosts of two ports", { a: basic, b: { port: 81 } }, []],
    [
      "connections",
      { a: { port: 80, protocol: "Tcp" }, b: { port: 80, protocol: "Tcp" } },
      ["b gets no connections: a,"],
    ],
  ])("of listeners on one port says which get nothing: %s", async (_name, listeners, says) => {
    const rules = {
      ra: { listener: "a", pool: "app", priority: 1 },
      rb: { listener: "b", pool: "app", priority: 2 },
    };
    const { notServed } = await prepared({ listeners, rules, pools: { app: ["10.0.1.4"] } });
    const shadowed = notServed.filter(({ what }) => what === "listener-shadowed");
    expect(shadowed.map((one) => one.says)).toEqual(says.map((text) => expect.stringContaining(text)));
  });

  test("HTTP/2 only over TLS", async () => {
    const both = { ...secure, http2: true, listeners: { ...secure.listeners, plain: { port: 80 } } };
    const { doors } = await prepared(both);
    expect(doors.map(({ protocol, http2 }) => [protocol, http2])).toEqual([
      ["https", true],
      ["http", false],
    ]);
    expect(doors[0]?.tls?.identities[0].alpn).toEqual(["h2", "http/1.1"]);
  });
});

describe("certificates", () => {
  const from = async (short: Record<string, unknown>, options: PrepareOptions = {}): Promise<string> => {
    const { doors, notServed } = await prepared(short, options);
    return doors[0]?.tls?.identities[0].certificate ?? notServed[0]?.says ?? "";
  };
  const file = (text: string): PrepareOptions => {
    const read = parseCertificate(text);
    if ("fault" in read) throw new Error(read.fault);
    return { certificates: [read] };
  };
  const keyVault = {
    ...secure,
    certificates: { site: { keyVaultSecretId: "https://contoso.vault.azure.net/secrets/s" } },
  };

  test("in the configuration, from files, made here", async () => {
    expect(await from(secure)).toBe("configuration");
    expect(await from(secure, { selfSigned: true })).toBe("configuration");
    expect(await from(keyVault, file("site=site.pem"))).toBe("file");
    expect(await from(keyVault, file("web=site.crt,site.key"))).toBe("file");
    expect(await from(keyVault, { selfSigned: true })).toBe("self-signed");
  });

  test.each([
    ["a Key Vault", keyVault, {}, "the key of its certificate site is in a Key Vault"],
    [
      "an export",
      { ...secure, certificates: { site: { publicCertData: "MII=" } } },
      {},
      "is not exported by Azure",
    ],
    ["no certificate", { ...plain, listeners: { web: { protocol: "Https" } } }, {}, "it has no certificate"],
    ["another name", { ...secure, certificates: {} }, {}, "its certificate site is not in the configuration"],
    ["junk", { ...secure, certificates: { site: { data: "AAAA" } } }, {}, "it is neither PFX nor PEM"],
  ])("that cannot be served: %s", async (_name, short, options, says) => {
    const { doors, notServed } = await prepared(short, options);
    expect(doors).toEqual([]);
    expect(notServed).toMatchObject([
      { what: "certificate", weight: "hole", says: expect.stringContaining(says) },
    ]);
  });

  test("takes more roots from files; one without a certificate is refused", async () => {
    const { moreRoots } = await prepared(plain, { authorities: ["site.crt"] });
    expect(moreRoots).toHaveLength(1);
    await expect(prepared(plain, { authorities: ["junk.pem"] })).rejects.toThrow(
      "--ca: there is no certificate in junk.pem",
    );
  });

  test.each([
    ["nobody=site.pem", "--certificate: there is no certificate or TLS listener nobody; there is site, web"],
    ["site=gone.pem", "cannot read gone.pem: there is no such file"],
    ["site=junk.pem", "--certificate site: junk.pem cannot be used: it is neither PFX nor PEM"],
    ["site=site.crt,other.key", "site.crt cannot be used: the key is not the key of the certificate"],
    ["site=site.crt,rsa.key", "site.crt cannot be used: the key is not the key of the certificate"],
    ["site=site.crt", "site.crt cannot be used: it has no private key in PEM"],
    ["site=site.key", "site.key cannot be used: it has no certificate in PEM"],
    ["site=site.pfx", "site.pfx cannot be used: it has a password, and the configuration has none for it"],
  ])("refuses --certificate %s", async (text, message) => {
    await expect(prepared(secure, file(text))).rejects.toThrow(message);
  });

  test("PFX, with the right password only", async () => {
    const certificates = (password: string): Record<string, unknown> => ({
      ...secure,
      certificates: { site: { data: sitePfx, password } },
    });
    expect(await from(certificates("s3cret"))).toBe("configuration");
    const wrong = await from(certificates("wr0ng"));
    expect(wrong).toContain("the password is not its password");
    expect(wrong).not.toContain("wr0ng");
  });

  test("made here name what clients call, for a year", () => {
    const made = selfSignedCertificate(["*.contoso.com", "localhost", "127.0.0.1"], testNowMs);
    const x509 = new X509Certificate(made.certificate);
    expect(x509.subjectAltName).toBe("DNS:*.contoso.com, DNS:localhost, IP Address:127.0.0.1");
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.checkHost("shop.contoso.com")).toBe("*.contoso.com");
    expect(x509.ca).toBe(false);
    expect(x509.validFromDate.getTime()).toBeLessThan(testNowMs);
    expect(x509.validToDate.getTime() - testNowMs).toBe(397 * 86_400_000);
  });

  test("are shown in a handshake, with the versions of the policy", async () => {
    const { doors } = await prepared({ ...secure, sslPolicy: "AppGwSslPolicy20170401S" });
    const identity = doors[0]?.tls?.choose("shop.contoso.com") as TlsIdentity;
    const server = createServer((socket) => {
      const secured = new TLSSocket(socket, { isServer: true, secureContext: identity.context });
      secured.on("error", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const client = connectTls({
      port,
      host: "127.0.0.1",
      servername: "shop.contoso.com",
      ca: site.pem,
      rejectUnauthorized: false,
    });
    await once(client, "secureConnect");
    expect(client.getPeerX509Certificate()?.subject).toBe("CN=shop.contoso.com");
    expect(client.getProtocol()).toBe("TLSv1.2");
    client.destroy();
    server.close();
    await once(server, "close");
  });
});

describe("which certificate a client gets", () => {
  const listeners = (basic: boolean, requireServerNameIndication: boolean): Record<string, unknown> => ({
    shop: { port: 443, certificate: "site", host: "shop.contoso.com", requireServerNameIndication },
    wild: { port: 443, certificate: "site", hosts: ["*.contoso.com"], requireServerNameIndication },
    ...(basic ? { any: { port: 443, certificate: "site" } } : {}),
  });
  const chosen = async (
    sku: string,
    basic: boolean,
    required: boolean,
    name: string | undefined,
  ): Promise<string> => {
    const short = { ...inline, sku, listeners: listeners(basic, required), pools: { app: ["10.0.1.4"] } };
    const choice = (await prepared(short)).doors[0]?.tls?.choose(name);
    return choice === "reset" ? choice : (choice?.listener.name ?? "none");
  };

  test.each([
    ["Standard_v2", false, true, "shop.contoso.com", "shop"],
    ["Standard_v2", false, true, "SHOP.contoso.com", "shop"],
    ["Standard_v2", false, true, "a.b.contoso.com", "wild"],
    ["Standard_v2", false, true, "fabrikam.com", "shop"],
    ["Standard_v2", false, true, undefined, "shop"],
    ["Standard_v2", true, true, "fabrikam.com", "any"],
    ["Standard_v2", true, true, undefined, "any"],
    ["Standard_v2", true, true, "shop.contoso.com", "shop"],
    ["Standard_Medium", false, true, "shop.contoso.com", "shop"],
    ["Standard_Medium", false, true, "fabrikam.com", "reset"],
    ["Standard_Medium", false, true, undefined, "reset"],
    ["Standard_Medium", false, false, undefined, "shop"],
    ["Standard_Medium", true, true, undefined, "any"],
  ])("%s, basic %s, all require %s, %s → %s", async (sku, basic, required, name, expected) => {
    expect(await chosen(sku, basic, required, name)).toBe(expected);
  });
});

describe("TLS policies", () => {
  const policy = async (sslPolicy: unknown, sku = "Standard_v2"): Promise<string> => {
    const found = (await prepared({ ...secure, sku, sslPolicy })).doors[0]?.tls?.identities[0].policy;
    return `${found?.minVersion} ${found?.maxVersion} ${found?.ciphers.split(":").length}`;
  };

  test.each([
    [undefined, "Standard_v2", "TLSv1.2 TLSv1.3 10"],
    [undefined, "Standard_Medium", "TLSv1.2 TLSv1.2 16"],
    ["AppGwSslPolicy20220101S", "Standard_v2", "TLSv1.2 TLSv1.3 6"],
    ["AppGwSslPolicy20150501", "Standard_v2", "TLSv1.2 TLSv1.2 16"],
    [
      {
        policyType: "Custom",
        minProtocolVersion: "TLSv1_0",
        cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
      },
      "Standard_v2",
      "TLSv1.2 TLSv1.2 1",
    ],
    [
      {
        policyType: "CustomV2",
        minProtocolVersion: "TLSv1_2",
        cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
      },
      "Standard_v2",
      "TLSv1.2 TLSv1.3 3",
    ],
    [{ policyType: "CustomV2", minProtocolVersion: "TLSv1_3" }, "Standard_v2", "TLSv1.3 TLSv1.3 6"],
  ])("%j on %s", async (written, sku, expected) => {
    expect(await policy(written, sku)).toBe(expected);
  });

  test("what this machine does not know is told", async () => {
    const sslPolicy = {
      policyType: "CustomV2",
      cipherSuites: ["TLS_ECDHE_RSA_WITH_CAMELLIA_9", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
    };
    const { notServed } = await prepared({ ...secure, sslPolicy });
    expect(notServed).toMatchObject([{ what: "tls-policy", says: expect.stringContaining("CAMELLIA_9") }]);
  });

  test.each([
    ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
    ["TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"],
    ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ECDHE-ECDSA-AES256-SHA384"],
    ["TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE-RSA-AES128-GCM-SHA256"],
    ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA"],
    ["TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"],
  ])("%s is %s", (suite, name) => {
    expect(openSslName(suite)).toBe(name);
  });
});

describe("mutual TLS", () => {
  const ca = makeCertificate({ commonName: "Contoso CA", ca: true });
  const withProfile = (data: string, auth: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...secure,
    listeners: { web: { port: 443, certificate: "site", profile: "mutual" } },
    sslProfiles: { mutual: { trustedClientCertificates: ["ca"], clientAuthConfiguration: auth } },
    trustedClientCertificates: { ca: { data } },
  });

  test("has the authorities of the profile", async () => {
    const { doors, notServed } = await prepared(
      withProfile(ca.der.toString("base64"), { verifyClientCertIssuerDN: true }),
    );
    expect(doors[0]?.tls?.identities[0].clients).toMatchObject({
      authorities: [ca.der],
      verifyIssuerName: true,
    });
    expect(notServed).toEqual([]);
  });

  test("without readable authorities lets nobody in", async () => {
    const result = await prepared(withProfile("AAAA"));
    expect(result.doors).toEqual([]);
    expect(told(result)).toEqual(["client-certificates hole"]);
  });

  test("with a profile that is not at hand lets nobody in", async () => {
    const result = await prepared({ ...withProfile(""), sslProfiles: {} });
    expect(result.doors).toEqual([]);
    expect(told(result)).toEqual(["client-certificates hole"]);
    expect(result.notServed[0]?.says).toContain("its SSL profile mutual");
  });

  test("says that OCSP is not asked", async () => {
    const pem = Buffer.from(toPem(ca.der)).toString("base64");
    expect(told(await prepared(withProfile(pem, { verifyClientRevocation: "OCSP" })))).toEqual([
      "certificate-revocation less",
    ]);
  });
});

describe("where servers are", () => {
  test("members before pools, ports before all", async () => {
    const short = { ...plain, settings: { app: { port: 8080 } } };
    const { places, wiring } = await prepared(
      short,
      backends("10.0.1.4:8080=127.0.0.1:3000", "pool/app=127.0.0.1:4000"),
    );
    const [first, second] = wiring.pairs[0]?.servers ?? [];
    if (first === undefined || second === undefined) throw new Error("no servers");
    expect(places.placeOf(first, 8080)).toEqual({ address: "127.0.0.1", port: 3000 });
    expect(places.placeOf(first, 9000)).toEqual({ address: "127.0.0.1", port: 4000 });
    expect(places.placeOf(second, 8080)).toEqual({ address: "127.0.0.1", port: 4000 });
  });

  test("nothing mapped", async () => {
    const { places, wiring } = await prepared(plain);
    const [server] = wiring.pairs[0]?.servers ?? [];
    expect(server && places.placeOf(server, 80)).toBeUndefined();
  });

  test.each([
    ["10.9.9.9=127.0.0.1", "--backend: no pool has the member 10.9.9.9; there is 10.0.1.4, app.internal"],
    ["pool/web=127.0.0.1", "--backend: there is no pool web; there is app"],
  ])("refuses %s", async (text, message) => {
    await expect(prepared(plain, backends(text))).rejects.toThrow(message);
  });

  test("names that the call resolves", async () => {
    const resolve = ["app.internal=127.0.0.1", "APP.internal.=127.0.0.2,::1"].map((text) => {
      const read = parseResolve(text);
      if ("fault" in read) throw new Error(read.fault);
      return read;
    });
    const { names } = await prepared(plain, { resolve });
    expect([...names.known]).toEqual([["app.internal", ["127.0.0.1", "127.0.0.2", "::1"]]]);
  });
});

describe("error pages", () => {
  const pages = {
    customErrorConfigurations: [
      { statusCode: "HttpStatus502", customErrorPageUrl: "https://contoso.com/502.html" },
    ],
  };

  test("are local files; those on the web are told", async () => {
    expect(told(await prepared({ ...plain, ...pages }))).toEqual(["error-page less"]);
    const errorPages = ["502=502.html"].map((text) => {
      const read = parseErrorPage(text);
      if ("fault" in read) throw new Error(read.fault);
      return read;
    });
    const result = await prepared({ ...plain, ...pages }, { errorPages });
    expect(told(result)).toEqual([]);
    expect(result.errorPages.pageFor(undefined, 502)?.toString()).toBe("<h1>later</h1>");
    expect(result.errorPages.pageFor(result.gateway.listeners[0], 502)?.toString()).toBe("<h1>later</h1>");
    expect(result.errorPages.pageFor(undefined, 503)).toBeUndefined();
  });
});

describe("what is not served is told once", () => {
  const rules = (extra: Record<string, unknown>): Record<string, unknown> => ({
    ...plain,
    settings: { app: { port: 80 } },
    rules: { web: { listener: "web", pool: "app", setting: "app" } },
    ...extra,
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ["nothing", rules({}), []],
    ["a WAF policy", rules({ firewallPolicy: "/subscriptions/s/x/waf" }), ["waf less"]],
    ["a WAF", rules({ webApplicationFirewallConfiguration: { enabled: true } }), ["waf less"]],
    ["a WAF that is off", rules({ webApplicationFirewallConfiguration: { enabled: false } }), []],
    ["stopped", rules({ operationalState: "Stopped" }), ["stopped less"]],
    [
      "a listener without rule",
      rules({ listeners: { web: { port: 80 }, spare: { port: 81 } } }),
      ["listener-without-rule hole"],
    ],
    [
      "layer 4",
      rules({
        listeners: { web: { port: 80 }, raw: { port: 5432, protocol: "Tcp" } },
        settings: { app: { port: 80 }, raw: { port: 5432, protocol: "Tcp" } },
        rules: {
          web: { listener: "web", pool: "app", setting: "app" },
          raw: { listener: "raw", pool: "app", setting: "raw" },
        },
      }),
      [],
    ],
    [
      "layer 4 without a rule",
      rules({ listeners: { web: { port: 80 }, raw: { port: 5432, protocol: "Tcp" } } }),
      ["listener-without-rule hole"],
    ],
    [
      "a port that is not there",
      rules({ listeners: { web: { frontendPort: "gone" } } }),
      ["listener-incomplete hole"],
    ],
    [
      "a pool that is not there",
      rules({ rules: { web: { listener: "web", pool: "gone", setting: "app" } } }),
      ["reference hole"],
    ],
    [
      "a probe that is not there",
      rules({ settings: { app: { port: 80, probe: "gone" } } }),
      ["reference less"],
    ],
    [
      "a rewrite that is not there",
      rules({ rules: { web: { listener: "web", pool: "app", rewrite: "gone" } } }),
      ["reference less"],
    ],
    [
      "a rewrite of which parts are not done",
      rules({
        rules: { web: { listener: "web", pool: "app", rewrite: "tidy" } },
        rewrites: {
          tidy: {
            rewriteRules: [
              {
                name: "r",
                ruleSequence: 1,
                conditions: [{ variable: "var_uri_path", pattern: "(?=a)", ignoreCase: true, negate: false }],
                actionSet: {
                  requestHeaderConfigurations: [{ headerName: "X-A", headerValue: "{var_nothing}" }],
                },
              },
            ],
          },
        },
      }),
      ["rewrite less", "rewrite less"],
    ],
    [
      "a rule to nowhere",
      rules({ pools: { a: [], b: [] }, rules: { web: { listener: "web" } } }),
      ["rule-leads-nowhere hole"],
    ],
    [
      "a redirect",
      rules({ rules: { web: { listener: "web", redirect: { targetUrl: "https://contoso.com" } } } }),
      [],
    ],
  ])("%s", async (_name, short, expected) => {
    expect(told(await prepared(short))).toEqual(expected);
  });

  test("members whose interfaces were not exported, unless the pool is mapped", async () => {
    const id =
      "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkInterfaces/n/ipConfigurations/i";
    const short = rules({ pools: { app: { backendIPConfigurations: [{ id }] } } });
    expect(told(await prepared(short))).toEqual(["member-without-address less"]);
    expect(told(await prepared(short, backends("pool/app=127.0.0.1:3000")))).toEqual([]);
  });
});

describe("options", () => {
  test.each<[(text: string) => unknown, string, string]>([
    [parseListen, "80", 'with one "="'],
    [parseListen, "x=80", "a port of the gateway"],
    [parseListen, "0=80", "a port of the gateway"],
    [parseListen, "80=99999", "a port of this machine"],
    [parseListen, "80=localhost:80", "an IP address of this machine"],
    [parseListen, "80=::1:80", "a port of this machine"],
    [parseCertificate, "site.pem", "NAME=FILE"],
    [parseCertificate, "a=b,", "NAME=FILE"],
    [parseCertificate, "a=b,c,d", "NAME=FILE"],
    [parseResolve, "127.0.0.1=127.0.0.2", "a host name"],
    [parseResolve, "app=x", "an IP address"],
    [(text) => parseBackends([text]), "pool/app=x", "an IP address"],
    [(text) => parseBackends([text, text]), "pool/app=127.0.0.1", "one place for the pool app"],
    [parseErrorPage, "501=x", "STATUS=FILE"],
    [parseErrorPage, "502", "STATUS=FILE"],
  ])("%o refuses %s", (parse, text, says) => {
    expect(parse(text)).toMatchObject({ fault: expect.stringContaining(says) });
  });
});

describe("what would be written into heads as it stands", () => {
  const rule = { rules: { web: { listener: "web", pool: "app", setting: "app" } } };
  const withSetting = (more: object) => ({ ...plain, ...rule, settings: { app: { port: 80, ...more } } });

  test.each([
    [
      "a host that ends its line",
      { hostName: "a\r\nX-Admin: yes" },
      /the host name of .* app cannot be sent/,
    ],
    ["a host that is cut down to a line end", { hostName: "a\u010d\u010aX-Admin: yes" }, /the host name/],
    ["a path with a request of its own", { path: "/ HTTP/1.1\r\nHost: b\r\n\r\nGET /" }, /the path of/],
    ["a path of two words", { path: "/a b/" }, /the path of/],
    ["a cookie's name with attributes", { affinityCookieName: "a=b; Domain=contoso.com; c" }, /cookie/],
    ["a cookie's name that ends its line", { affinityCookieName: "a\nSet-Cookie: b" }, /cookie/],
  ])("%s is refused", async (_, more, why) => {
    const refused = prepared(withSetting(more));
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toThrow(/^\P{Cc}+$/u);
  });

  test("what Azure takes is served", async () => {
    const more = {
      hostName: "shop.contoso.com:8080",
      path: "/a%20b/~c;d/",
      affinityCookieName: "ARRAffinity",
    };
    await expect(prepared(withSetting(more))).resolves.toMatchObject({ notServed: [] });
  });
});

test("parts that a route names and the gateway does not have are told by name", async () => {
  const { notServed } = await prepared({
    ...plain,
    rules: { web: { listener: "web", pool: "gone", setting: "lost" } },
  });
  expect(notServed.map(({ says }) => says)).toContain(
    "the route web/web names the pool gone and the setting lost, which the gateway does not have: its requests get an error",
  );
});
