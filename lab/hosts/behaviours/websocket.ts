import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Behaviour } from "../behaviour.ts";

export interface WebSocketOptions {
  /** A 101 that does not answer the key that was sent. */
  readonly wrongKey?: boolean;
}

/** Opens WebSockets and closes them at once; answers everything else with 200. */
const websocket: Behaviour = (options, tls) => {
  const { wrongKey = false } = (options ?? {}) as WebSocketOptions;
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on("request", (_, response) => response.end("ok"));
  server.on("upgrade", ({ headers }: IncomingMessage, socket: Duplex) => {
    const accept = createHash("sha1")
      .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${wrongKey ? "c29tZXRoaW5nIGVsc2U=" : accept}`,
    ];
    socket.on("error", () => {});
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    // A closing frame with status 1000.
    socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe8]));
  });
  return server;
};

export default websocket;
