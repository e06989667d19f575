import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startPeer } from "../../support/peer.ts";
import type { Place } from "../../support/places.ts";

const program = fileURLToPath(new URL("../../../../bin/causeway.js", import.meta.url));
const readyWithinMs = 15_000;
const pollMs = 20;

/** A row of the access log, as far as the tests look at it. */
export interface Row {
  readonly properties: { readonly httpMethod: string; readonly httpStatus: number };
  readonly causeway: {
    readonly ending: string;
    readonly cause?: string;
    readonly connection?: "fresh" | "reused";
  };
}

/** `causeway run` as a process of its own. */
export interface Served extends AsyncDisposable {
  /** Of all exchanges that have ended: they are in the log once it has ended. */
  readonly end: () => Promise<readonly Row[]>;
  /** What it said. */
  readonly log: () => string;
}

/** Serves this configuration; `doors` are the places by port of the gateway. Ready once every server has been probed. */
export async function serve(
  yaml: string,
  folder: string,
  doors: Readonly<Record<number, Place>>,
  more: readonly string[] = [],
): Promise<Served> {
  const path = join(folder, "gateway.yaml");
  const logFile = join(folder, "access.log");
  writeFileSync(path, yaml);
  const [first] = Object.values(doors);
  if (first === undefined) throw new Error("a gateway without doors");
  const listen = Object.entries(doors).flatMap(([port, { text }]) => ["--listen", `${port}=${text}`]);
  const args = [program, "run", path, "--quiet", "--access-log", logFile, "--drain", "2", ...listen, ...more];
  const peer = await startPeer({ program: process.execPath, args, folder, readyAt: first });
  const deadline = Date.now() + readyWithinMs;
  while (!/; ready\n/.test(peer.log())) {
    if (Date.now() > deadline) {
      await peer.end();
      throw new Error(`the gateway is not ready:\n${peer.log()}`);
    }
    await sleep(pollMs);
  }
  const end = async (): Promise<readonly Row[]> => {
    await peer.end();
    return readFileSync(logFile, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  };
  return { end, log: peer.log, [Symbol.asyncDispose]: peer.end };
}
