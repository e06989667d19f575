import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openFilesLimit } from "../measure/machine.ts";
import { memoryKib } from "../measure/process-tree.ts";
import { type Started, start } from "../measure/processes.ts";
import { frontName } from "../measure/workshop.ts";
import { startNginxServers } from "../servers/nginx-servers.ts";
import { plainScene } from "../subjects/subject.ts";
import { attempt, type Bench, withSubject } from "./bench.ts";

/** Memory of a subject without connections, and with many that were used once and are only held. */
export interface IdleCell {
  readonly subject: string;
  readonly connections: number;
  readonly beforeKib: number;
  readonly heldKib: number;
  readonly perConnectionKib: number;
}

const holdProgram = fileURLToPath(new URL("../load/hold.ts", import.meta.url));
/** Each process that holds has so many at most, far below any limit of its own. */
const perHolder = 10_000;
const patienceMs = 30_000;
/** What a subject has open for itself. */
const spareFiles = 500;

/** As many as wanted, or as the limit of open files allows the subject. */
export async function idleConnections(bench: Bench, wanted: number): Promise<readonly IdleCell[]> {
  const openFiles = openFilesLimit() - spareFiles;
  const servers = await startNginxServers(bench.shop, 1);
  const scene = plainScene(servers.addresses.map((address) => ({ address, port: servers.port })));
  const cells: IdleCell[] = [];
  try {
    for (const subject of bench.subjects) {
      const connections = Math.min(wanted, Math.floor(openFiles / subject.filesPerConnection));
      const cell = await attempt(bench, `idle ${subject.name}`, () =>
        withSubject(bench, subject, scene, ({ process }, { port }) =>
          memoryOf(bench, subject.name, process.pid, port, connections),
        ),
      );
      if (cell === undefined) continue;
      cells.push(cell);
      bench.say(`idle ${cell.subject}: ${cell.perConnectionKib.toFixed(1)} KiB each of ${cell.connections}`);
    }
  } finally {
    await servers.end();
  }
  return cells;
}

async function memoryOf(
  bench: Bench,
  subject: string,
  pid: number,
  port: number,
  connections: number,
): Promise<IdleCell> {
  // What is made ready with the first requests is not of the connections.
  await holding(bench, port, 64, async () => {});
  const beforeKib = memoryKib(pid);
  return await holding(bench, port, connections, async (held) => {
    const heldKib = memoryKib(pid);
    const perConnectionKib = (heldKib - beforeKib) / Math.max(1, held);
    return { subject, connections: held, beforeKib, heldKib, perConnectionKib };
  });
}

async function holding<Result>(
  { shop }: Bench,
  port: number,
  count: number,
  use: (held: number) => Promise<Result>,
): Promise<Result> {
  const holders: Started[] = [];
  try {
    for (let left = count; left > 0; left -= perHolder) {
      const args = [holdProgram, "127.0.0.1", String(port), String(Math.min(left, perHolder)), frontName];
      holders.push(start({ program: process.execPath, args, cpus: shop.otherCpus }));
    }
    let held = 0;
    for (const holder of holders) held += await heldBy(holder);
    // What was needed only to take them on may go.
    await sleep(1000);
    return await use(held);
  } finally {
    await Promise.all(holders.map((holder) => holder.end(0)));
  }
}

async function heldBy(holder: Started): Promise<number> {
  for (let waited = 0; waited < patienceMs; waited += 50) {
    const held = /held (\d+)/.exec(holder.output())?.[1];
    if (held !== undefined) return Number(held);
    await sleep(50);
  }
  throw new Error("connections are not answered");
}
