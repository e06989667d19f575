import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { TestCertificate } from "../../support/certificates.ts";
import { gatewayOf } from "./gateway.ts";
import { diagnoseLive, type LiveDiagnosis } from "./live-case.ts";
import { ownAddress } from "./own-address.ts";
import { host, leaf, root } from "./tls-chains.ts";

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
  /** A listener, setting and probe of layer 4 instead. */
  readonly layer4?: boolean;
  readonly words?: readonly string[];
  /** Other servers of the pool, at addresses of their own. */
  readonly beside?: readonly TlsOptions[];
  /** Certificates of which the export holds the names only. */
  readonly withoutData?: true;
  /** What the gateway's own report says of the server. */
  readonly report?: string;
}

const answer = (socket: TLSSocket): void => {
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
};

interface Listener extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

async function listen(
  options: TlsOptions,
  onSocket: (socket: TLSSocket) => void,
  at: number,
): Promise<Listener> {
  const address = ownAddress();
  const server = createServer(options, (socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  }).on("tlsClientError", () => {});
  const transports = new Set<Socket>();
  server.on("connection", (socket) => {
    transports.add(socket);
    socket.on("error", () => {});
  });
  server.listen(at, address);
  await once(server, "listening");
  return {
    address,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of transports) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** TLS servers behind a gateway, diagnosed live. */
export async function seeTls(scene: TlsScene): Promise<LiveDiagnosis> {
  await using started = new AsyncDisposableStack();
  const first = started.use(await listen(scene.server, scene.onSocket ?? answer, 0));
  const members = [scene.member ?? first.address];
  for (const options of scene.beside ?? []) {
    members.push(started.use(await listen(options, answer, first.port)).address);
  }
  const document = documentOf(scene, members, first.port);
  const gateway = scene.layer4 === true ? onLayer4(document, scene) : document;
  const documents = {
    "gateway.json": gateway,
    ...(scene.report !== undefined && {
      "health.json": reportOf(gateway.id, members[0] ?? "", scene.report),
    }),
  };
  const mapping = scene.member === undefined ? [] : ["--backend", `${scene.member}=${first.address}`];
  return await diagnoseLive(documents, [...mapping, ...(scene.words ?? [])]);
}

function reportOf(gatewayId: string, address: string, healthProbeLog: string) {
  const servers = [{ address, health: "Unhealthy", healthProbeLog }];
  const backendHttpSettings = { id: `${gatewayId}/backendHttpSettingsCollection/set-shop` };
  return {
    backendAddressPools: [
      {
        backendAddressPool: { id: `${gatewayId}/backendAddressPools/pool-shop` },
        backendHttpSettingsCollection: [{ backendHttpSettings, servers }],
      },
    ],
  };
}

function documentOf(scene: TlsScene, members: readonly string[], port: number) {
  const v1 = scene.v1 === true;
  const collection = v1 ? "authenticationCertificates" : "trustedRootCertificates";
  const { uploaded = v1 ? { leaf } : { root }, attached = Object.keys(uploaded) } = scene;
  const base = gatewayOf([
    {
      name: "shop",
      host: scene.host ?? host,
      servers: members,
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
      ...(scene.withoutData !== true && { data: der.toString("base64") }),
    })),
    backendHttpSettingsCollection: base.backendHttpSettingsCollection.map((setting) => ({
      ...setting,
      [collection]: attached.map((name) => ({ id: idOf(name) })),
      ...scene.setting,
    })),
  };
}

/** The same pool and port behind a listener that takes connections, not requests. */
function onLayer4(document: ReturnType<typeof documentOf>, scene: TlsScene) {
  const { id, httpListeners, backendHttpSettingsCollection, requestRoutingRules: _rules, ...rest } = document;
  const part = (collection: string): { id: string; name: string } => ({
    id: `${id}/${collection}/shop`,
    name: "shop",
  });
  const { uploaded = { root }, attached = Object.keys(uploaded) } = scene;
  const [listener] = httpListeners;
  const [setting] = backendHttpSettingsCollection;
  const timing = { interval: 30, timeout: 5, unhealthyThreshold: 3 };
  return {
    ...rest,
    id,
    probes: [{ ...part("probes"), protocol: "Tls", ...timing }],
    backendSettingsCollection: [
      {
        ...part("backendSettingsCollection"),
        ...{ protocol: "Tls", port: setting?.port, timeout: 20, hostName: host, probe: part("probes") },
        trustedRootCertificates: attached.map((name) => ({ id: `${id}/trustedRootCertificates/${name}` })),
        ...scene.setting,
      },
    ],
    listeners: [{ ...listener, ...part("listeners"), protocol: "Tcp", hostName: undefined }],
    routingRules: [
      {
        ...part("routingRules"),
        ...{ ruleType: "Basic", priority: 1, listener: part("listeners") },
        backendAddressPool: { id: `${id}/backendAddressPools/pool-shop` },
        backendSettings: part("backendSettingsCollection"),
      },
    ],
  };
}
