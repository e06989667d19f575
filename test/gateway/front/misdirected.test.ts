import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import { expanded, modelOf } from "../../documents/short/support.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { answers, Backends, freePort, Scene } from "../exchange/scene.ts";

const address = "127.41.9.1";
const people = makeCertificate({ commonName: "Contoso People", ca: true });
const guests = makeCertificate({ commonName: "Contoso Guests", ca: true });
const ada = makeCertificate({ commonName: "ada", issuer: people });

const hostOf = (site: string): string => `${site}.contoso.example`;

/** Sites of one port: the profile each has, and what a rule makes of its requests. */
const profiles: Readonly<Record<string, string | undefined>> = {
  open: undefined,
  people: "people",
  team: "peopleAgain",
  guests: "guests",
  unreadable: "unreadable",
  unknown: "notExported",
};

async function preparedSites(port: number, toPort: number, profileOf = profiles) {
  const names = Object.keys(profileOf);
  const ofSites = <T>(make: (site: string) => T): Record<string, T> =>
    Object.fromEntries(names.map((site) => [site, make(site)]));
  const { id, resource } = expanded({
    name: "agw",
    enableHttp2: true,
    listeners: ofSites((site) => ({
      protocol: "Https",
      port: 443,
      host: hostOf(site),
      ...(profileOf[site] === undefined ? {} : { sslProfile: profileOf[site] }),
    })),
    pools: { web: [address] },
    settings: { web: { port } },
    rules: Object.fromEntries(
      names.map((site, index) => [
        site,
        { listener: site, pool: "web", setting: "web", priority: 10 + index, ruleType: "Basic" },
      ]),
    ),
    trustedClientCertificates: {
      people: { data: people.pem },
      guests: { data: guests.pem },
      broken: { data: "bm8gY2VydGlmaWNhdGU=" },
    },
    sslProfiles: {
      people: { trustedClientCertificates: ["people"] },
      peopleAgain: { trustedClientCertificates: ["people"] },
      guests: { trustedClientCertificates: ["guests"] },
      unreadable: { trustedClientCertificates: ["broken"] },
    },
  });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  return prepare(modelOf(id, resource), { listen, selfSigned: true }, surroundings);
}

const adaShows = { key: ada.keyPem, cert: ada.pem };

async function secured(port: number, site: string, shows = {}): Promise<TLSSocket> {
  const servername = hostOf(site);
  const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false, ...shows });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

/** The status of one request on a connection that stays open. */
async function statusOn(socket: TLSSocket, site: string): Promise<number> {
  socket.write(`GET / HTTP/1.1\r\nHost: ${hostOf(site)}\r\n\r\n`);
  const [chunk] = await once(socket, "data");
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(String(chunk))?.[1]);
}

describe("a Host of another listener than the one the connection was secured for", () => {
  let backends: Backends;
  let scene: Scene;
  let toPort: number;
  beforeAll(async () => {
    backends = await Backends.of({ [address]: answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine") });
    toPort = await freePort();
    scene = await Scene.of(await preparedSites(backends.port, toPort));
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await backends[Symbol.asyncDispose]();
  });

  test.each([
    { sni: "open", host: "open", shows: {}, status: 200 },
    { sni: "people", host: "people", shows: adaShows, status: 200 },
    { sni: "people", host: "team", shows: adaShows, status: 200 },
    { sni: "people", host: "open", shows: adaShows, status: 200 },
    { sni: "open", host: "people", shows: {}, status: 421 },
    { sni: "open", host: "people", shows: adaShows, status: 421 },
    { sni: "nobody", host: "people", shows: {}, status: 421 },
    { sni: "people", host: "guests", shows: adaShows, status: 421 },
    { sni: "open", host: "unreadable", shows: {}, status: 421 },
    { sni: "open", host: "unknown", shows: {}, status: 421 },
    { sni: "people", host: "open", shows: {}, status: 400 },
  ])("$sni by SNI, $host by Host: $status", async ({ sni, host, shows, status }) => {
    const before = backends.connections(address).join("").length;
    const socket = await secured(scene.port, sni, shows);
    expect(await statusOn(socket, host)).toBe(status);
    socket.destroy();
    expect(backends.connections(address).join("").length > before).toBe(status === 200);
    if (status === 421)
      expect(scene.records.at(-1)).toMatchObject({
        ending: "PR",
        errorInfo: "ERRORINFO_INVALID_HOST",
        attempts: [],
      });
  });

  test("nor does a session of one listener open another", async () => {
    const first = await secured(scene.port, "open", { maxVersion: "TLSv1.2" });
    const session = first.getSession();
    expect(session).toBeInstanceOf(Buffer);
    first.destroy();
    const again = await secured(scene.port, "people", { maxVersion: "TLSv1.2", session });
    expect(await statusOn(again, "people")).toBe(400);
    again.destroy();
  });

  test("nor is a stream of HTTP/2 let in by its :authority", async () => {
    const client = connectHttp2(`https://127.0.0.1:${scene.port}`, {
      servername: hostOf("open"),
      rejectUnauthorized: false,
    });
    const statusOf = async (site: string): Promise<unknown> => {
      const stream = client.request({ ":path": "/", ":authority": hostOf(site) });
      stream.resume();
      const [headers] = await once(stream, "response");
      return headers[":status"];
    };
    expect([await statusOf("people"), await statusOf("open")]).toEqual([421, 200]);
    client.destroy();
  });

  test("a reload that begins to ask for certificates holds for connections that are there", async () => {
    const socket = await secured(scene.port, "open");
    expect(await statusOn(socket, "open")).toBe(200);
    await scene.server.reload(await preparedSites(backends.port, toPort, { ...profiles, open: "people" }));
    scene.allUp();
    expect(await statusOn(socket, "open")).toBe(421);
    socket.destroy();
    await scene.server.reload(await preparedSites(backends.port, toPort));
    scene.allUp();
  });
});

test("a listener whose protocol is none gets nothing over the plain port of another", async () => {
  await using backends = await Backends.of({
    [address]: answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"),
  });
  const { id, resource } = expanded({
    listeners: {
      open: { port: 80, host: hostOf("open") },
      secret: { port: 80, host: hostOf("secret"), protocol: "Htps" },
    },
    pools: { web: [address] },
    settings: { web: { port: backends.port } },
  });
  const listen = [{ frontend: undefined, port: 80, host: undefined, toPort: await freePort() }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  await using scene = await Scene.of(await prepare(modelOf(id, resource), { listen }, surroundings));
  const statusOf = async (site: string): Promise<number> => {
    const headers = { Host: hostOf(site) };
    const sent = get({ port: scene.port, host: "127.0.0.1", headers, agent: false });
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  };
  expect([await statusOf("open"), await statusOf("secret")]).toEqual([200, 421]);
});
