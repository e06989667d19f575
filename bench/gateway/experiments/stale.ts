import { fileURLToPath } from "node:url";
import { failures, type LoadResult } from "../load/tally.ts";
import { listening, type Started, start } from "../measure/processes.ts";
import { freePort, frontName, type Workshop } from "../measure/workshop.ts";
import { plainScene } from "../subjects/subject.ts";
import { attempt, type Bench, load, withSubject } from "./bench.ts";

/** Errors of one subject while servers close connections at the moment they are used again. */
export interface StaleCell {
  readonly subject: string;
  readonly method: "GET" | "POST";
  readonly requests: number;
  readonly errors: number;
  readonly result: LoadResult;
}

const idleMs = 50;
const thinkMs = [47, 53] as const;
const clients = 48;

export const nodeServer = fileURLToPath(new URL("../servers/node-server.ts", import.meta.url));

/** A server that closes each connection 50 ms after its last answer; clients that ask again just about then. */
export async function staleKeepAlive(bench: Bench, seconds: number): Promise<readonly StaleCell[]> {
  const port = await freePort();
  const server = await startNodeServer(bench.shop, "127.0.0.1", port, idleMs);
  const cells: StaleCell[] = [];
  try {
    for (const subject of bench.subjects) {
      for (const method of ["GET", "POST"] as const) {
        const scene = plainScene([{ address: "127.0.0.1", port }]);
        const result = await attempt(bench, `stale ${subject.name}`, () =>
          withSubject(bench, subject, scene, (_running, site) =>
            load(
              {
                ...{
                  address: "127.0.0.1",
                  port: site.port,
                  connections: clients,
                  durationMs: seconds * 1000,
                },
                ...{ method, host: frontName, paths: ["/"], bodyBytes: method === "POST" ? 16 : 0 },
                ...{ thinkMs, timeoutMs: 5000 },
              },
              bench.shop.otherCpus,
            ),
          ),
        );
        if (result === undefined) continue;
        const errors = failures(result);
        cells.push({ subject: subject.name, method, requests: result.answered, errors, result });
        bench.say(`stale ${subject.name} ${method}: ${errors} errors of ${result.answered}`);
      }
    }
  } finally {
    await server.end();
  }
  return cells;
}

export async function startNodeServer(
  shop: Workshop,
  address: string,
  port: number,
  closesAfterMs: number,
): Promise<Started> {
  const args = [nodeServer, address, String(port), String(closesAfterMs)];
  const server = start({ program: process.execPath, args, cpus: shop.otherCpus });
  await listening(server, address, port);
  return server;
}
