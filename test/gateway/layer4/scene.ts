import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { AssemblyMeans } from "../../../src/gateway/assemble.ts";
import { parseListen } from "../../../src/gateway/config/options.ts";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import type { PreparedGateway } from "../../../src/gateway/config/prepared.ts";
import { expanded, modelOf } from "../../documents/short/support.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { freePort, Scene } from "../exchange/scene.ts";

/** What speaks on one connection to a server. */
export type Talk = (socket: Socket) => void;

export const echo: Talk = (socket) => void socket.pipe(socket);

/** What servers of the tests show: `db.contoso.com`, signed by an authority that settings trust. */
export const authority = makeCertificate({ commonName: "Contoso CA", ca: true });
export const database = makeCertificate({
  commonName: "db.contoso.com",
  names: ["db.contoso.com"],
  issuer: authority,
});

/** Servers that share one port on addresses of their own. */
export class Servers implements AsyncDisposable {
  readonly port: number;
  /** Connections of each address, oldest first. */
  readonly sockets = new Map<string, Socket[]>();
  readonly #servers: Server[] = [];

  private constructor(port: number) {
    this.port = port;
  }

  static async of(
    talks: Readonly<Record<string, Talk>>,
    manner: "plain" | "tls" = "plain",
  ): Promise<Servers> {
    const all = new Servers(await freePort());
    for (const [address, talk] of Object.entries(talks)) await all.#listen(address, talk, manner);
    return all;
  }

  async #listen(address: string, talk: Talk, manner: "plain" | "tls"): Promise<void> {
    const sockets: Socket[] = [];
    this.sockets.set(address, sockets);
    const taken = (socket: Socket): void => {
      sockets.push(socket);
      socket.on("error", () => {});
      talk(socket);
    };
    const server =
      manner === "plain"
        ? createServer({ allowHalfOpen: true }, taken)
        : createTlsServer({ allowHalfOpen: true, key: database.keyPem, cert: database.pem }, taken);
    server.listen(this.port, address);
    await once(server, "listening");
    this.#servers.push(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of [...this.sockets.values()].flat()) socket.destroy();
    await Promise.resolve();
  }
}

export interface Wish {
  readonly members: readonly string[];
  readonly port: number;
  readonly listener?: Readonly<Record<string, unknown>>;
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A gateway of one listener, one rule and one pool, `mail`, at a port of this machine. */
export async function prepared(
  { members, port, listener, setting, more }: Wish,
  at: number,
): Promise<PreparedGateway> {
  const { id, resource } = expanded({
    name: "agw",
    listeners: { mail: { protocol: "Tcp", port: 4025, ...listener } },
    pools: { mail: members },
    settings: { mail: { protocol: "Tcp", port, timeout: 20, ...setting } },
    ...more,
  });
  const mapping = parseListen(`4025=${at}`);
  if ("fault" in mapping) throw new Error(mapping.fault);
  return prepare(
    modelOf(id, resource),
    { listen: [mapping], selfSigned: true },
    { nowMs: Date.now(), readFile: () => Promise.reject(new Error("no files here")) },
  );
}

export async function served(wish: Wish, means: Partial<AssemblyMeans> = {}): Promise<Scene> {
  return Scene.of(await prepared(wish, await freePort()), means);
}

/** A client's connection, and everything it gets. */
export class Caller implements Disposable {
  readonly socket: Socket;
  text = "";
  bytes = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.text.length < 65_536) this.text += chunk.toString("latin1");
    });
  }

  static to(port: number): Caller {
    return new Caller(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
  }

  /** Until it has got this. */
  async got(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.socket, "data");
  }

  /** Until the gateway has ended its side, in whatever way; then what it got. */
  async closed(): Promise<string> {
    const { socket } = this;
    if (!socket.closed && !socket.readableEnded) {
      await new Promise<void>((resolve) => {
        socket.once("close", resolve);
        socket.once("end", resolve);
      });
    }
    return this.text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
