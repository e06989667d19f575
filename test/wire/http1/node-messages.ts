import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createNetServer } from "node:net";
import type { Understood } from "./relay.ts";

const host = "127.0.0.1";

/** Fields as Node read them, without those of framing and of the connection, which a relay writes anew. */
const ofFraming: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "content-length",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
]);

function understood(line: string, message: IncomingMessage, body: string): Understood {
  const { rawHeaders } = message;
  const fields: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    if (!ofFraming.has(name.toLowerCase())) fields.push(`${name}: ${value}`);
  }
  return { line, fields, body };
}

/** Node's server, which tells every request that it took whole from one connection, in order. */
export async function nodeRequests(): Promise<{
  read(bytes: Buffer): Promise<Understood[]>;
  close(): Promise<void>;
}> {
  let taken: Understood[] = [];
  const take = (message: IncomingMessage, answer: ServerResponse): void => {
    let body = "";
    message.setEncoding("latin1");
    message.on("data", (text: string) => {
      body += text;
    });
    message.on("end", () => {
      taken.push(understood(`${message.method} ${message.url}`, message, body));
      answer.end();
    });
    message.on("error", () => {});
  };
  const server = createServer({ keepAliveTimeout: 0 }, take);
  // What `Expect` says is for servers, not for parsers.
  server.on("checkExpectation", take).on("checkContinue", take);
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    async read(bytes) {
      taken = [];
      const client = connect(port, host, () => client.end(bytes));
      client.on("error", () => {}).resume();
      await once(client, "close");
      return taken;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Node's client, which tells the response it took whole from one connection; undefined: none. */
export async function nodeResponse(): Promise<{
  read(bytes: Buffer): Promise<Understood | undefined>;
  close(): Promise<void>;
}> {
  let bytes: Buffer = Buffer.alloc(0);
  const server = createNetServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(bytes));
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    read: (response) => {
      bytes = response;
      return new Promise((resolve) => {
        const asked = request({ host, port, agent: false }, (message) => {
          let body = "";
          message.setEncoding("latin1");
          message.on("data", (text: string) => {
            body += text;
          });
          message.on("end", () => resolve(understood(`${message.statusCode}`, message, body)));
          message.on("error", () => setImmediate(() => resolve(undefined)));
        });
        asked.on("error", () => setImmediate(() => resolve(undefined)));
        asked.end();
      });
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
