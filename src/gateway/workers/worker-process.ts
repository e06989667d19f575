import cluster from "node:cluster";
import type { Wire } from "./channel.ts";

/** Another process of this program. */
export interface WorkerProcess extends Wire {
  readonly pid: number | undefined;
  /** Once, with why in words. */
  onEnd(run: (why: string) => void): void;
  kill(): void;
}

/**
 * Starts a process with this file and these words. It ends when this one does, however that ends. Where the system does
 * not share ports, what it listens at is opened here and shared.
 */
export function startWorker(file: string, words: readonly string[]): WorkerProcess {
  cluster.setupPrimary({
    exec: file,
    args: [...words],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const worker = cluster.fork();
  const ended = new Promise<string>((resolve) => {
    worker.once("exit", (code: number | null, signal: string | null) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  // It cannot be started, or a message cannot be sent: its end is told by `exit`.
  worker.on("error", () => {});
  return {
    pid: worker.process.pid,
    send: (frame) => {
      if (worker.isConnected()) worker.process.send(frame as object, undefined, undefined, () => {});
    },
    onFrame: (take) => void worker.on("message", take),
    onEnd: (run) => void ended.then(run),
    kill: () => void worker.process.kill("SIGKILL"),
  };
}

/** The way from a worker to its main process; it is ended with it. */
export function wireToMain(): Wire {
  return {
    send: (frame) => {
      if (process.connected) process.send?.(frame, undefined, undefined, () => {});
    },
    onFrame: (take) => void process.on("message", take),
  };
}
