import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { host } from "./http2-scene.ts";

/** Types of frames (RFC 9113 §6). */
export const type = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;

/** Error codes (RFC 9113 §7). */
export const code = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refused: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const;

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** One frame, whether or not it may be sent so. */
export function frame(
  kind: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = Buffer.alloc(0),
): Buffer {
  const body = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** One setting. */
export function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Literal fields without indexing, without Huffman coding (RFC 7541 §6.2.2). */
export function packed(list: HeaderList): Buffer {
  return Buffer.concat(
    list.flatMap(([name, value]) => [Buffer.of(0), packedString(name), packedString(value)]),
  );
}

function packedString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const rest: number[] = [127];
  let left = bytes.length - 127;
  for (; left >= 128; left >>= 7) rest.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([...rest, left]), bytes]);
}

export const pseudo = (more: Readonly<Record<string, string>> = {}): HeaderList =>
  Object.entries({ ":method": "GET", ":scheme": "https", ":authority": host, ":path": "/", ...more });

/** A head in one frame; `ended`: no body follows. */
export function headers(stream: number, list: HeaderList, ended = true): Buffer {
  return frame(type.headers, flag.endHeaders | (ended ? flag.endStream : 0), stream, packed(list));
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that writes what it is told and reads frames. */
export class RawClient implements Disposable {
  readonly #socket: TLSSocket;
  readonly frames: Frame[] = [];
  ended = false;
  #bytes: Buffer = Buffer.alloc(0);
  #changed: () => void = () => {};

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.ended = true;
      this.#changed();
    });
  }

  static async to(port: number): Promise<RawClient> {
    const how = { servername: host, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = connect({ port, host: "127.0.0.1", ...how });
    await once(socket, "secureConnect");
    return new RawClient(socket);
  }

  send(...parts: readonly Uint8Array[]): void {
    if (!this.ended) this.#socket.write(Buffer.concat(parts));
  }

  /** Takes nothing any more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Until this holds, or the connection has ended. */
  async until(holds: () => boolean): Promise<void> {
    while (!this.ended && !holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  has(kind: number, where: (frame: Frame) => boolean = () => true): boolean {
    return this.frames.some((one) => one.type === kind && where(one));
  }

  /** The code of the first GOAWAY. */
  goaway(): number | undefined {
    return this.frames.find((one) => one.type === type.goaway)?.payload.readUInt32BE(4);
  }

  reset(stream: number): number | undefined {
    const found = this.frames.find((one) => one.type === type.rstStream && one.stream === stream);
    return found?.payload.readUInt32BE(0);
  }

  /** Its response has come to its end. */
  answered(stream: number): boolean {
    const ends = (one: Frame): boolean => one.stream === stream && (one.flags & flag.endStream) !== 0;
    return this.has(type.data, ends) || this.has(type.headers, ends);
  }

  #received(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) break;
      this.frames.push({
        type: this.#bytes.readUInt8(3),
        flags: this.#bytes.readUInt8(4),
        stream: this.#bytes.readUInt32BE(5),
        payload: this.#bytes.subarray(9, end),
      });
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#changed();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
