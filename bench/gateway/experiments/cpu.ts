import { cpuSeconds } from "../measure/process-tree.ts";
import { type LoadFigures, runWrk } from "../measure/wrk.ts";
import { startNginxServers } from "../servers/nginx-servers.ts";
import type { Scene, Subject } from "../subjects/subject.ts";
import { attempt, type Bench, load, median, withSubject } from "./bench.ts";
import { type Row, sceneOf, targetsOf } from "./rows.ts";

/** One subject in one row: medians of its runs. */
export interface CpuCell {
  readonly subject: string;
  readonly cpuUs: number;
  /** Least and most of the runs. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** Of all runs together: answers of 400 and above, and connections that broke. */
  readonly failed: number;
  readonly ratio: number | undefined;
}

export interface CpuRow {
  readonly row: string;
  readonly says: string;
  readonly cells: readonly CpuCell[];
}

export interface CpuWishes {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly runs: number;
  readonly generator: "wrk" | "own";
}

interface Measured extends LoadFigures {
  readonly cpuUs: number;
}

/** Subjects take turns within each run, so that what else the machine does meets them all alike. */
export async function measureRow(bench: Bench, row: Row, wishes: CpuWishes): Promise<CpuRow> {
  const servers = await startNginxServers(bench.shop, row.servers);
  try {
    const scene = sceneOf(row, servers);
    const measured = new Map<string, Measured[]>();
    for (let run = 1; run <= wishes.runs; run++) {
      for (const subject of bench.subjects) {
        if (!subject.covers(scene)) continue;
        const what = `${row.name} ${subject.name}`;
        const result = await attempt(bench, what, () => measureOnce(bench, subject, scene, row, wishes));
        if (result === undefined) continue;
        measured.set(subject.name, [...(measured.get(subject.name) ?? []), result]);
        const { cpuUs, requests, failed, socketErrors } = result;
        const bad = failed + socketErrors === 0 ? "" : `, ${failed + socketErrors} failed`;
        bench.say(
          `${row.name} ${run}/${wishes.runs} ${subject.name}: ${cpuUs.toFixed(1)} µs, ${requests} requests${bad}`,
        );
      }
    }
    return { row: row.name, says: row.says, cells: cellsOf(measured) };
  } finally {
    await servers.end();
  }
}

function measureOnce(
  bench: Bench,
  subject: Subject,
  scene: Scene,
  row: Row,
  wishes: CpuWishes,
): Promise<Measured> {
  return withSubject(bench, subject, scene, async ({ process }, { port }) => {
    const ask = (seconds: number) => askFor(bench, row, scene, port, seconds, wishes.generator);
    await ask(wishes.warmUpSeconds);
    const before = cpuSeconds(process.pid);
    const figures = await ask(wishes.seconds);
    if (figures.requests === 0)
      throw new Error(`no request was answered, ${figures.socketErrors} connections broke`);
    const spentUs = (cpuSeconds(process.pid) - before) * 1e6;
    return { ...figures, cpuUs: spentUs / figures.requests };
  });
}

async function askFor(
  { shop }: Bench,
  row: Row,
  scene: Scene,
  port: number,
  seconds: number,
  generator: CpuWishes["generator"],
): Promise<LoadFigures> {
  const { connections, method, bodyBytes } = row;
  const targets = targetsOf(row, scene);
  const first = targets[0] ?? { host: "localhost", path: row.path };
  if (generator === "wrk") {
    const url = `${scene.frontTls ? "https" : "http"}://127.0.0.1:${port}${first.path}`;
    const plan = { url, connections, seconds, method, bodyBytes, targets };
    return await runWrk({ ...plan, cpus: shop.otherCpus, folder: shop.folder });
  }
  const result = await load(
    {
      ...{ address: "127.0.0.1", port, connections, durationMs: seconds * 1000, method, bodyBytes },
      ...{ host: first.host, paths: targets.map(({ path }) => path), timeoutMs: 10_000 },
      ...(scene.frontTls ? { tls: { name: first.host, rootFile: shop.rootFile } } : {}),
    },
    shop.otherCpus,
  );
  const { answered, statuses, unanswered, cut, timedOut, malformed, refused, p99Ms } = result;
  return {
    requests: answered,
    seconds: result.seconds,
    failed: Object.entries(statuses).reduce((sum, [status, n]) => (status >= "400" ? sum + n : sum), 0),
    socketErrors: unanswered + cut + timedOut + malformed + refused,
    p99Ms,
  };
}

/** Ratios are to nginx of the same row. */
export function cellsOf(measured: ReadonlyMap<string, readonly Measured[]>): readonly CpuCell[] {
  const middle = (name: string) => median((measured.get(name) ?? []).map(({ cpuUs }) => cpuUs));
  const nginxUs = middle("nginx");
  return [...measured].map(([subject, runs]) => {
    const all = runs.map(({ cpuUs }) => cpuUs);
    return {
      subject,
      cpuUs: middle(subject),
      fromUs: Math.min(...all),
      toUs: Math.max(...all),
      requestsPerSecond: median(runs.map(({ requests, seconds }) => requests / seconds)),
      p99Ms: median(runs.map(({ p99Ms }) => p99Ms)),
      failed: runs.reduce((sum, { failed, socketErrors }) => sum + failed + socketErrors, 0),
      ratio: Number.isNaN(nginxUs) ? undefined : middle(subject) / nginxUs,
    };
  });
}
