import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import {
  type CertificateWish,
  dayMs,
  makeCertificate,
  type TestCertificate,
  testNowMs,
} from "../../support/certificates.ts";
import { gatewayOf } from "./gateway.ts";
import { diagnoseLive, type LiveDiagnosis, ownAddress } from "./live-case.ts";

/** The name that probe, listener and, unless told otherwise, certificates have. */
export const host = "app.contoso.example";

/** Both at the moment of sending and at the one the tests are asked in. */
const moments = [Date.now(), testNowMs];
const period = {
  notBeforeMs: Math.min(...moments) - 30 * dayMs,
  notAfterMs: Math.max(...moments) + 3650 * dayMs,
};

/** A certificate of which only what is wished is out of the ordinary: valid now, for `host`, no authority. */
export function certificate(wish: CertificateWish): TestCertificate {
  return makeCertificate({ ...period, commonName: host, names: [host], ...wish });
}

export function authority(commonName: string, wish: CertificateWish = {}): TestCertificate {
  return makeCertificate({ ...period, commonName, ca: true, ...wish });
}

export const root = authority("Contoso Root");
export const intermediate = authority("Contoso Issuing", { issuer: root });
export const leaf = certificate({ issuer: intermediate });

/** A server's certificates in the order given; the key is that of the first. */
export function sending(...chain: readonly TestCertificate[]): TlsOptions {
  return { key: chain[0]?.keyPem, cert: chain.map(({ pem }) => pem).join("") };
}

export interface TlsScene {
  readonly server: TlsOptions;
  readonly onSocket?: (socket: TLSSocket) => void;
  /** A name instead of the server's address. */
  readonly member?: string;
  readonly host?: string;
  readonly probe?: Readonly<Record<string, unknown>>;
  readonly setting?: Readonly<Record<string, unknown>>;
  /** Uploaded to the gateway, by name; those in `attached` are attached to the setting. The root unless given. */
  readonly uploaded?: Readonly<Record<string, TestCertificate>>;
  readonly attached?: readonly string[];
  readonly v1?: boolean;
  readonly words?: readonly string[];
}

const answer = (socket: TLSSocket): void => {
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
};

/** One TLS server behind a gateway, diagnosed live. */
export async function seeTls(scene: TlsScene): Promise<LiveDiagnosis> {
  const address = ownAddress();
  const server = createServer(scene.server, (socket) => {
    socket.on("error", () => {});
    (scene.onSocket ?? answer)(socket);
  }).on("tlsClientError", () => {});
  const transports = new Set<Socket>();
  server.on("connection", (socket) => {
    transports.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, address);
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const { member } = scene;
    const mapping = member === undefined ? [] : ["--backend", `${member}=${address}`];
    return await diagnoseLive({ "gateway.json": documentOf(scene, member ?? address, port) }, [
      ...mapping,
      ...(scene.words ?? []),
    ]);
  } finally {
    for (const socket of transports) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function documentOf(scene: TlsScene, member: string, port: number) {
  const v1 = scene.v1 === true;
  const collection = v1 ? "authenticationCertificates" : "trustedRootCertificates";
  const { uploaded = v1 ? { leaf } : { root }, attached = Object.keys(uploaded) } = scene;
  const base = gatewayOf([
    {
      name: "shop",
      host: scene.host ?? host,
      servers: [member],
      port,
      protocol: "Https",
      probe: { host, ...scene.probe },
    },
  ]);
  const idOf = (name: string): string => `${base.id}/${collection}/${name}`;
  return {
    ...base,
    ...(v1 && { sku: { name: "Standard_Medium", tier: "Standard", capacity: 2 } }),
    [collection]: Object.entries(uploaded).map(([name, { der }]) => ({
      id: idOf(name),
      name,
      data: der.toString("base64"),
    })),
    backendHttpSettingsCollection: base.backendHttpSettingsCollection.map((setting) => ({
      ...setting,
      [collection]: attached.map((name) => ({ id: idOf(name) })),
      ...scene.setting,
    })),
  };
}
