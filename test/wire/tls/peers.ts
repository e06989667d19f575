import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import {
  type Handshake,
  type HandshakeClock,
  type HandshakePlan,
  handshake,
} from "../../../src/wire/tls/handshake.ts";
import { RecordReader } from "../../../src/wire/tls/record-reader.ts";

const realClock: HandshakeClock = {
  nowMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

const plan: HandshakePlan = {
  serverName: "shop.contoso.example",
  alpn: [],
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: undefined,
  timeoutMs: 5000,
};

interface Cut {
  readonly records: number;
  readonly half: boolean;
}

/** Listeners of one test, on free ports of the loopback interface, all closed by `close`. */
export class Peers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** A TLS server that says one thing and ends. */
  async tls(options: TlsOptions, says: string | Buffer = "hello"): Promise<number> {
    const server = createTlsServer(options, (socket) => socket.on("error", () => {}).end(says));
    return this.#listen(server);
  }

  /** A TLS server that sends everything back. */
  async echo(options: TlsOptions): Promise<number> {
    return this.#listen(createTlsServer(options, (socket) => socket.on("error", () => {}).pipe(socket)));
  }

  /** A server on which the test itself speaks. */
  async raw(speak: (socket: Socket) => void): Promise<number> {
    return this.#listen(createServer({ allowHalfOpen: true }, speak));
  }

  async other(server: Server): Promise<number> {
    return this.#listen(server);
  }

  /** Passes everything between the two, and shows what the server at `port` sends. */
  async between(port: number, see: (bytes: Buffer, client: Socket) => void): Promise<number> {
    return this.raw((client) => {
      const server = this.#keep(connect(port, "127.0.0.1"));
      client.pipe(server);
      client.on("end", () => server.end());
      client.on("close", () => server.destroy());
      server.on("data", (bytes: Buffer) => see(bytes, client));
    });
  }

  /** Passes on so many records of the server at `port`, perhaps half of the next, and then ends the connection. */
  async cutting(port: number, cut: Cut, end: (client: Socket) => void): Promise<number> {
    const reader = new RecordReader();
    let passed = 0;
    return this.between(port, (bytes, client) => {
      for (const { header, fragment } of reader.push(bytes)) {
        const whole = Buffer.concat([header, fragment]);
        if (passed < cut.records) client.write(whole);
        else if (passed === cut.records) {
          if (cut.half) client.write(whole.subarray(0, Math.ceil(whole.length / 2)));
          // A turn later, so that a reset does not take the bytes along.
          setImmediate(() => end(client));
        }
        passed += 1;
      }
    });
  }

  async handshake(
    port: number,
    changes: Partial<HandshakePlan> = {},
    signal?: AbortSignal,
  ): Promise<Handshake> {
    const transport = this.#keep(connect(port, "127.0.0.1"));
    await once(transport, "connect");
    return this.handshakeOver(transport, changes, signal);
  }

  handshakeOver(
    transport: Duplex,
    changes: Partial<HandshakePlan> = {},
    signal?: AbortSignal,
  ): Promise<Handshake> {
    return handshake({ ...plan, ...changes }, { transport, clock: realClock, signal });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.splice(0).map(async (server) => {
        server.close();
        if (server.listening) await once(server, "close");
      }),
    );
  }

  async #listen(server: Server): Promise<number> {
    server.on("connection", (socket: Socket) => this.#keep(socket));
    server.on("tlsClientError", () => {});
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

/** One record (RFC 8446 §5.1). */
export function record(type: number, fragment: Buffer, version = 0x0303): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}

/** One handshake message (RFC 8446 §4). */
export function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), sized(3, body)]);
}

export function sized(size: number, content: Buffer): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(content.length, 0, size);
  return Buffer.concat([length, content]);
}

export function serverHello(
  version: number,
  cipherCode: number,
  extensions: Buffer = Buffer.alloc(0),
): Buffer {
  const numbers = Buffer.alloc(2);
  numbers.writeUInt16BE(version);
  const cipher = Buffer.alloc(3);
  cipher.writeUInt16BE(cipherCode);
  return message(
    2,
    Buffer.concat([numbers, Buffer.alloc(32, 7), sized(1, Buffer.alloc(0)), cipher, sized(2, extensions)]),
  );
}

/** The Certificate message of TLS 1.2 (RFC 5246 §7.4.2). */
export function certificateMessage(chain: readonly Buffer[]): Buffer {
  return message(11, sized(3, Buffer.concat(chain.map((one) => sized(3, one)))));
}
