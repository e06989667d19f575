import { connect, createServer, type Socket } from "node:net";
import type { Behaviour } from "../behaviour.ts";

export interface CrowdOptions {
  readonly to: { readonly host: string; readonly port: number };
  /** So many clients ask it all the time, each over a connection of its own. */
  readonly clients: number;
}

/** Other clients of a server: as soon as one was answered, or refused, it asks again. */
const crowd: Behaviour = (options) => {
  const { to, clients } = options as CrowdOptions;
  const ask = (): void => {
    const socket: Socket = connect(to.port, to.host);
    socket.on("connect", () => socket.write("GET / HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"));
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(ask, 20));
    socket.resume();
  };
  return createServer().on("listening", () => {
    for (let n = 0; n < clients; n++) ask();
  });
};

export default crowd;
