import { createServer as createHttp2 } from "node:http2";
import type { Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import { gatewayOf, type LiveBackend } from "./support/gateway.ts";
import { answering } from "./support/http-backend.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { ownAddress } from "./support/own-address.ts";
import { closedPortAt, httpAt, listenAt, rawAt } from "./support/servers.ts";

interface Arranged {
  readonly documents: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
}

interface TcpCase {
  readonly name: string;
  /** Starts what is asked; all of it ends with the stack. */
  readonly arrange: (stack: AsyncDisposableStack) => Promise<Arranged>;
  /** The first root; undefined = there is none. */
  readonly root: string | undefined;
  readonly certainty?: "proven" | "likely";
  readonly helped?: { readonly changed: string; readonly to?: string };
  /** The fix was sent to the server before it was printed. */
  readonly triedLive?: boolean;
  /** Causes that are found, and folded under a root. */
  readonly contributing?: readonly string[];
  /** Causes that must not be roots. */
  readonly not: readonly string[];
}

const leaf = makeCertificate({ commonName: "app.contoso.example", names: ["app.contoso.example"] });
const healthy = answering(({ path }) => (path === "/health" || path === "/" ? 200 : 404));
const documentsOf = (...backends: readonly LiveBackend[]) => ({ "gateway.json": gatewayOf(backends) });

/** One backend whose server speaks bytes of its own. */
const speaking =
  (answer: (socket: Socket) => void, wish: Partial<LiveBackend> = {}, words: readonly string[] = []) =>
  async (stack: AsyncDisposableStack): Promise<Arranged> => {
    const { address, port } = stack.use(await rawAt(ownAddress(), answer));
    return { documents: documentsOf({ name: "shop", servers: [address], port, ...wish }), words };
  };

/** Two backends with their own servers; of the first, only another port may be open. */
const otherPort =
  (open: boolean) =>
  async (stack: AsyncDisposableStack): Promise<Arranged> => {
    const pay = stack.use(await httpAt(ownAddress(), healthy));
    const address = ownAddress();
    if (open) stack.use(await httpAt(address, healthy, pay.port));
    const port = await closedPortAt(address);
    return {
      documents: documentsOf(
        { name: "shop", servers: [address], port },
        { name: "pay", servers: [pay.address], port: pay.port },
      ),
    };
  };

/** Probe and requests on two ports, of which some are open. */
const twoPorts =
  (open: { readonly probe: boolean; readonly requests: boolean }) =>
  async (stack: AsyncDisposableStack): Promise<Arranged> => {
    const address = ownAddress();
    const portOf = async (isOpen: boolean): Promise<number> =>
      isOpen ? stack.use(await httpAt(address, healthy)).port : closedPortAt(address);
    const probePort = await portOf(open.probe);
    const port = await portOf(open.requests);
    return { documents: documentsOf({ name: "shop", servers: [address], port, probe: { port: probePort } }) };
  };

/** A third rule that joins the pool of one application with the setting of another. */
const copiedRule =
  (open: boolean) =>
  async (stack: AsyncDisposableStack): Promise<Arranged> => {
    const shop = stack.use(await httpAt(ownAddress(), healthy));
    const pay = stack.use(await httpAt(ownAddress(), healthy));
    const address = ownAddress();
    if (open) stack.use(await httpAt(address, healthy, shop.port));
    const gateway = gatewayOf([
      { name: "shop", servers: [shop.address], port: shop.port },
      { name: "pay", servers: [pay.address], port: pay.port },
      { name: "old", servers: [address], port: shop.port },
    ]);
    const text = JSON.stringify(gateway.requestRoutingRules).replaceAll("set-old", "set-pay");
    return { documents: { "gateway.json": { ...gateway, requestRoutingRules: JSON.parse(text) } } };
  };

const onLoopbackOnly =
  (bound: boolean) =>
  async (stack: AsyncDisposableStack): Promise<Arranged> => {
    const address = ownAddress();
    const port = bound ? stack.use(await httpAt("127.0.0.1", healthy)).port : await closedPortAt("127.0.0.1");
    const words = ["--from-address", address];
    return { documents: documentsOf({ name: "shop", servers: [address], port }), words };
  };

const tlsListener = async (stack: AsyncDisposableStack): Promise<Arranged> => {
  const server = createTls({ key: leaf.keyPem, cert: leaf.pem }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  }).on("tlsClientError", () => {});
  const { address, port } = stack.use(await listenAt(server, ownAddress()));
  return { documents: documentsOf({ name: "shop", servers: [address], port }) };
};

const http2Listener = async (stack: AsyncDisposableStack): Promise<Arranged> => {
  const server = createHttp2((_, response) => response.end("fine")).on("sessionError", () => {});
  const { address, port } = stack.use(await listenAt(server, ownAddress()));
  const words = ["--experiments", "all"];
  return { documents: documentsOf({ name: "shop", servers: [address], port }), words };
};

const answers = (text: string | Uint8Array) => (socket: Socket) => {
  socket.once("data", () => socket.end(text));
};
const says = (text: string) => (socket: Socket) => {
  socket.write(text);
};

const tcpCases: readonly TcpCase[] = [
  {
    name: "nothing listens: tcp-refused, which is a fact",
    arrange: async () => {
      const address = ownAddress();
      return {
        documents: documentsOf({ name: "shop", servers: [address], port: await closedPortAt(address) }),
      };
    },
    root: "tcp-refused",
    not: ["host-firewall", "port-wrong", "tcp-loopback-bind", "backend-accept-full"],
  },
  {
    name: "something listens and answers 503: not tcp-refused",
    arrange: async (stack) => {
      const { address, port } = stack.use(
        await httpAt(
          ownAddress(),
          answering(() => 503),
        ),
      );
      return { documents: documentsOf({ name: "shop", servers: [address], port }) };
    },
    root: "backend-5xx",
    certainty: "likely",
    not: ["tcp-refused", "port-wrong", "host-firewall", "backend-not-http"],
  },
  {
    name: "the same is answered on the port of another setting: port-wrong",
    arrange: otherPort(true),
    root: "port-wrong",
    helped: { changed: "port" },
    triedLive: true,
    contributing: ["tcp-refused"],
    not: ["host-firewall"],
  },
  {
    name: "the port of another setting refuses as well: tcp-refused",
    arrange: otherPort(false),
    root: "tcp-refused",
    not: ["port-wrong"],
  },
  {
    name: "the probe's own port is dead, that of requests is not: probe-port",
    arrange: twoPorts({ probe: false, requests: true }),
    root: "probe-port",
    helped: { changed: "port" },
    triedLive: true,
    contributing: ["tcp-refused"],
    not: ["port-wrong"],
  },
  {
    name: "the probe's own port is alive, that of requests is dead: probe-port",
    arrange: twoPorts({ probe: true, requests: false }),
    root: "probe-port",
    contributing: ["tcp-refused"],
    not: ["port-wrong"],
  },
  {
    name: "both ports are dead: tcp-refused",
    arrange: twoPorts({ probe: false, requests: false }),
    root: "tcp-refused",
    not: ["probe-port", "port-wrong"],
  },
  {
    name: "two ports on purpose, both alive: nothing",
    arrange: twoPorts({ probe: true, requests: true }),
    root: undefined,
    not: ["probe-port", "tcp-refused"],
  },
  {
    name: "a TLS port is asked in plain text: protocol-http-to-tls",
    arrange: tlsListener,
    root: "protocol-http-to-tls",
    helped: { changed: "protocol", to: "Https" },
    not: ["http2-grpc-only", "backend-not-http", "http-reset-midway"],
  },
  {
    name: "the answer to plain text is a TLS alert: protocol-http-to-tls by that alone",
    arrange: speaking(answers(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10)), {}, ["--experiments", "off"]),
    root: "protocol-http-to-tls",
    not: ["backend-not-http"],
  },
  {
    name: "the server closes plain text and TLS alike: not protocol-http-to-tls",
    arrange: speaking((socket) => socket.once("data", () => socket.end())),
    root: "http-reset-midway",
    certainty: "likely",
    not: ["protocol-http-to-tls", "http2-grpc-only"],
  },
  {
    name: "a plain port is asked for TLS: protocol-tls-to-http",
    arrange: async (stack) => {
      const { address, port } = stack.use(await httpAt(ownAddress(), healthy));
      return { documents: documentsOf({ name: "shop", servers: [address], port, protocol: "Https" }) };
    },
    root: "protocol-tls-to-http",
    triedLive: true,
    not: ["backend-not-http", "port-wrong"],
  },
  {
    name: "the handshake is closed and plain text as well: not protocol-tls-to-http",
    arrange: speaking((socket) => socket.once("data", () => socket.end()), { protocol: "Https" }),
    root: undefined,
    not: ["protocol-tls-to-http"],
  },
  {
    name: "probe and setting differ in protocol: probe-protocol-differs",
    arrange: async (stack) => {
      const { address, port } = stack.use(await httpAt(ownAddress(), healthy));
      const probe = { protocol: "Https" };
      return { documents: documentsOf({ name: "shop", servers: [address], port, probe }) };
    },
    root: "probe-protocol-differs",
    helped: { changed: "protocol", to: "Http" },
    triedLive: true,
    not: ["protocol-tls-to-http"],
  },
  {
    name: "probe and setting differ in protocol where nothing listens: tcp-refused",
    arrange: async () => {
      const address = ownAddress();
      const port = await closedPortAt(address);
      const probe = { protocol: "Https" };
      return { documents: documentsOf({ name: "shop", servers: [address], port, probe }) };
    },
    root: "tcp-refused",
    not: ["probe-protocol-differs"],
  },
  {
    name: "the pool answers another setting, and this setting is well elsewhere: rule-wrong-target",
    arrange: copiedRule(true),
    root: "rule-wrong-target",
    helped: { changed: "backend setting", to: "set-shop" },
    contributing: ["tcp-refused"],
    not: ["port-wrong"],
  },
  {
    name: "the pool answers no setting: tcp-refused",
    arrange: copiedRule(false),
    root: "tcp-refused",
    not: ["rule-wrong-target", "port-wrong"],
  },
  {
    name: "a remote shell stands at the port: backend-not-http",
    arrange: speaking(says("SSH-2.0-OpenSSH_9.6\r\n")),
    root: "backend-not-http",
    not: ["http2-grpc-only", "protocol-http-to-tls", "http-invalid-header"],
  },
  {
    name: "a mail server stands at a port asked for TLS: backend-not-http",
    arrange: speaking(says("220 mail.contoso.example ESMTP ready\r\n"), { protocol: "Https" }),
    root: "backend-not-http",
    not: ["protocol-tls-to-http"],
  },
  {
    name: "what stands at the port speaks HTTP with a fault: not backend-not-http",
    arrange: speaking(answers("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")),
    root: "http-invalid-header",
    not: ["backend-not-http", "http2-grpc-only"],
  },
  {
    name: "only HTTP/2 is spoken: http2-grpc-only",
    arrange: http2Listener,
    root: "http2-grpc-only",
    not: ["backend-not-http", "protocol-http-to-tls"],
  },
  {
    name: "HTTP/1.1 and HTTP/2 are closed alike: not http2-grpc-only",
    arrange: speaking((socket) => socket.once("data", () => socket.end()), {}, ["--experiments", "all"]),
    root: "http-reset-midway",
    certainty: "likely",
    not: ["http2-grpc-only"],
  },
  {
    name: "on the server itself only 127.0.0.1 answers: tcp-loopback-bind",
    arrange: onLoopbackOnly(true),
    root: "tcp-loopback-bind",
    helped: { changed: "address", to: "127.0.0.1" },
    contributing: ["tcp-refused"],
    not: ["host-firewall"],
  },
  {
    name: "on the server itself 127.0.0.1 refuses too: tcp-refused",
    arrange: onLoopbackOnly(false),
    root: "tcp-refused",
    not: ["tcp-loopback-bind"],
  },
];

describe("ports, protocols and connections, live", () => {
  test.each(tcpCases)(
    "$name",
    async ({ arrange, root, certainty = "proven", helped, triedLive, contributing = [], not }) => {
      await using stack = new AsyncDisposableStack();
      const { documents, words } = await arrange(stack);
      const seen = await diagnoseLive(documents, words);
      expect(seen.roots[0]).toBe(root);
      for (const cause of not) expect(seen.roots).not.toContain(cause);
      for (const cause of contributing) expect(seen.finding(cause).role).toBe("contributing");
      if (root === undefined) return;
      const finding = seen.finding(root);
      expect(finding.certainty).toBe(certainty);
      if (helped !== undefined) expect(finding.experiments[0]).toMatchObject({ ...helped, helped: true });
      if (triedLive) expect(finding.fix).toMatchObject({ verified: true, triedLive: true, reason: null });
    },
  );
});
