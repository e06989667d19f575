import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { freePort } from "../exchange/scene.ts";

/** What clients saw. */
export interface Seen {
  answers: number;
  /** Everything that was no whole answer. */
  readonly others: string[];
}

/** Asks over one connection, or over a fresh one each time, until it is over; answers end with `fine`. */
export async function client(
  port: number,
  keepAlive: boolean,
  seen: Seen,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const socket = connect(port, "127.0.0.1");
    const bytes = `GET / HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: ${keepAlive ? "keep-alive" : "close"}\r\n\r\n`;
    let text = "";
    // Leaving at the end is an error to the stream.
    socket.on("error", (error) => void (isOver() || seen.others.push(error.message)));
    socket.write(bytes);
    try {
      for await (const chunk of socket) {
        text += String(chunk);
        if (/^HTTP\/1\.1 (?!200)/.test(text)) break;
        if (!/^HTTP\/1\.1 200 .*\r\n\r\nfine$/s.test(text)) continue;
        seen.answers += 1;
        text = "";
        if (isOver()) break;
        if (keepAlive) socket.write(bytes);
      }
    } catch {
      // Told by the event.
    }
    if (text !== "") seen.others.push(text);
    socket.destroy();
  }
}

/** Servers that take load: each answers `fine`, all on one port on addresses of their own. */
export class FineServers implements AsyncDisposable {
  readonly port: number;
  readonly #servers: readonly Server[];

  private constructor(port: number, servers: readonly Server[]) {
    this.port = port;
    this.#servers = servers;
  }

  static async of(addresses: readonly string[]): Promise<FineServers> {
    const port = await freePort();
    const servers = addresses.map(() => createServer((_, response) => response.end("fine")));
    const listening = servers.map(
      (server, at) => new Promise<void>((go) => void server.listen(port, addresses[at], go)),
    );
    await Promise.all(listening);
    return new FineServers(port, servers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((go) => server.close(go)));
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }
}
