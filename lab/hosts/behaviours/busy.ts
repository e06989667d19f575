import { createServer, type Server } from "node:http";
import type { ListenOptions } from "node:net";
import type { Behaviour } from "../behaviour.ts";

export interface BusyOptions {
  /** So long it takes no connections and reads nothing … */
  readonly busyMs: number;
  /** … and so long it does. */
  readonly freeMs: number;
  /** Connections that the system keeps for it meanwhile; more are not taken. */
  readonly queue: number;
}

/** A server with too few workers: while they work, connections wait in its queue, and beyond that for room in it. */
const busy: Behaviour = (options) => {
  const { busyMs, freeMs, queue } = options as BusyOptions;
  const server: Server = createServer((request, response) => {
    request.resume();
    response.setHeader("connection", "close").end(`200 ${request.url}\n`);
  });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // The one thread sleeps, as a worker that works does not come back either.
  server.on("listening", () => setInterval(() => Atomics.wait(cell, 0, 0, busyMs), busyMs + freeMs));
  const listen = server.listen.bind(server) as (wish: ListenOptions) => Server;
  return Object.assign(server, {
    listen: (port: number, host: string): Server => listen({ port, host, backlog: queue }),
  });
};

export default busy;
