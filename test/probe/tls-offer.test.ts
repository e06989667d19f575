import { describe, expect, test } from "vitest";
import type { TlsOffer } from "../../src/model/exchange-plan.ts";
import type { TlsPhase } from "../../src/model/probe-observation.ts";
import { makeCertificate } from "../support/certificates.ts";
import { observePlan } from "../support/exchange.ts";
import { tlsServer } from "../support/tls-server.ts";

const ca = makeCertificate({ commonName: "Contoso Root", ca: true });
const rsa = makeCertificate({ commonName: "app.contoso.com", issuer: ca, rsaBits: 2048 });
const short = makeCertificate({ commonName: "app.contoso.com", issuer: ca, rsaBits: 1024 });
const rsaServer = { key: rsa.keyPem, cert: rsa.pem + ca.pem };
const only12 = { maxVersion: "TLSv1.2" } as const;

type Options = NonNullable<Parameters<typeof tlsServer>[0]>;

async function handshakeWith(options: Options, tls: Partial<TlsOffer> = {}): Promise<TlsPhase | undefined> {
  await using server = await tlsServer(options);
  return (await observePlan({ protocol: "Https", port: server.port, tls })).tls;
}

describe("suites", () => {
  test("a server that has only DHE: the offer of v2 is refused, that of v1 and all suites are not", async () => {
    const dhe = { ...rsaServer, ...only12, ciphers: "DHE-RSA-AES128-GCM-SHA256", dhparam: "auto" } as const;
    expect(await handshakeWith(dhe)).toMatchObject({ outcome: "alert", alert: "handshake_failure" });
    const v1 = await handshakeWith(dhe, { ciphers: "gateway-v1" });
    expect(v1?.cipher).toBe("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
    expect(await handshakeWith(dhe, { ciphers: "all" })).toMatchObject({
      outcome: "established",
      version: "TLSv1.2",
      cipher: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    });
  });

  test.each([
    ["ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
    ["ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"],
    ["AES256-SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256"],
  ])("the gateway's offer has %s", async (ciphers, cipher) => {
    expect(await handshakeWith({ ...rsaServer, ...only12, ciphers })).toMatchObject({
      outcome: "established",
      cipher,
    });
  });

  test("a suite that only the whole offer has", async () => {
    const chacha = { ...rsaServer, ...only12, ciphers: "ECDHE-RSA-CHACHA20-POLY1305" };
    expect((await handshakeWith(chacha))?.alert).toBe("handshake_failure");
    expect((await handshakeWith(chacha, { ciphers: "all" }))?.outcome).toBe("established");
  });

  test("a short key is no reason of ours to refuse", async () => {
    const server = { key: short.keyPem, cert: short.pem, ciphers: "DEFAULT:@SECLEVEL=0" };
    expect((await handshakeWith(server))?.outcome).toBe("established");
  });
});

describe("versions", () => {
  test.each(["TLSv1", "TLSv1.1"] as const)("a server that knows no better than %s", async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" };
    expect(await handshakeWith(old)).toMatchObject({ outcome: "alert", alert: "protocol_version" });
    const offer = { minVersion: version, maxVersion: "TLSv1.3" } as const;
    for (const ciphers of ["gateway", "all"] as const) {
      expect(await handshakeWith(old, { ...offer, ciphers })).toMatchObject({
        outcome: "established",
        version,
      });
    }
  });

  test("TLS 1.3 and 1.2, each alone", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const phase = await handshakeWith({ minVersion: version, maxVersion: version });
      expect(phase).toMatchObject({ outcome: "established", version });
    }
    const only13 = await handshakeWith({ minVersion: "TLSv1.3" }, only12);
    expect(only13).toMatchObject({ outcome: "alert", alert: "protocol_version" });
  });
});
