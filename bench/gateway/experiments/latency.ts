import type { LoadPlan } from "../load/load.ts";
import { frontName } from "../measure/workshop.ts";
import { startNginxServers } from "../servers/nginx-servers.ts";
import { plainScene } from "../subjects/subject.ts";
import { attempt, type Bench, load, withSubject } from "./bench.ts";

/** What a subject adds to the time of a request while it has about half of the requests it can take. */
export interface LatencyCell {
  readonly subject: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The servers themselves, asked at the same pace. */
  readonly directP50Ms: number;
  readonly directP99Ms: number;
}

const connections = 64;
const fullLoadMs = 1500;

/**
 * Full load first, also as a warm-up; then clients pause between requests so long that half of that is left, each pause of
 * another length, so that they do not march in step.
 */
export async function latencyAtHalfLoad(bench: Bench, seconds: number): Promise<readonly LatencyCell[]> {
  const servers = await startNginxServers(bench.shop, 1);
  const [address = "127.0.0.1"] = servers.addresses;
  const scene = plainScene([{ address, port: servers.port }]);
  const ask = (place: Pick<LoadPlan, "address" | "port">, durationMs: number, pauseMs: number) =>
    load(
      {
        ...{ ...place, connections, durationMs, method: "GET", host: frontName, paths: ["/"] },
        ...{ bodyBytes: 0, timeoutMs: 5000, ...(pauseMs > 0 ? { thinkMs: [0, 2 * pauseMs] } : {}) },
      },
      bench.shop.otherCpus,
    );
  const cells: LatencyCell[] = [];
  try {
    for (const subject of bench.subjects) {
      const cell = await attempt(bench, `latency ${subject.name}`, () =>
        withSubject(bench, subject, scene, async (_running, { port }) => {
          const full = await ask({ address: "127.0.0.1", port }, fullLoadMs, 0);
          const pauseMs = (2000 * connections * full.seconds) / Math.max(1, full.answered);
          const half = await ask({ address: "127.0.0.1", port }, seconds * 1000, pauseMs);
          const direct = await ask({ address, port: servers.port }, seconds * 1000, pauseMs);
          return {
            ...{ subject: subject.name, requestsPerSecond: half.answered / half.seconds },
            ...{ p50Ms: half.p50Ms, p99Ms: half.p99Ms },
            ...{ directP50Ms: direct.p50Ms, directP99Ms: direct.p99Ms },
          };
        }),
      );
      if (cell === undefined) continue;
      cells.push(cell);
      bench.say(
        `latency ${cell.subject}: p99 ${cell.p99Ms.toFixed(2)} ms, direct ${cell.directP99Ms.toFixed(2)} ms`,
      );
    }
  } finally {
    await servers.end();
  }
  return cells;
}
