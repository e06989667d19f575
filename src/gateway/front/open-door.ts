import { createServer, type Server, type Socket } from "node:net";
import type { Door } from "../config/prepared.ts";
import type { ClientPlace } from "../exchange/client-side.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Serving } from "../exchange/parts.ts";
import { arrive, type Layer4Host } from "../layer4/arrive.ts";
import type { Layer4Session } from "../layer4/session.ts";
import { clientShown } from "./client-certificate.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ConnectionHost, FrontConnection } from "./connection-host.ts";
import { Http2Connection } from "./http2/http2-connection.ts";
import { plainOnTls } from "./request-faults.ts";
import { SecureSocket } from "./secure-socket.ts";

/** So much of a response waits for a client that is slower than the server; more with response buffering. */
const responseBytes = 64 * 1024;
const bufferedResponseBytes = 256 * 1024;

/** One address and port of this machine that is listened on, with the connections that came by it. */
export class OpenDoor implements ConnectionHost, Layer4Host {
  #door: Door;
  #serving: Serving;
  readonly #server: Server;
  readonly #connections = new Set<FrontConnection>();
  readonly #handshakes = new Set<SecureSocket>();
  #draining = false;
  #onEmpty: (() => void) | undefined;

  private constructor(door: Door, serving: Serving) {
    this.#door = door;
    this.#serving = serving;
    const highWaterMark = serving.prepared.buffering.response ? bufferedResponseBytes : responseBytes;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Rejects when the place is taken or not this machine's. */
  static async open(door: Door, serving: Serving): Promise<OpenDoor> {
    const open = new OpenDoor(door, serving);
    await new Promise<void>((resolve, reject) => {
      open.#server.once("error", reject);
      open.#server.listen({ host: door.host, port: door.port, exclusive: false }, () => {
        open.#server.off("error", reject);
        // Running out of descriptors: those that wait are taken when some are free again.
        open.#server.on("error", () => {});
        resolve();
      });
    });
    return open;
  }

  get door(): Door {
    return this.#door;
  }

  /** Where it really listens: the port is chosen by the system where 0 was asked for. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : this.#door.port;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get connections(): number {
    return this.#connections.size;
  }

  serving(): Serving {
    return this.#serving;
  }

  /** From the next request on. */
  serve(door: Door, serving: Serving): void {
    this.#door = door;
    this.#serving = serving;
  }

  gone(connection: FrontConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  shaking(handshake: SecureSocket): void {
    this.#handshakes.add(handshake);
  }

  shaken(handshake: SecureSocket): void {
    this.#handshakes.delete(handshake);
  }

  opened(session: Layer4Session): void {
    this.#connections.add(session);
  }

  /** Takes no more connections; resolves when those there are have ended, at the latest after so long. */
  async close(drainMs: number): Promise<void> {
    this.#draining = true;
    this.#server.close();
    for (const handshake of [...this.#handshakes]) handshake.destroy();
    for (const connection of [...this.#connections]) connection.drain();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of [...this.#connections]) connection.destroy();
      }, drainMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #accept(socket: Socket): void {
    const { tls, protocol } = this.#door;
    if (protocol === "tcp" || protocol === "tls") {
      arrive(socket, this.#door, this.#serving, this);
      return;
    }
    if (tls === undefined) {
      this.#open(socket, socket, plain, undefined);
      return;
    }
    const handshake = new SecureSocket(socket, tls, this.#serving.wheel, {
      secured: (secure, { clients }) => {
        this.#handshakes.delete(handshake);
        const { certificate, refusal } = clientShown(secure, clients, Date.now());
        const [protocol, cipher] = [secure.getProtocol() ?? "", secure.getCipher().name];
        const http2 = secure.alpnProtocol === "h2";
        this.#open(
          secure,
          socket,
          { tls: { protocol, cipher }, http2, clientCertificate: certificate },
          refusal,
        );
      },
      notTls: () => {
        this.#handshakes.delete(handshake);
        this.#open(socket, socket, plain, plainOnTls);
        socket.resume();
      },
      gone: () => this.#handshakes.delete(handshake),
    });
    this.#handshakes.add(handshake);
  }

  /** `socket`: what is read and written; `raw`: that of the system, which knows the address. */
  #open(
    socket: Socket,
    raw: Socket,
    speaks: Pick<ClientPlace, "tls" | "http2" | "clientCertificate">,
    refusal: OwnAnswer | undefined,
  ): void {
    const { remoteAddress, remotePort } = raw;
    // It has gone already.
    if (remoteAddress === undefined || remotePort === undefined) {
      raw.destroy();
      return;
    }
    const { frontendPort, frontend } = this.#door;
    const address = remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress;
    const place = { address, port: remotePort, frontendPort, frontend, ...speaks };
    const Connection = speaks.http2 ? Http2Connection : ClientConnection;
    this.#connections.add(new Connection(socket, place, this, refusal));
  }
}

const plain = { tls: undefined, http2: false } as const;
