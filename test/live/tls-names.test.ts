import { type AddressInfo, createServer } from "node:net";
import { createSecureContext, type TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { authority, certificate, host, intermediate, leaf, root, sending } from "./support/tls-chains.ts";
import { seeTls } from "./support/tls-scene.ts";

const other = "orders.contoso.example";
const whole = sending(leaf, intermediate, root);
const forOther = sending(
  certificate({ commonName: other, names: [other], issuer: intermediate }),
  intermediate,
);
const strangerRoot = authority("Fabrikam Default Root");
const stranger = sending(
  certificate({
    commonName: "default.fabrikam.example",
    names: ["default.fabrikam.example"],
    issuer: strangerRoot,
  }),
  strangerRoot,
);

/** A server that chooses its certificate by the name asked for, and has another for all who ask for none it knows. */
function choosing(byName: Readonly<Record<string, TlsOptions>>, otherwise: TlsOptions): TlsOptions {
  return {
    ...otherwise,
    SNICallback: (name, done) => done(null, createSecureContext(byName[name] ?? otherwise)),
  };
}

/** A server that breaks off for names it does not know. */
function refusing(byName: Readonly<Record<string, TlsOptions>>, otherwise: TlsOptions): TlsOptions {
  return {
    ...otherwise,
    SNICallback: (name, done) => {
      const known = byName[name];
      if (known === undefined) done(new Error("no such name"));
      else done(null, createSecureContext(known));
    },
  };
}

describe("the name the probe asks for", () => {
  test("the certificate is for another one: sent again under that, which is then the fix", async () => {
    const seen = await seeTls({ server: forOther, host: other });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const finding = seen.finding("tls-name-probe");
    expect(finding.certainty).toBe("proven");
    expect(finding.summary).toContain(`is not for ${host}`);
    expect(finding.experiments[0]).toMatchObject({
      changed: "TLS name",
      from: host,
      to: other,
      helped: true,
    });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
    expect(JSON.stringify(finding.fix?.changes)).toContain(other);
  });

  test("probe and traffic have the wrong name from the setting: the setting is changed", async () => {
    const seen = await seeTls({
      server: forOther,
      host,
      setting: { hostName: host },
      probe: { host: undefined, pickHostNameFromBackendHttpSettings: true },
    });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const { fix } = seen.finding("tls-name-probe");
    expect(fix).toMatchObject({ verified: true, triedLive: true });
    expect(fix?.changes).toMatchObject([{ path: "hostName", value: other }]);
  });

  test("a wildcard of one label is not for two: a name that clients use fits it", async () => {
    const server = sending(
      certificate({ commonName: "*.contoso.example", names: ["*.contoso.example"], issuer: intermediate }),
      intermediate,
    );
    const seen = await seeTls({ server, host: other, probe: { host: `deep.${host}` } });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    expect(seen.finding("tls-name-probe").experiments[0]).toMatchObject({ to: other, helped: true });
  });

  test("a wildcard that no known name fits is judged against a name below it", async () => {
    const server = sending(
      certificate({ commonName: "*.fabrikam.example", names: ["*.fabrikam.example"], issuer: intermediate }),
      intermediate,
    );
    const seen = await seeTls({ server });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const finding = seen.finding("tls-name-probe");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({ changed: "name checked", helped: true });
    expect(finding.fix?.changes).toEqual([]);
  });

  test("a server that breaks off for the name takes another", async () => {
    const server = refusing({ [other]: forOther }, whole);
    const seen = await seeTls({ server, host: other });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const finding = seen.finding("tls-name-probe");
    expect(finding.summary).toContain(`refuses ${host}`);
    expect(finding.experiments[0]).toMatchObject({ changed: "TLS name", to: other, helped: true });
    expect(finding.fix).toMatchObject({ verified: true });
  });

  test("an alert that means the name alone: no other name is needed to say so", async () => {
    const address = ownAddress();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      // fatal, unrecognized_name
      socket.once("data", () => socket.end(Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 112])));
    });
    await new Promise<void>((done) => server.listen(0, address, done));
    try {
      const { port } = server.address() as AddressInfo;
      const shop = {
        ...{ name: "shop", servers: [address], port, protocol: "Https" as const },
        probe: { host },
      };
      const seen = await diagnoseLive({ "gateway.json": gatewayOf([shop]) });
      expect(seen.roots).toEqual(["tls-name-probe"]);
      expect(seen.finding("tls-name-probe").summary).toContain(`refuses ${host}`);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test("a v1 gateway asks for the member's name: listing it by another is for people to do", async () => {
    const own = certificate({ commonName: other, names: [other], issuer: intermediate });
    const seen = await seeTls({
      server: sending(own, intermediate),
      v1: true,
      member: host,
      uploaded: { own },
    });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const finding = seen.finding("tls-name-probe");
    expect(finding).toMatchObject({ certainty: "proven", fix: { changes: [] } });
    expect(finding.experiments[0]).toMatchObject({ changed: "TLS name", to: other, helped: true });
    expect(finding.fix?.summary).toContain(other);
  });

  test("on layer 4 the name is the setting's", async () => {
    const seen = await seeTls({ server: forOther, layer4: true });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    const finding = seen.finding("tls-name-probe");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({
      changed: "TLS name",
      from: host,
      to: other,
      helped: true,
    });
    expect(finding.fix).toMatchObject({ verified: true, changes: [{ path: "hostName", value: other }] });
  });

  test("with the check of names off, any name does", async () => {
    const seen = await seeTls({ server: forOther, setting: { validateSNI: false } });
    expect(seen.roots).toEqual([]);
    expect(seen.code).toBe(0);
  });

  test("without experiments it is said what the certificate is for, and not more", async () => {
    const seen = await seeTls({ server: forOther, host: other, words: ["--experiments", "off"] });
    expect(seen.roots).toEqual(["tls-name-probe"]);
    expect(seen.finding("tls-name-probe").certainty).toBe("likely");
    expect(seen.finding("tls-name-probe").summary).toContain(`it is for ${other}`);
  });
});

describe("no name, because the host is an address", () => {
  const byName = choosing({ [host]: whole }, stranger);

  test("the default certificate is not taken for a wrong authority: under a name that clients use all is well", async () => {
    const seen = await seeTls({ server: byName, probe: { host: "10.1.2.3" } });
    expect(seen.roots).toEqual(["tls-ip-no-sni"]);
    const finding = seen.finding("tls-ip-no-sni");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({
      changed: "TLS name",
      from: "none",
      to: host,
      helped: true,
    });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("tls-root-mismatch");
  });

  test("without experiments the default certificate is likely no more than that", async () => {
    const seen = await seeTls({
      server: byName,
      probe: { host: "10.1.2.3" },
      words: ["--experiments", "off"],
    });
    expect(seen.roots).toEqual(["tls-ip-no-sni"]);
    expect(seen.finding("tls-ip-no-sni").certainty).toBe("likely");
  });

  test("a server that sends the same certificate under every name has a wrong authority", async () => {
    const seen = await seeTls({
      server: stranger,
      probe: { host: "10.1.2.3" },
      setting: { hostName: "10.1.2.3" },
    });
    expect(seen.roots).toEqual(["tls-root-mismatch"]);
    expect(seen.finding("tls-root-mismatch").certainty).toBe("proven");
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("tls-ip-no-sni");
  });

  test("a v1 gateway sends no name to members that are addresses", async () => {
    const seen = await seeTls({ server: byName, v1: true });
    expect(seen.roots).toEqual(["tls-ip-no-sni"]);
    expect(seen.finding("tls-ip-no-sni")).toMatchObject({ certainty: "proven", fix: { changes: [] } });
  });

  test("a server with one good certificate needs no name", async () => {
    const seen = await seeTls({ server: whole, probe: { host: "10.1.2.3" } });
    expect(seen.roots).toEqual([]);
  });
});

describe("another name for requests than for the probe", () => {
  test("the certificate has the probe's alone: the request gets through under it", async () => {
    const seen = await seeTls({ server: whole, host: other });
    expect(seen.roots).toEqual(["tls-live-name-mismatch"]);
    expect(seen.routes).toMatchObject([{ outcome: "fails", status: 502 }]);
    const finding = seen.finding("tls-live-name-mismatch");
    expect(finding.certainty).toBe("proven");
    expect(finding.summary).toContain(`ask for ${other} in TLS`);
    expect(finding.experiments[0]).toMatchObject({
      changed: "TLS name",
      from: other,
      to: host,
      helped: true,
    });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
    expect(finding.fix?.changes).toMatchObject([{ path: "sniName", value: host }]);
  });

  test("the certificate for the clients' name has expired: that is what is wrong, for requests alone", async () => {
    const expired = certificate({
      commonName: other,
      names: [other],
      issuer: intermediate,
      notBeforeMs: Date.now() - 60 * 86_400_000,
      notAfterMs: Date.now() - 2 * 86_400_000,
    });
    const server = choosing({ [other]: sending(expired, intermediate) }, whole);
    const seen = await seeTls({ server, host: other });
    expect(seen.roots).toEqual(["tls-expired"]);
    expect(seen.finding("tls-expired")).toMatchObject({ certainty: "proven" });
    expect(seen.routes).toMatchObject([{ outcome: "fails" }]);
  });

  test("a certificate with both names is fine", async () => {
    const both = certificate({ names: [host, other], issuer: intermediate });
    const seen = await seeTls({ server: sending(both, intermediate), host: other });
    expect(seen.roots).toEqual([]);
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("tls-live-name-mismatch");
  });
});
