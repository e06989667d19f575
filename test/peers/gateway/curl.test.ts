import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { dayMs, makeCertificate } from "../../support/certificates.ts";
import { startNginx } from "../support/nginx.ts";
import { appName, pki, shopName, writeChain } from "../support/pki.ts";
import { freePlaces, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { curl } from "./support/curl.ts";
import { type Served, serve } from "./support/served.ts";

const { leaf, shopLeaf, intermediate, root, otherRoot } = pki;

const nowMs = Date.now();
const valid = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + dayMs };
const client = makeCertificate({ commonName: "client.contoso.example", issuer: root, ...valid });
const stranger = makeCertificate({ commonName: "client.fabrikam.example", issuer: otherRoot, ...valid });

/** Two sites on one TLS listener, one that wants a client certificate, and a plain one that leads to TLS. */
const configuration = ({ port }: Place, addresses: readonly string[]) => `
gateway:
  certificates: { app: {}, shop: {} }
  trustedClientCertificates:
    clients: { data: ${root.der.toString("base64")} }
  sslProfiles:
    mutual: { trustedClientCertificates: [clients], clientAuthConfiguration: {} }
  listeners:
    plain: { port: 80, hosts: [${appName}] }
    app: { port: 443, certificate: app, hosts: [${appName}] }
    shop: { port: 443, certificate: shop, hosts: [${shopName}] }
    mutual: { port: 8443, certificate: app, profile: mutual }
  rules:
    plain: { listener: plain, redirect: { targetListener: app, includePath: true, includeQueryString: true } }
    app: { listener: app, pool: servers }
    shop: { listener: shop, pool: servers }
    mutual: { listener: mutual, pool: servers }
  pools: { servers: [${addresses.join(", ")}] }
  settings:
    servers: { port: ${port}, cookieBasedAffinity: true, probe: { path: /, interval: 1 } }
`;

describe("curl at a gateway with TLS", () => {
  const running = new AsyncDisposableStack();
  let gateway: Served | undefined;
  let folder = "";
  let doors: Readonly<Record<80 | 443 | 8443, Place>> | undefined;

  beforeAll(async () => {
    folder = running.use(peerFolder()).path;
    const [one, two] = [await freePlaces(1), await freePlaces(4)];
    const [first] = one;
    const [other, plain, tls, mutual] = two;
    if (!first || !other || !plain || !tls || !mutual) throw new Error("no free port");
    const second = { ...other, port: first.port, text: `${other.address}:${first.port}` };
    const servers = [first, second].map(
      ({ text }) =>
        `server { listen ${text}; location / { return 200 "$server_addr $request_uri $http_x_forwarded_proto\\n"; } }`,
    );
    running.use(await startNginx(servers, folder, first));
    writeFileSync(join(folder, "root.pem"), root.pem);
    const certificates = [
      `app=${writeChain(folder, "app", [leaf, intermediate])}`,
      `shop=${writeChain(folder, "shop", [shopLeaf, intermediate])}`,
    ];
    doors = { 80: plain, 443: tls, 8443: mutual };
    gateway = running.use(
      await serve(
        configuration(first, [first.address, second.address]),
        folder,
        doors,
        certificates.flatMap((one) => ["--certificate", one]),
      ),
    );
  });

  afterAll(() => running.disposeAsync());

  /** As if the names led to the gateway at its own ports. */
  const ask = (...args: readonly string[]) => {
    onTestFailed(() => console.error(gateway?.log()));
    if (doors === undefined) throw new Error("nothing was started");
    const places = Object.entries(doors).flatMap(([port, { text }]) => ["--connect-to", `:${port}:${text}`]);
    const elsewhere = ["--connect-to", `::${doors[443].address}:`];
    return curl(["--http1.1", "--cacert", join(folder, "root.pem"), ...args, ...places, ...elsewhere]);
  };

  test.each([
    [appName, "CN=app.contoso.example"],
    [shopName, "CN=shop.contoso.example"],
  ])("gets the certificate of %s, which it checks by itself", async (name, subject) => {
    const got = await ask("-v", `https://${name}/cart?item=1`);
    expect([got.code, got.status]).toEqual([0, 200]);
    expect(got.says).toContain(`subject: ${subject}`);
    expect(got.body.toString()).toMatch(/^127\S+ \/cart\?item=1 https\n$/);
  });

  test.each(["1.2", "1.3"])("speaks TLS %s", async (version) => {
    const got = await ask("-v", `--tlsv${version}`, "--tls-max", version, `https://${appName}/`);
    expect(got.says).toContain(`SSL connection using TLSv${version}`);
    expect(got.status).toBe(200);
  });

  test("does not take the certificate of another name", async () => {
    const got = await ask(`https://other.contoso.example/`);
    expect([got.code, got.status]).toEqual([60, 0]);
  });

  test("is sent from the plain listener to that with TLS, path and query kept", async () => {
    const got = await ask("-L", "-v", `http://${appName}/cart?item=1`);
    expect(got.says).toContain("< HTTP/1.1 30");
    // Where clients reach the listener on this machine, not at the port it has in Azure.
    expect(got.says).toContain(`< Location: https://${appName}:${doors?.[443].port}/cart?item=1`);
    expect(got.body.toString()).toMatch(/ \/cart\?item=1 https\n$/);
  });

  test("stays with one server by its cookie, and goes to both without", async () => {
    const servers = async (...args: readonly string[]) => {
      const answers = [];
      for (let times = 0; times < 6; times++) answers.push(await ask(...args, `https://${appName}/`));
      return new Set(answers.map(({ body }) => body.toString().split(" ")[0])).size;
    };
    const jar = join(folder, "cookies.txt");
    expect(await servers("-b", jar, "-c", jar)).toBe(1);
    expect(readFileSync(jar, "utf8")).toContain("ApplicationGatewayAffinity");
    expect(await servers()).toBe(2);
  });

  test("is let in with a certificate of the right issuer, and nobody else is", async () => {
    const own = (certificate: typeof client, name: string) => {
      const path = writeChain(folder, name, [certificate]);
      return ["--cert", path, "--key", path];
    };
    const url = `https://${appName}:8443/`;
    expect(await ask(...own(client, "client"), url)).toMatchObject({ code: 0, status: 200 });
    expect((await ask(url)).status).toBe(400);
    expect((await ask(...own(stranger, "stranger"), url)).status).toBe(400);
  });

  test("that speaks without TLS to a TLS listener is told so", async () => {
    const { status } = await ask("--connect-to", `:81:${doors?.[443].text}`, `http://${appName}:81/`);
    expect(status).toBe(400);
  });
});
