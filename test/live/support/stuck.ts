import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** A listener whose system takes no more connections: its program accepts none, and its queue is full. */
export interface StuckListener extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Lets the program accept; resolves once it took what had waited. */
  release(): Promise<void>;
}

/** In a thread of its own, which sleeps in the middle of everything until it is woken. */
const program = `
const { createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"));
});
server.listen({ host: workerData.address, port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData.bell, 0, 0);
  setTimeout(() => parentPort.postMessage("awake"), 50);
});
`;

/** Longer than a connection on this machine takes, shorter than the first repetition of its packet. */
const unansweredMs = 300;

export async function stuckAt(address: string): Promise<StuckListener> {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { address, bell } });
  const [port] = (await once(worker, "message")) as [number];
  const sockets = await fill(address, port);
  return {
    address,
    port,
    release: async () => {
      const awake = once(worker, "message");
      Atomics.store(bell, 0, 1);
      Atomics.notify(bell, 0);
      await awake;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}

/** Connects until nobody answers any more; the last, which would try again, is ended. */
async function fill(address: string, port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < 64) {
    const socket = createConnection({ host: address, port });
    socket.on("error", () => {});
    const connected = await new Promise<boolean>((done) => {
      socket.once("connect", () => done(true));
      setTimeout(() => done(false), unansweredMs);
    });
    if (!connected) {
      socket.destroy();
      return sockets;
    }
    sockets.push(socket);
  }
  throw new Error("the queue of the listener has no end");
}
