import { once } from "node:events";
import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import { V2Lines } from "../../../src/gateway/log/v2-lines.ts";
import { expanded, modelOf } from "../../documents/short/support.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { answers, Backends, freePort, Scene } from "../exchange/scene.ts";

const address = "127.41.4.1";
const people = makeCertificate({ commonName: "Contoso People", ca: true });
const teams = makeCertificate({ commonName: "Contoso Teams", ca: true, issuer: people });
const strangers = makeCertificate({ commonName: "Fabrikam People", ca: true });
const ada = makeCertificate({ commonName: "ada", issuer: people });
const ben = makeCertificate({ commonName: "ben", issuer: teams });
const eve = makeCertificate({ commonName: "eve", issuer: strangers });
const old = makeCertificate({ commonName: "old", issuer: people, notAfterMs: Date.now() - 1000 });
const early = makeCertificate({ commonName: "early", issuer: people, notBeforeMs: Date.now() + 86_400_000 });
const self = makeCertificate({ commonName: "self" });
const notCa = makeCertificate({ commonName: "nobody's issuer", issuer: people });
const child = makeCertificate({ commonName: "child", issuer: notCa });

const server = makeCertificate({ commonName: "server", issuer: people, uses: ["1.3.6.1.5.5.7.3.1"] });
const client = makeCertificate({
  commonName: "client",
  issuer: people,
  uses: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
});

const variables = [
  "client_certificate",
  "client_certificate_subject",
  "client_certificate_issuer",
  "client_certificate_serial",
  "client_certificate_fingerprint",
  "client_certificate_start_date",
  "client_certificate_end_date",
  "client_certificate_verification",
];

const headerOf = (variable: string): string => `X-${variable.replaceAll("_", "-")}`;

async function sceneWith(port: number, profile: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const { id, resource } = expanded({
    name: "agw",
    listeners: { web: { protocol: "Https", port: 443, sslProfile: "people" } },
    pools: { web: [address] },
    settings: { web: { port } },
    rules: { web: { listener: "web", pool: "web", setting: "web", rewriteRuleSet: "who" } },
    trustedClientCertificates: { people: { data: people.pem } },
    sslProfiles: { people: { trustedClientCertificates: ["people"], ...profile } },
    rewriteRuleSets: {
      who: {
        rewriteRules: [
          {
            name: "who",
            ruleSequence: 1,
            actionSet: {
              requestHeaderConfigurations: variables.map((variable) => ({
                headerName: headerOf(variable),
                headerValue: `{var_${variable}}`,
              })),
            },
          },
        ],
      },
    },
  });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort: await freePort() }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  return Scene.of(await prepare(modelOf(id, resource), { listen, selfSigned: true }, surroundings));
}

async function ask(port: number, options: ConnectionOptions): Promise<{ text: string; session?: Buffer }> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  let text = "";
  let session: Buffer | undefined;
  socket.on("session", (one) => {
    session = one;
  });
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await once(socket, "close");
  return session === undefined ? { text } : { text, session };
}

const shows = (one: typeof ada, ...chain: (typeof ada)[]): ConnectionOptions => ({
  key: one.keyPem,
  cert: one.pem + chain.map(({ pem }) => pem).join(""),
});

const row = (scene: Scene): Record<string, string> => {
  const record = scene.records.at(-1);
  if (record === undefined) throw new Error("no record");
  return JSON.parse(new V2Lines({ gatewayId: "agw", worker: 0 }).partsOf(record).join("")).properties;
};

describe("a listener that wants to know its clients", () => {
  let backends: Backends;
  let scene: Scene;
  beforeAll(async () => {
    backends = await Backends.of({ [address]: answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine") });
    scene = await sceneWith(backends.port);
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await backends[Symbol.asyncDispose]();
  });

  test("takes a certificate of its authority, tells servers by rewrites and the log who it is", async () => {
    expect((await ask(scene.port, shows(ada))).text).toMatch(/^HTTP\/1\.1 200 /);
    const sent = backends.connections(address).at(-1) ?? "";
    const header = (variable: string): string | undefined =>
      new RegExp(`\r\n${headerOf(variable)}: ([^\r]*)\r\n`, "i").exec(sent)?.[1];
    expect(header("client_certificate_subject")).toBe("CN=ada");
    expect(header("client_certificate_issuer")).toBe("CN=Contoso People");
    expect(header("client_certificate_verification")).toBe("SUCCESS");
    expect(header("client_certificate_fingerprint")).toMatch(/^[0-9a-f]{40}$/);
    expect(header("client_certificate_serial")).toMatch(/^[0-9A-F]+$/);
    expect(header("client_certificate_start_date")).toMatch(/^[A-Z][a-z]{2} [ \d]\d .* GMT$/);
    expect(header("client_certificate_end_date")).toMatch(/ GMT$/);
    const pem = header("client_certificate") ?? "";
    expect(pem.replaceAll(/-----[^-]*-----|\s/g, "")).toBe(ada.der.toString("base64"));
    expect(row(scene)).toMatchObject({
      sslClientVerify: "SUCCESS",
      sslClientCertificateFingerprint: header("client_certificate_fingerprint"),
      sslClientCertificateIssuerName: "CN=Contoso People",
    });
  });

  test("takes one that is for clients among other things", async () => {
    expect((await ask(scene.port, shows(client))).text).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("takes one whose issuer the client sends along", async () => {
    expect((await ask(scene.port, shows(ben, teams))).text).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("no session stands for a certificate: it is shown anew", async () => {
    const maxVersion = "TLSv1.2";
    for (const options of [shows(ben, teams), { ...shows(ben, teams), maxVersion } as const]) {
      const { session } = await ask(scene.port, options);
      const again = await ask(scene.port, session === undefined ? options : { ...options, session });
      expect(again.text).toMatch(/^HTTP\/1\.1 200 /);
      expect(row(scene)).toMatchObject({ sslClientVerify: "SUCCESS" });
    }
  });

  test.each([
    ["of an unknown authority", shows(eve, strangers), "FAILED:self-signed certificate"],
    ["whose issuer nobody knows", shows(eve), "FAILED:unable to get local issuer certificate"],
    ["whose intermediate was not sent", shows(ben), "FAILED:unable to get local issuer certificate"],
    ["that signed itself", shows(self), "FAILED:self-signed certificate"],
    ["that has expired", shows(old), "FAILED:certificate has expired"],
    ["that is not valid yet", shows(early), "FAILED:certificate is not yet valid"],
    ["for servers only", shows(server), "FAILED:unsuitable certificate purpose"],
    ["issued by no authority", shows(child, notCa), "FAILED:invalid CA certificate"],
  ])("refuses a certificate %s", async (_, options, verify) => {
    expect((await ask(scene.port, options)).text).toMatch(/^HTTP\/1\.1 400 /);
    expect(scene.records.at(-1)).toMatchObject({ status: 400, ending: "PR", attempts: [] });
    expect(row(scene).sslClientVerify).toBe(verify);
  });

  test("refuses a client that shows none, and says so", async () => {
    expect((await ask(scene.port, {})).text).toMatch(/^HTTP\/1\.1 400 /);
    expect(scene.records.at(-1)).toMatchObject({ errorInfo: "ERRORINFO_HTTPS_NO_CERT" });
    expect(row(scene)).toMatchObject({ sslClientVerify: "NONE", sslClientCertificateFingerprint: "" });
  });
});

test("where the issuer's name is checked, it has to be an uploaded one", async () => {
  await using backends = await Backends.of({
    [address]: answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"),
  });
  await using scene = await sceneWith(backends.port, {
    clientAuthConfiguration: { verifyClientCertIssuerDN: true },
  });
  expect((await ask(scene.port, shows(ada))).text).toMatch(/^HTTP\/1\.1 200 /);
  expect((await ask(scene.port, shows(ben, teams))).text).toMatch(/^HTTP\/1\.1 400 /);
  expect(row(scene).sslClientVerify).toBe("FAILED:issuer DN mismatch");
});
