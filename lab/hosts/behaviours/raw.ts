import { createServer, type Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import type { Behaviour } from "../behaviour.ts";

/** What is written, byte by byte, in answer to a request head. */
export interface RawAnswer {
  /** Of the request line; undefined = every one. */
  readonly path?: string;
  /** Written as it stands. */
  readonly bytes: string;
  /** After the bytes: keep the connection, close it, or reset it. Default close. */
  readonly after?: "keep" | "close" | "reset";
  readonly delayMs?: number;
}

export interface RawOptions {
  readonly answers?: readonly RawAnswer[];
  /** Written as soon as a client connects, before it says a word: servers of other protocols. */
  readonly greeting?: string;
  /** Ends every connection at once. */
  readonly onConnect?: "close" | "reset";
}

/** A server that writes what it is told to, valid or not. */
const raw: Behaviour = (options, tls) => {
  const { answers = [], greeting, onConnect } = (options ?? {}) as RawOptions;
  const serve = (socket: Socket): void => {
    socket.on("error", () => {});
    if (onConnect === "reset") return void socket.resetAndDestroy();
    if (onConnect === "close") return void socket.end();
    if (greeting !== undefined) socket.write(greeting, "latin1");
    let waiting = "";
    socket.on("data", (chunk) => {
      waiting += chunk.toString("latin1");
      for (let end = waiting.indexOf("\r\n\r\n"); end >= 0; end = waiting.indexOf("\r\n\r\n")) {
        const head = waiting.slice(0, end);
        waiting = waiting.slice(end + 4);
        answer(socket, head, answers);
      }
    });
  };
  return tls === undefined
    ? createServer(serve)
    : createSecureServer(tls, serve).on("tlsClientError", () => {});
};

function answer(socket: Socket, head: string, answers: readonly RawAnswer[]): void {
  const path = (head.split(" ")[1] ?? "").split("?")[0];
  const found = answers.find((one) => one.path === undefined || one.path === path);
  if (found === undefined) return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  setTimeout(() => {
    if (socket.destroyed) return;
    socket.write(found.bytes, "latin1", () => {
      if (found.after === "keep") return;
      if (found.after === "reset") socket.resetAndDestroy();
      else socket.end();
    });
  }, found.delayMs ?? 0);
}

export default raw;
