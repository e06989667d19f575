import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A TCP listener of a test, with all it accepted; everything is closed with `await using`. */
export interface Listener extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly accepted: readonly Socket[];
  /** Resets what was accepted so far, waiting for the first if there is none yet. */
  resetAll(): Promise<void>;
}

/** Listens on a free port and does with every connection what it is told: nothing, unless told. */
export async function listen(
  onSocket: (socket: Socket) => void = () => {},
  address = "127.0.0.1",
): Promise<Listener> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  return {
    address,
    port: (server.address() as AddressInfo).port,
    accepted,
    resetAll: async () => {
      if (accepted.length === 0) await once(server, "connection");
      for (const socket of accepted) socket.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of accepted) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A port nobody listens on: one that was free a moment ago. */
export async function closedPort(address = "127.0.0.1"): Promise<number> {
  await using listener = await listen(undefined, address);
  return listener.port;
}
