import { createServer, type Server, type Socket } from "node:net";
import type { Door, DoorTls } from "../config/prepared.ts";
import type { ClientPlace } from "../exchange/client-side.ts";
import type { OwnAnswer } from "../exchange/own-answer.ts";
import type { Serving } from "../exchange/parts.ts";
import { arrive, type Layer4Host } from "../layer4/arrive.ts";
import type { Layer4Session } from "../layer4/session.ts";
import type { IdleHolder } from "../limits/gate.ts";
import { answerToLimit } from "../limits/refusals.ts";
import { clientShown } from "./client-certificate.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ConnectionHost, FrontConnection } from "./connection-host.ts";
import { Http2Connection } from "./http2/http2-connection.ts";
import { lentReads } from "./lent-reads.ts";
import { tellReceived } from "./owned-socket.ts";
import { plainOnTls } from "./request-faults.ts";
import { SecureSocket } from "./secure-socket.ts";

/** So much of a response waits for a client that is slower than the server; more with response buffering. */
const responseBytes = 64 * 1024;
const bufferedResponseBytes = 256 * 1024;

/** One address and port of this machine that is listened on, with the connections that came by it. */
export class OpenDoor implements ConnectionHost, Layer4Host, IdleHolder {
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
      const { host, port, shared = false } = door;
      open.#server.listen({ host, port, exclusive: false, reusePort: shared }, () => {
        open.#server.off("error", reject);
        // Running out of descriptors: those that wait are taken when some are free again.
        open.#server.on("error", () => {});
        serving.gate.hold(open);
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
    this.#serving.gate.left(connection.place.address);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  shaking(handshake: SecureSocket): void {
    this.#handshakes.add(handshake);
    this.#serving.gate.handshakeBegan();
  }

  shaken(handshake: SecureSocket): void {
    if (this.#handshakes.delete(handshake)) this.#serving.gate.handshakeEnded();
  }

  opened(session: Layer4Session): void {
    this.#connections.add(session);
  }

  turnedAway({ address }: ClientPlace): void {
    this.#serving.gate.left(address);
  }

  closeIdle(share: number): void {
    const idle = [...this.#connections].filter(({ idleUntilMs }) => idleUntilMs !== undefined);
    idle.sort((one, other) => (one.idleUntilMs ?? 0) - (other.idleUntilMs ?? 0));
    for (const connection of idle.slice(0, Math.ceil(idle.length * share))) connection.drain();
  }

  /** Takes no more connections; resolves when those there are have ended, at the latest after so long. */
  async close(drainMs: number): Promise<void> {
    this.#draining = true;
    this.#serving.gate.release(this);
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
    const { remoteAddress, remotePort } = socket;
    // It has gone already.
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const { frontendPort, frontend, tls, protocol } = this.#door;
    const address = remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress;
    const { gate } = this.#serving;
    const limit = gate.came(address);
    const refused = limit ?? (tls === undefined ? undefined : gate.mayShake());
    if (protocol === "tcp" || protocol === "tls") {
      arrive(socket, this.#door, this.#serving, this, refused);
    } else if (refused !== undefined && (refused === "handshakes" || !gate.tells)) {
      gate.left(address);
      socket.resetAndDestroy();
    } else {
      const place = { address, port: remotePort, frontendPort, frontend, tls: undefined, http2: false };
      const refusal = limit === undefined ? undefined : answerToLimit(limit);
      if (tls === undefined) this.#openPlain(socket, place, refusal);
      else this.#secure(socket, tls, place, refusal);
    }
  }

  #openPlain(accepted: Socket, place: ClientPlace, refusal: OwnAnswer | undefined): void {
    const socket = lentReads(accepted, (lent, bytes) => tellReceived(socket, lent, bytes)) ?? accepted;
    this.#connections.add(new ClientConnection(socket, place, this, refusal));
  }

  #secure(socket: Socket, tls: DoorTls, place: ClientPlace, refusal: OwnAnswer | undefined): void {
    const handshake = new SecureSocket(socket, tls, this.#serving.wheel, {
      secured: (secure, { clients }) => {
        this.shaken(handshake);
        const { certificate, refusal: unfit } = clientShown(secure, clients, Date.now());
        const [protocol, cipher] = [secure.getProtocol() ?? "", secure.getCipher().name];
        const http2 = secure.alpnProtocol === "h2";
        const shown = { tls: { protocol, cipher }, http2, clientCertificate: certificate };
        const metDemand = clients?.demand;
        this.#open(secure, { ...place, ...shown, metDemand }, refusal ?? unfit);
      },
      notTls: () => {
        this.shaken(handshake);
        this.#open(socket, place, plainOnTls);
        socket.resume();
      },
      gone: () => {
        this.shaken(handshake);
        this.turnedAway(place);
      },
    });
    this.shaking(handshake);
  }

  /** `socket`: what is read and written. */
  #open(socket: Socket, place: ClientPlace, refusal: OwnAnswer | undefined): void {
    const Connection = place.http2 ? Http2Connection : ClientConnection;
    this.#connections.add(new Connection(socket, place, this, refusal));
  }
}
