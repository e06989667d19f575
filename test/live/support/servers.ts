import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Something of a test that listens at an address of its own; gone with `await using`. */
export interface Listening extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** Lets a server listen; `port` 0 = a free one. */
export async function listenAt(server: Server, address: string, port = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, address);
  await once(server, "listening");
  return {
    address,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A server that says what it is told to every connection. */
export function rawAt(address: string, onSocket: (socket: Socket) => void, port = 0): Promise<Listening> {
  return listenAt(createServer(onSocket), address, port);
}

export function httpAt(address: string, answer: RequestListener, port = 0): Promise<Listening> {
  return listenAt(createHttp(answer), address, port);
}

/** A port of an address at which nobody listens: one that was free a moment ago. */
export async function closedPortAt(address: string): Promise<number> {
  await using listener = await rawAt(address, () => {});
  return listener.port;
}
