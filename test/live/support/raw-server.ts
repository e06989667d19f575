import type { Socket } from "node:net";
import { type Listener, listen } from "../../support/listener.ts";
import { ownAddress } from "./own-address.ts";

/** What a server of a test does with one request. */
export interface RawAnswer {
  /** Written as they are. */
  readonly bytes?: string;
  /** Before the first of them. */
  readonly afterMs?: number;
  /** What becomes of the connection then; `keep` unless told. */
  readonly ends?: "keep" | "close" | "reset";
  /** It is closed once it was idle for so long. */
  readonly idleMs?: number;
}

/** One request as it came. */
export interface RawRequest {
  readonly path: string;
  /** With the request line. */
  readonly head: string;
  readonly upgrade: boolean;
  /** How many came for this path before. */
  readonly before: number;
}

/** An answer with its length. */
export function plain(status: number, body = "fine", fields: readonly string[] = []): RawAnswer {
  const head = [`HTTP/1.1 ${status} Any`, `Content-Length: ${Buffer.byteLength(body)}`, ...fields];
  return { bytes: `${head.join("\r\n")}\r\n\r\n${body}` };
}

/** A server of HTTP/1.1 on an address of its own that says, byte by byte, what it is told. */
export function rawServer(answer: (request: RawRequest) => RawAnswer): Promise<Listener> {
  const counts = new Map<string, number>();
  return listen((socket) => {
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      // Whoever speaks TLS, HTTP/2 or anything else is sent away at once.
      if (!/^[A-Z]{1,8}( [^*]|$)/.test(text)) {
        socket.destroy();
        return;
      }
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = text.slice(0, end);
      text = "";
      const path = head.split(" ")[1] ?? "";
      const before = counts.get(path) ?? 0;
      counts.set(path, before + 1);
      const upgrade = /^upgrade: websocket/im.test(head);
      reply(socket, answer({ path, head, upgrade, before }));
    });
  }, ownAddress());
}

function reply(socket: Socket, { bytes = "", afterMs = 0, ends = "keep", idleMs }: RawAnswer): void {
  const write = (): void => {
    if (socket.destroyed) return;
    const over = (): void => {
      if (ends === "close") socket.end();
      // The bytes are to arrive before the reset takes them away.
      if (ends === "reset") setTimeout(() => socket.resetAndDestroy(), 20);
      if (idleMs !== undefined) setTimeout(() => socket.end(), idleMs);
    };
    if (bytes === "") over();
    else socket.write(bytes, "latin1", over);
  };
  if (afterMs > 0) setTimeout(write, afterMs);
  else write();
}
