import { setTimeout as sleep } from "node:timers/promises";
import { failures, type LoadResult } from "../load/tally.ts";
import type { Started } from "../measure/processes.ts";
import { freePort, frontName, type Workshop } from "../measure/workshop.ts";
import { plainScene } from "../subjects/subject.ts";
import { attempt, type Bench, load, withSubject } from "./bench.ts";
import { startNodeServer } from "./stale.ts";

/** What clients saw while two of four servers had one trouble. */
export interface DrillCell {
  readonly subject: string;
  readonly trouble: Trouble;
  readonly method: "GET" | "POST";
  readonly requests: number;
  /** Answers of 500 and above. */
  readonly errors: number;
  /** These, and connections that ended without an answer. */
  readonly failed: number;
  readonly result: LoadResult;
}

export type Trouble = (typeof troubles)[number];

export const troubles = ["killed", "hung", "reset", "restarted"] as const;

const addresses = ["127.9.1.1", "127.9.1.2", "127.9.1.3", "127.9.1.4"];
const inTrouble = [0, 1];

/** Four servers that can be brought into trouble and out of it again. */
class Servers {
  readonly port: number;
  readonly #shop: Workshop;
  readonly #running: Started[] = [];

  private constructor(shop: Workshop, port: number) {
    this.#shop = shop;
    this.port = port;
  }

  static async start(shop: Workshop): Promise<Servers> {
    const servers = new Servers(shop, await freePort(addresses));
    for (const index of addresses.keys()) await servers.begin(index);
    return servers;
  }

  async begin(index: number): Promise<void> {
    this.#running[index] = await startNodeServer(this.#shop, addresses[index] ?? "", this.port, 0);
  }

  async kill(index: number): Promise<void> {
    await this.#running[index]?.end(0);
  }

  signal(index: number, name: NodeJS.Signals): void {
    this.#running[index]?.signal(name);
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((server) => server.end(0)));
  }
}

/** Brings two servers into trouble, one after the other, and out of it again after so long. */
async function cause(trouble: Trouble, servers: Servers, ms: number): Promise<void> {
  if (trouble === "restarted") {
    for (const index of inTrouble) {
      await servers.kill(index);
      await sleep(ms / 4);
      await servers.begin(index);
      await sleep(ms / 4);
    }
    return;
  }
  const [on, off] =
    trouble === "hung" ? (["SIGSTOP", "SIGCONT"] as const) : (["SIGUSR2", "SIGUSR2"] as const);
  for (const index of inTrouble) {
    if (trouble === "killed") await servers.kill(index);
    else servers.signal(index, on);
  }
  await sleep(ms);
  for (const index of inTrouble) {
    if (trouble === "killed") await servers.begin(index);
    else servers.signal(index, off);
  }
}

/**
 * GET and POST in turn at some hundred requests a second. Of the time a fifth goes before the trouble and three tenths after it.
 */
export async function failureDrill(bench: Bench, seconds: number): Promise<readonly DrillCell[]> {
  const cells: DrillCell[] = [];
  for (const subject of bench.subjects) {
    for (const trouble of troubles) {
      for (const method of ["GET", "POST"] as const) {
        const result = await attempt(bench, `drill ${subject.name} ${trouble}`, () =>
          drillOnce(bench, subject, trouble, method, seconds * 1000),
        );
        if (result === undefined) continue;
        const errors = Object.entries(result.statuses).reduce(
          (sum, [s, n]) => (s >= "500" ? sum + n : sum),
          0,
        );
        const requests = result.answered;
        cells.push({
          subject: subject.name,
          trouble,
          method,
          requests,
          errors,
          failed: failures(result),
          result,
        });
        bench.say(
          `drill ${subject.name} ${trouble} ${method}: ${failures(result)} failed of ${requests}, ${errors} of them 5xx`,
        );
      }
    }
  }
  return cells;
}

async function drillOnce(
  bench: Bench,
  subject: Bench["subjects"][number],
  trouble: Trouble,
  method: "GET" | "POST",
  durationMs: number,
): Promise<LoadResult> {
  const servers = await Servers.start(bench.shop);
  try {
    const scene = plainScene(
      addresses.map((address) => ({ address, port: servers.port })),
      { watchful: true },
    );
    return await withSubject(bench, subject, scene, async (_running, site) => {
      const underWay = load(
        {
          ...{ address: "127.0.0.1", port: site.port, connections: 16, durationMs, method, host: frontName },
          ...{ paths: ["/"], bodyBytes: method === "POST" ? 16 : 0, thinkMs: [15, 25], timeoutMs: 10_000 },
        },
        bench.shop.otherCpus,
      );
      await sleep(durationMs / 5);
      await cause(trouble, servers, durationMs / 2);
      return await underWay;
    });
  } finally {
    await servers.end();
  }
}
