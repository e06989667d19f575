import { createServer as createHttp2 } from "node:http2";
import { createServer as createTls, type TlsOptions } from "node:tls";
import { gatewayOf, type LiveBackend } from "./gateway.ts";
import { answering } from "./http-backend.ts";
import { ownAddress } from "./own-address.ts";
import { plain, rawServer } from "./raw-server.ts";
import { closedPortAt, httpAt, type Listening, listenAt, rawAt } from "./servers.ts";
import { authority, certificate, sending } from "./tls-chains.ts";

/** A route that is broken in its own way, and the cause of it. */
export interface BrokenRoute {
  readonly name: string;
  readonly cause: string;
}

/** A gateway every route of which fails for another reason, and its servers. */
export interface BrokenWorld extends AsyncDisposable {
  readonly documents: Readonly<Record<string, unknown>>;
  readonly routes: readonly BrokenRoute[];
  /** Requests without which nobody sees what is wrong: the probes of their routes are fine. */
  readonly clientUrls: readonly string[];
}

interface Broken extends BrokenRoute {
  readonly backend: Omit<LiveBackend, "name" | "probe"> & {
    readonly probe?: Readonly<Record<string, unknown>>;
  };
  /** Attached to its setting. */
  readonly root?: Buffer;
  readonly server?: AsyncDisposable;
}

const dayMs = 86_400_000;

/** Routes of which only one request fails. */
const ofRequests = ["reports", "news", "upload"];

/** Starts all of them; `await using` ends them. */
export async function brokenWorld(): Promise<BrokenWorld> {
  const all = await Promise.all(makers.map((make) => make()));
  const gateway = gatewayOf(
    all.map(({ name: route, backend, root }) => ({
      name: route,
      ...backend,
      probe: { host: nameOf(route), timeout: 10, ...backend.probe },
      setting: {
        requestTimeout: 10,
        ...(root !== undefined && { trustedRootCertificates: [{ id: rootId(route) }] }),
        ...backend.setting,
      },
    })),
    {
      trustedRootCertificates: all.flatMap(({ name: route, root }) =>
        root === undefined
          ? []
          : [{ id: rootId(route), name: `root-${route}`, data: root.toString("base64") }],
      ),
    },
  );
  return {
    documents: { "gateway.json": gateway },
    routes: all.map(({ name: route, cause }) => ({ name: route, cause })),
    clientUrls: ofRequests.map((route) => `http://${nameOf(route)}/list`),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map(({ server }) => server?.[Symbol.asyncDispose]()));
    },
  };
}

const nameOf = (route: string): string => `${route}.contoso.example`;
const rootId = (route: string): string =>
  `/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network/applicationGateways/agw-live/trustedRootCertificates/root-${route}`;
const place = ({ address, port }: Listening) => ({ servers: [address], port });

/** A TLS server that answers every request. */
function tlsAt(options: TlsOptions): Promise<Listening> {
  const server = createTls(options, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  });
  return listenAt(
    server.on("tlsClientError", () => {}),
    ownAddress(),
  );
}

/** A TLS server whose root is attached to its setting. */
async function trusted(name: string, cause: string, options: TlsOptions, root: Buffer): Promise<Broken> {
  const server = await tlsAt(options);
  return { name, cause, backend: { ...place(server), protocol: "Https" }, root, server };
}

const makers: readonly (() => Promise<Broken>)[] = [
  async () => {
    const address = ownAddress();
    const port = await closedPortAt(address);
    return { name: "orders", cause: "tcp-refused", backend: { servers: [address], port } };
  },
  async () => {
    const address = ownAddress();
    const server = await httpAt(
      address,
      answering(() => 200),
      8080,
    );
    const port = await closedPortAt(address);
    return { name: "stock", cause: "port-wrong", backend: { servers: [address], port }, server };
  },
  async () => {
    const server = await httpAt(
      ownAddress(),
      answering(({ path }) => (path === "/" ? 200 : 404)),
    );
    return { name: "cart", cause: "probe-path", backend: place(server), server };
  },
  async () => {
    const known = nameOf("login");
    const server = await httpAt(
      ownAddress(),
      answering(({ host }) => (host === known ? 200 : 404)),
    );
    const backend = { ...place(server), probe: { host: "old.contoso.example" } };
    return { name: "login", cause: "probe-host", backend, server };
  },
  async () => {
    const login = { status: 401, fields: { "WWW-Authenticate": "Basic realm=blog" } };
    const server = await httpAt(
      ownAddress(),
      answering(({ path }) => (path === "/" ? 200 : login)),
    );
    return { name: "blog", cause: "probe-auth", backend: place(server), server };
  },
  async () => {
    const slow = { status: 200, afterMs: 1_600 };
    const server = await httpAt(
      ownAddress(),
      answering(({ path }) => (path === "/" ? 200 : slow)),
    );
    const backend = { ...place(server), probe: { timeout: 1 }, setting: { requestTimeout: 5 } };
    return { name: "search", cause: "probe-timeout-short", backend, server };
  },
  async () => {
    const slow = { status: 200, afterMs: 1_600 };
    const server = await httpAt(
      ownAddress(),
      answering(({ path }) => (path === "/list" ? slow : 200)),
    );
    const backend = { ...place(server), setting: { requestTimeout: 1 } };
    return { name: "reports", cause: "timeout-v2", backend, server };
  },
  async () => {
    const server = await rawAt(ownAddress(), (socket) => void socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    return { name: "mail", cause: "backend-not-http", backend: place(server), server };
  },
  async () => {
    const server = createHttp2((_, response) => response.end("fine"));
    server.on("sessionError", () => {});
    const listening = await listenAt(server as unknown as Parameters<typeof listenAt>[0], ownAddress());
    return { name: "chat", cause: "http2-grpc-only", backend: place(listening), server: listening };
  },
  async () => {
    const half = "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nonly this";
    const server = await rawServer(({ path }) =>
      path === "/list" ? { bytes: half, ends: "reset" } : plain(200),
    );
    return { name: "upload", cause: "http-reset-midway", backend: place(server), server };
  },
  async () => {
    const server = await rawServer(({ path }) =>
      path === "/list" ? { ...plain(504, "too late"), afterMs: 2_000 } : plain(200),
    );
    const backend = { ...place(server), setting: { requestTimeout: 8 } };
    return { name: "news", cause: "timeout-inner", backend, server };
  },
  async () => {
    const large = `X-Session: ${"a".repeat(30_000)}`;
    const server = await rawServer(() => plain(200, "fine", [large, large, large]));
    return { name: "files", cause: "http-header-too-big", backend: place(server), server };
  },
  async () => {
    const server = await rawServer(() => ({
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine",
    }));
    return { name: "feeds", cause: "http-invalid-header", backend: place(server), server };
  },
  async () => {
    const server = await tlsAt(sending(certificate({ names: [nameOf("legacy")] })));
    return { name: "legacy", cause: "protocol-http-to-tls", backend: place(server), server };
  },
  async () => {
    const server = await httpAt(
      ownAddress(),
      answering(() => 200),
    );
    const backend = { ...place(server), protocol: "Https" as const };
    return { name: "plain", cause: "protocol-tls-to-http", backend, server };
  },
  async () => {
    const root = authority("Fabrikam Root");
    const now = Date.now();
    const old = certificate({
      names: [nameOf("pay")],
      issuer: root,
      notBeforeMs: now - 400 * dayMs,
      notAfterMs: now - 2 * dayMs,
    });
    return trusted("pay", "tls-expired", sending(old, root), root.der);
  },
  async () => {
    const root = authority("Northwind Root");
    const leaf = certificate({ names: [nameOf("media")], issuer: root });
    const server = await tlsAt(sending(leaf, root));
    const backend = { ...place(server), protocol: "Https" as const };
    return { name: "media", cause: "tls-private-ca-no-root", backend, server };
  },
  async () => {
    const root = authority("Tailspin Root");
    const leaf = certificate({ names: [nameOf("maps")], issuer: root });
    const options = {
      ...sending(leaf, root),
      minVersion: "TLSv1.1" as const,
      maxVersion: "TLSv1.1" as const,
      ciphers: "DEFAULT:@SECLEVEL=0",
    };
    return trusted("maps", "tls-version", options, root.der);
  },
  async () => {
    const root = authority("Proseware Root");
    const leaf = certificate({ names: [nameOf("vault")], issuer: root });
    const options = { ...sending(leaf, root), requestCert: true, rejectUnauthorized: true };
    return trusted("vault", "tls-client-cert-required", options, root.der);
  },
];
