import { fileURLToPath } from "node:url";
import { type Peer, startPeer } from "../../support/peer.ts";
import type { Place } from "../../support/places.ts";

const script = fileURLToPath(new URL("websocket-server.py", import.meta.url));

/** Python's `websockets`: sends back what it gets, texts with the path before them. */
export function startWebSocketServer(folder: string, place: Place): Promise<Peer> {
  const args = [script, place.address, String(place.port)];
  return startPeer({ program: "/usr/bin/python3", args, folder, readyAt: place });
}

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client, the one Node has, with what came in order. */
export class WebSocketClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #messages: (string | Buffer)[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly closed: Promise<Closed>;
  #over = false;

  constructor(url: string, protocols: string[] = []) {
    this.#socket = new WebSocket(url, protocols);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => {
      this.#messages.push(typeof data === "string" ? data : Buffer.from(data));
      for (const go of this.#waiting.splice(0)) go();
    };
    this.closed = new Promise((resolve) => {
      this.#socket.onclose = ({ code, reason }) => {
        this.#over = true;
        for (const go of this.#waiting.splice(0)) go();
        resolve({ code, reason });
      };
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Rejects when the handshake fails. */
  async open(): Promise<this> {
    if (this.#socket.readyState === WebSocket.OPEN) return this;
    await new Promise<void>((resolve, reject) => {
      this.#socket.onopen = () => resolve();
      this.#socket.onerror = (event) =>
        reject(new Error(`no WebSocket: ${"message" in event ? event.message : ""}`));
    });
    return this;
  }

  send(data: string | Buffer<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  /** Undefined: it has been closed. */
  async next(): Promise<string | Buffer | undefined> {
    while (this.#messages.length === 0 && !this.#over)
      await new Promise<void>((go) => void this.#waiting.push(go));
    return this.#messages.shift();
  }

  close(code: number, reason: string): Promise<Closed> {
    this.#socket.close(code, reason);
    return this.closed;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
