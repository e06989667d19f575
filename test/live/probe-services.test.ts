import { once } from "node:events";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcp } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { dayMs, makeCertificate, testNowMs } from "../support/certificates.ts";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { type Answer, answering, httpBackend } from "./support/http-backend.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";

const member = "contoso-shop.azurewebsites.net";
const network = "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network";
const gatewayId = `${network}/applicationGateways/agw-live`;

type Asked = { readonly method: string; readonly path: string; readonly host: string };

const site = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Web/sites/contoso-shop",
  name: "contoso-shop",
  type: "Microsoft.Web/sites",
  state: "Running",
  defaultHostName: member,
  hostNames: [member],
  publicNetworkAccess: "Enabled",
  ...more,
});

/** The server of a test in the place of the site, which has no other ports than 80 and 443. */
function standingFor(at: number, { address, port }: { readonly address: string; readonly port: number }) {
  return ["--backend", `${member}:${at}=${address}:${port}`];
}

function certificateFor(name: string, issuer?: ReturnType<typeof makeCertificate>, ca = false) {
  return makeCertificate({
    commonName: name,
    names: ca ? [] : [name],
    ...(ca ? { ca } : {}),
    ...(issuer === undefined ? {} : { issuer }),
    notBeforeMs: Math.min(Date.now(), testNowMs) - 30 * dayMs,
    notAfterMs: Math.max(Date.now(), testNowMs) + 900 * dayMs,
  });
}

const trustedRoot = { id: `${gatewayId}/trustedRootCertificates/root`, name: "root" };

function trusting({ der }: ReturnType<typeof makeCertificate>) {
  return { trustedRootCertificates: [{ ...trustedRoot, data: der.toString("base64") }] };
}

/** A server that chooses certificate and answer by the name it is asked for. */
async function byName(names: readonly string[], otherwise: string) {
  const ca = certificateFor("Contoso Root", undefined, true);
  const contexts = new Map([...names, otherwise].map((name) => [name, certificateFor(name, ca)]));
  const fallback = contexts.get(otherwise);
  const server = createHttps(
    {
      key: fallback?.keyPem,
      cert: fallback?.pem,
      SNICallback: (name, give) => {
        const own = contexts.get(name) ?? fallback;
        give(null, createSecureContext({ key: own?.keyPem, cert: own?.pem }));
      },
    },
    answering(({ host }) => (names.includes(host) ? 200 : 404)),
  );
  const address = ownAddress();
  server.listen(0, address);
  await once(server, "listening");
  return {
    ca,
    address,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe("an App Service gets the client's host", () => {
  const look = async (says: (asked: Asked) => Answer, hostNames = [member]) => {
    await using server = await httpBackend(answering(says));
    const wish = { name: "shop", servers: [member], port: 80, probe: { host: member } };
    const documents = { "gateway.json": gatewayOf([wish]), "site.json": site({ hostNames }) };
    return await diagnoseLive(documents, standingFor(80, server));
  };

  test("that is not bound, and answers 404: appsvc-host-live", async () => {
    const seen = await look(({ host }) => (host === member ? 200 : 404));
    expect(seen.roots).toEqual(["appsvc-host-live"]);
    expect(seen.finding("appsvc-host-live").certainty).toBe("proven");
    expect(seen.finding("appsvc-host-live").fix).toMatchObject({ verified: true, triedLive: true });
  });

  test("that is bound and answers 404 of its own: not appsvc-host-live", async () => {
    const seen = await look(({ path }) => (path === "/health" ? 200 : 404), [member, "shop.contoso.example"]);
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("appsvc-host-live");
  });

  test("that is served although the export does not list it: not appsvc-host-live", async () => {
    const seen = await look(() => 200);
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("appsvc-host-live");
    expect(seen.roots).toEqual([]);
  });

  test("over TLS, where only its own name has a certificate: appsvc-host-live by experiment", async () => {
    await using server = await byName([member], "waws-prod.azurewebsites.windows.net");
    const wish: LiveBackend = {
      name: "shop",
      servers: [member],
      port: 443,
      protocol: "Https",
      probe: { host: member },
      setting: { trustedRootCertificates: [trustedRoot] },
    };
    const documents = { "gateway.json": gatewayOf([wish], trusting(server.ca)) };
    const seen = await diagnoseLive(documents, standingFor(443, server));
    expect(seen.roots[0]).toBe("appsvc-host-live");
    const finding = seen.finding("appsvc-host-live");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({ changed: "Host", to: member, helped: true });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
  });
});

test("an App Service that answers on a port it should not have is not said to have the wrong one", async () => {
  await using server = await httpBackend(answering(() => 200));
  const wish = {
    name: "shop",
    servers: [member],
    port: 8080,
    probe: { host: member },
    setting: { pickHostNameFromBackendAddress: true },
  };
  const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish]) }, standingFor(8080, server));
  expect(seen.roots).toEqual([]);
});

describe("an App Service answers 403", () => {
  const restricted = site({
    siteConfig: {
      ipSecurityRestrictions: [
        { ipAddress: "198.51.100.0/24", action: "Allow", priority: 100, name: "office" },
      ],
      ipSecurityRestrictionsDefaultAction: "Deny",
    },
  });
  const inSubnet = (addressPrefix: string) => {
    const subnet = { id: `${network}/virtualNetworks/vnet/subnets/agw`, name: "agw", addressPrefix };
    return {
      more: {
        gatewayIPConfigurations: [{ id: `${gatewayId}/gatewayIPConfigurations/ipc`, name: "ipc", subnet }],
      },
      documents: {
        "vnet.json": {
          id: `${network}/virtualNetworks/vnet`,
          name: "vnet",
          type: "Microsoft.Network/virtualNetworks",
          addressSpace: { addressPrefixes: [addressPrefix] },
          dhcpOptions: { dnsServers: [] },
          subnets: [subnet],
        },
        "pip.json": {
          id: `${network}/publicIPAddresses/pip`,
          name: "pip",
          type: "Microsoft.Network/publicIPAddresses",
          sku: { name: "Standard" },
          ipAddress: "203.0.113.9",
        },
      },
    };
  };
  const look = async (status: number, addressPrefix: string, rules: unknown) => {
    await using server = await httpBackend(answering(() => status));
    const { more, documents } = inSubnet(addressPrefix);
    const wish = {
      name: "shop",
      servers: [member],
      port: 80,
      probe: { host: member },
      setting: { pickHostNameFromBackendAddress: true },
    };
    const all = { "gateway.json": gatewayOf([wish], more), "site.json": rules, ...documents };
    return await diagnoseLive(all, standingFor(80, server));
  };

  test("to the gateway's subnet, which no rule admits: appsvc-access-restriction", async () => {
    const seen = await look(403, "127.0.0.0/8", restricted);
    expect(seen.roots[0]).toBe("appsvc-access-restriction");
    expect(seen.finding("appsvc-access-restriction").certainty).toBe("proven");
  });

  test("to this machine, which is not the gateway: appsvc-access-restriction is only likely", async () => {
    const seen = await look(403, "10.40.0.0/24", restricted);
    expect(seen.finding("appsvc-access-restriction").certainty).toBe("likely");
  });

  test("without any rule that denies the gateway: not appsvc-access-restriction", async () => {
    const open = site({
      siteConfig: { ipSecurityRestrictions: [], ipSecurityRestrictionsDefaultAction: "Allow" },
    });
    const seen = await look(403, "127.0.0.0/8", open);
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("appsvc-access-restriction");
  });
});

describe("servers that choose by the name in the handshake", () => {
  const look = async (served: readonly string[], probe: Readonly<Record<string, unknown>> | false) => {
    await using server = await byName(served, "app.contoso.example");
    const wish: LiveBackend = {
      name: "shop",
      servers: [server.address],
      port: server.port,
      protocol: "Https",
      probe,
      setting: { trustedRootCertificates: [trustedRoot] },
    };
    return await diagnoseLive({ "gateway.json": gatewayOf([wish], trusting(server.ca)) });
  };

  test("are asked under another name altogether: probe-host, and the fix holds for the handshake too", async () => {
    const seen = await look(["shop.contoso.example"], {});
    expect(seen.roots).toEqual(["probe-host"]);
    const finding = seen.finding("probe-host");
    expect(finding.experiments[0]).toMatchObject({
      changed: "Host",
      to: "shop.contoso.example",
      helped: true,
    });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
  });

  test("are well", async () => {
    const seen = await look(["shop.contoso.example", "app.contoso.example"], {});
    expect(seen.roots).toEqual([]);
  });
});

describe("servers with names of their own", () => {
  test("answer only under these: the setting has to pick them", async () => {
    const names = ["one.contoso.example", "two.contoso.example"];
    await using one = await httpBackend(answering(({ host }) => (host === names[0] ? 200 : 404)));
    await using two = await httpBackend(
      answering(({ host }) => (host === names[1] ? 200 : 404)),
      one.port,
    );
    const wish = { name: "shop", servers: names, port: one.port, probe: false } as const;
    const seen = await diagnoseLive({ "gateway.json": gatewayOf([wish]) }, [
      ...["--backend", `${names[0]}=${one.address}`],
      ...["--backend", `${names[1]}=${two.address}`],
    ]);
    expect(seen.roots[0]).toBe("probe-default-host");
    expect(seen.finding("probe-default-host").certainty).toBe("proven");
    expect(seen.finding("probe-default-host").fix).toMatchObject({ verified: true, triedLive: true });
  });
});

describe("a layer 4 setting that sends the Proxy protocol header", () => {
  const ca = certificateFor("Contoso Root", undefined, true);
  const own = certificateFor("db.contoso.example", ca);
  const part = (list: string, name: string) => ({ id: `${gatewayId}/${list}/${name}`, name });
  /** `with`: what the header goes in front of. */
  type Sending = { readonly with: "probes" | "connections" };
  const documents = (address: string, port: number, sending: Sending) => ({
    "gateway.json": gatewayOf([], {
      frontendPorts: [{ ...part("frontendPorts", "p"), port: 5432 }],
      trustedRootCertificates: [
        { ...part("trustedRootCertificates", "root"), data: ca.der.toString("base64") },
      ],
      backendAddressPools: [
        { ...part("backendAddressPools", "db"), backendAddresses: [{ ipAddress: address }] },
      ],
      backendSettingsCollection: [
        {
          ...part("backendSettingsCollection", "db"),
          port,
          protocol: "Tls",
          timeout: 20,
          hostName: "db.contoso.example",
          enableL4ClientIpPreservation: sending.with === "connections",
          probe: part("probes", "db"),
          trustedRootCertificates: [part("trustedRootCertificates", "root")],
        },
      ],
      probes: [
        {
          ...part("probes", "db"),
          protocol: "Tls",
          interval: 30,
          timeout: 5,
          unhealthyThreshold: 3,
          enableProbeProxyProtocolHeader: sending.with === "probes",
        },
      ],
      listeners: [
        {
          ...part("listeners", "db"),
          protocol: "Tcp",
          frontendIPConfiguration: part("frontendIPConfigurations", "public"),
          frontendPort: part("frontendPorts", "p"),
        },
      ],
      routingRules: [
        {
          ...part("routingRules", "db"),
          ruleType: "Basic",
          priority: 1,
          listener: part("listeners", "db"),
          backendAddressPool: part("backendAddressPools", "db"),
          backendSettings: part("backendSettingsCollection", "db"),
        },
      ],
    }),
  });

  /** Takes a handshake; one that reads the header takes it off first, where there is one. */
  const look = async (readsHeader: boolean, sending: Sending) => {
    const sockets = new Set<Socket>();
    const speak = (socket: Socket): void => {
      const tls = new TLSSocket(socket, { isServer: true, key: own.keyPem, cert: own.pem });
      tls.on("error", () => socket.destroy());
    };
    const server = createTcp((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      if (!readsHeader) return speak(socket);
      socket.once("data", (bytes: Buffer) => {
        const end = bytes.toString("latin1").startsWith("PROXY ") ? bytes.indexOf("\r\n") + 2 : 0;
        socket.pause();
        if (end < bytes.length) socket.unshift(bytes.subarray(end));
        speak(socket);
      });
    });
    const address = ownAddress();
    server.listen(0, address);
    await once(server, "listening");
    try {
      return await diagnoseLive(documents(address, (server.address() as AddressInfo).port, sending));
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    }
  };

  test("to a server that does not know it: probe-l4-proxy-protocol", async () => {
    const seen = await look(false, { with: "probes" });
    expect(seen.roots[0]).toBe("probe-l4-proxy-protocol");
    const finding = seen.finding("probe-l4-proxy-protocol");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({ changed: "PROXY header", helped: true });
    expect(finding.fix).toMatchObject({ verified: true, triedLive: true });
  });

  test("to a server that reads it: nothing is wrong", async () => {
    const seen = await look(true, { with: "probes" });
    expect(seen.roots).toEqual([]);
    expect(seen.recorded).toHaveLength(2);
    expect(seen.recorded[1]).toContain('"outcome":"established"');
  });

  test("on connections of clients alone, to a server that does not know it: probe-l4-proxy-protocol", async () => {
    const seen = await look(false, { with: "connections" });
    expect(seen.roots).toEqual(["probe-l4-proxy-protocol"]);
    const finding = seen.finding("probe-l4-proxy-protocol");
    expect(finding.certainty).toBe("proven");
    expect(finding.experiments[0]).toMatchObject({ changed: "PROXY header", to: "sent" });
    expect(finding.fix?.changes).toMatchObject([{ path: "enableL4ClientIpPreservation", value: false }]);
  });

  test("on connections of clients alone, to a server that reads it: nothing is wrong", async () => {
    const seen = await look(true, { with: "connections" });
    expect(seen.roots).toEqual([]);
  });
});
