import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { Channel } from "../../../src/gateway/workers/channel.ts";
import {
  type PortableConfiguration,
  readToWorker,
  type ToMain,
  type ToWorker,
  type WorkerStart,
} from "../../../src/gateway/workers/messages.ts";
import { PortPlan } from "../../../src/gateway/workers/port-plan.ts";
import { WorkerPool } from "../../../src/gateway/workers/worker-pool.ts";
import type { WorkerProcess } from "../../../src/gateway/workers/worker-process.ts";
import { preparedFor } from "../exchange/scene.ts";

const configuration: PortableConfiguration = {
  number: 2,
  gateway: "/gw",
  records: [],
  listedTypes: [],
  files: new Map(),
  selfSigned: new Map(),
  ticketSecret: Buffer.alloc(32),
  nowMs: 0,
  ports: new Map(),
};

/** A worker in this process: says what it was asked, and refuses as the test wants. */
class FakeWorker implements WorkerProcess {
  readonly pid = undefined;
  readonly asked: string[] = [];
  readonly #toMain: ((frame: unknown) => void)[] = [];
  #toWorker: (frame: unknown) => void = () => {};
  #end: (why: string) => void = () => {};

  constructor(refuses: (message: ToWorker) => boolean) {
    const wire = {
      send: (frame: unknown) => setImmediate(() => this.#toMain.forEach((take) => void take(frame))),
      onFrame: (take: (frame: unknown) => void) => {
        this.#toWorker = take;
      },
    };
    const channel = new Channel<ToWorker, ToMain>(wire, {
      read: readToWorker,
      told: ({ kind }) => {
        if (kind === "stop") this.kill();
      },
      asked: async (message) => {
        this.asked.push(message.kind);
        if (refuses(message)) throw new Error("the door is taken");
      },
    });
    channel.tell({ kind: "here" });
  }

  send(frame: unknown): void {
    setImmediate(() => this.#toWorker(frame));
  }

  onFrame(take: (frame: unknown) => void): void {
    this.#toMain.push(take);
  }

  onEnd(run: (why: string) => void): void {
    this.#end = run;
  }

  kill(): void {
    setImmediate(() => this.#end("signal SIGKILL"));
  }
}

function poolOf(refuses: (message: ToWorker, worker: number) => boolean) {
  const workers: FakeWorker[] = [];
  const said: string[] = [];
  const ended: number[] = [];
  const pool = new WorkerPool({
    count: 2,
    spawn: () => {
      const number = workers.length + 1;
      const worker = new FakeWorker((message) => refuses(message, number));
      workers.push(worker);
      return worker;
    },
    startOf: (worker) => ({ worker }) as WorkerStart,
    told: () => {},
    asked: async () => {},
    ended: (worker) => void ended.push(worker),
    say: (line) => void said.push(line),
    nowMs: () => 0,
  });
  return { pool, workers, said, ended };
}

describe("several workers", () => {
  test("take another configuration on when all have made it ready", async () => {
    const { pool, workers } = poolOf(() => false);
    await pool.start();
    await (await pool.stage(configuration)).commit();
    expect(workers.map(({ asked }) => asked)).toEqual([
      ["start", "stage", "commit"],
      ["start", "stage", "commit"],
    ]);
    await pool.stop(0);
  });

  test("all give it up when one refuses, and take the next one", async () => {
    let taken = true;
    const { pool, workers } = poolOf(({ kind }, worker) => kind === "stage" && worker === 2 && taken);
    await pool.start();
    await expect(pool.stage(configuration)).rejects.toThrow("the door is taken");
    taken = false;
    await (await pool.stage(configuration)).commit();
    for (const { asked } of workers) expect(asked).toEqual(["start", "stage", "abandon", "stage", "commit"]);
    await pool.stop(0);
  });

  test("one that cannot serve at the start ends them all, with the reason", async () => {
    const { pool, said } = poolOf(({ kind }, worker) => kind === "start" && worker === 2);
    await expect(pool.start()).rejects.toThrow("the door is taken");
    expect(said).toEqual([]);
  });

  test("one that does not take on what the others serve begins anew", async () => {
    const { pool, workers, said, ended } = poolOf(({ kind }, worker) => kind === "commit" && worker === 1);
    await pool.start();
    await (await pool.stage(configuration)).commit();
    while (!said.includes("worker 1 serves again")) await new Promise((go) => setTimeout(go, 10));
    expect(workers.map(({ asked }) => asked)).toEqual([
      ["start", "stage", "commit"],
      ["start", "stage", "commit"],
      ["start"],
    ]);
    expect(ended).toEqual([1]);
    await pool.stop(0);
  });
});

test.each([
  undefined,
  "stop",
  {},
  { kind: "stop" },
  { kind: "stop", drainMs: "1" },
  { kind: "constructor" },
  { kind: "board", entries: {} },
])("what is no message is dropped: %j", (value) => {
  expect(readToWorker(value)).toBeUndefined();
});

describe("ports of several workers", () => {
  const doorsOf = (port: number) =>
    preparedFor({ listeners: [{ name: "l", protocol: "Http", to: "app" }], members: ["127.0.0.1"] }, [port])
      .doors;

  test("one that the system chooses stays; one that somebody has is refused", async () => {
    const plan = new PortPlan();
    const ports = await plan.plan(doorsOf(0));
    plan.opened(ports);
    const [port = 0] = ports.values();
    expect(port).toBeGreaterThan(0);
    const server = createServer();
    await new Promise<void>((go) => void server.listen(port, "127.0.0.1", go));
    // It is the workers' own by now.
    expect(await plan.plan(doorsOf(0))).toEqual(ports);
    await expect(new PortPlan().plan(doorsOf(port))).rejects.toThrow(/EADDRINUSE/);
    await new Promise((go) => server.close(go));
  });
});
