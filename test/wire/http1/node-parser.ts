import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from "node:net";

/**
 * What a reader makes of the first message: `refused`, `incomplete` (it ended too early), or what it understood:
 * `POST /x body`, `200 body`.
 */
export type Reading = string;

export interface NodeParser {
  read(bytes: Buffer, method: string): Promise<Reading>;
  close(): Promise<void>;
}

const host = "127.0.0.1";

async function listening(server: {
  listen(port: number, host: string): unknown;
  address(): unknown;
}): Promise<number> {
  server.listen(0, host);
  await once(server as Server, "listening");
  return (server.address() as AddressInfo).port;
}

const refusedOrIncomplete = (code: string | undefined): Reading =>
  code?.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? "refused" : "incomplete";

function bodyOf(message: IncomingMessage, told: (body: string) => void): void {
  let body = "";
  message.setEncoding("latin1");
  message.on("data", (text: string) => {
    body += text;
  });
  message.on("end", () => told(body));
  message.on("error", () => {});
}

/** Node's server on loopback, given one request a connection. */
export async function nodeServer(): Promise<NodeParser> {
  let reading: Reading | undefined;
  let current: IncomingMessage | undefined;
  const server = createServer((message, answer) => {
    if (current !== undefined) return;
    current = message;
    bodyOf(message, (body) => {
      reading ??= `${message.method} ${message.url} ${body}`;
      answer.end();
      message.socket.destroy();
    });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (current?.complete === true) return;
    reading ??= refusedOrIncomplete(error.code);
    socket.destroy();
  });
  const port = await listening(server);
  return {
    async read(bytes) {
      reading = undefined;
      current = undefined;
      let answer = "";
      const client = connect(port, host, () => client.end(bytes));
      client.setEncoding("latin1").on("data", (text: string) => {
        answer += text;
      });
      client.on("error", () => {});
      await once(client, "close");
      return reading ?? (answer.startsWith("HTTP/1.1 400") ? "refused" : "incomplete");
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Node's client on loopback, given one response a connection. */
export async function nodeClient(): Promise<NodeParser> {
  let bytes = Buffer.alloc(0) as Buffer;
  const server = createNetServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(bytes));
  });
  const port = await listening(server);
  return {
    read: (response, method) => {
      bytes = response;
      return new Promise((resolve) => {
        let current: IncomingMessage | undefined;
        const asked = request({ host, port, method, agent: false, path: "/" });
        asked.on("response", (message) => {
          current = message;
          bodyOf(message, (body) => resolve(`${message.statusCode} ${body}`));
          message.on("error", () => setImmediate(() => resolve("incomplete")));
        });
        asked.on("upgrade", (message, socket) => {
          socket.destroy();
          resolve(`${message.statusCode} `);
        });
        asked.on("error", (error: NodeJS.ErrnoException) => {
          if (current?.complete !== true) resolve(refusedOrIncomplete(error.code));
        });
        asked.end();
      });
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
