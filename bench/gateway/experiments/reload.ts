import { setTimeout as sleep } from "node:timers/promises";
import type { LoadPlan } from "../load/load.ts";
import { failures, type LoadResult } from "../load/tally.ts";
import { frontName } from "../measure/workshop.ts";
import { startNginxServers } from "../servers/nginx-servers.ts";
import { plainScene, type RunningSubject, type Scene } from "../subjects/subject.ts";
import { attempt, type Bench, load, withSubject } from "./bench.ts";

/** A subject that takes over a new configuration every second while it is busy. */
export interface ReloadCell {
  readonly subject: string;
  readonly reloads: number;
  readonly requests: number;
  readonly failed: number;
  readonly result: LoadResult;
}

const everyMs = 1000;

export async function reloadUnderLoad(bench: Bench, seconds: number): Promise<readonly ReloadCell[]> {
  const servers = await startNginxServers(bench.shop, 2);
  const scene = plainScene(servers.addresses.map((address) => ({ address, port: servers.port })));
  const cells: ReloadCell[] = [];
  try {
    for (const subject of bench.subjects) {
      const cell = await attempt(bench, `reload ${subject.name}`, () =>
        withSubject(bench, subject, scene, (running, { port }) =>
          reloadOne(bench, subject.name, running, scene, port, seconds),
        ),
      );
      if (cell === undefined) continue;
      cells.push(cell);
      bench.say(`reload ${cell.subject}: ${cell.failed} failed of ${cell.requests}, ${cell.reloads} reloads`);
    }
  } finally {
    await servers.end();
  }
  return cells;
}

/** Undefined = it cannot reload. */
async function reloadOne(
  { shop }: Bench,
  subject: string,
  { reload }: RunningSubject,
  scene: Scene,
  port: number,
  seconds: number,
): Promise<ReloadCell | undefined> {
  if (reload === undefined) return undefined;
  const plan: LoadPlan = {
    ...{ address: "127.0.0.1", port, connections: 32, durationMs: seconds * 1000 },
    ...{ method: "GET", host: frontName, paths: ["/"], bodyBytes: 0, timeoutMs: 5000 },
  };
  const underWay = load(plan, shop.otherCpus);
  // Is waited for below, also when a reload fails before that.
  underWay.catch(() => {});
  let reloads = 0;
  for (let at = everyMs / 2; at < seconds * 1000; at += everyMs) {
    await sleep(reloads === 0 ? everyMs / 2 : everyMs);
    await reload({ ...scene, generation: ++reloads });
  }
  const result = await underWay;
  return { subject, reloads, requests: result.answered, failed: failures(result), result };
}
