import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Place } from "./places.ts";

/** A real program that runs for a test; ended, by its own process id, with `await using` or `end`. */
export interface Peer extends AsyncDisposable {
  /** What it wrote so far. */
  readonly log: () => string;
  readonly end: () => Promise<void>;
}

export interface PeerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** It is ready once this takes connections. */
  readonly readyAt: Place;
  /** Where it writes its log, when that is not its standard output or error. */
  readonly logFile?: string;
}

const readyWithinMs = 15_000;
const pollMs = 20;
const killAfterMs = 5_000;
/** The servers are where only root looks for programs. */
const searched = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

/** Starts it in the foreground; rejects with its log when it dies or is not ready in time. */
export async function startPeer(command: PeerCommand): Promise<Peer> {
  const { program, args, folder, readyAt, logFile } = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: searched, LANG: "C.UTF-8" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let written = "";
  let failed: Error | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
  }
  child.on("error", (error) => {
    failed = error;
  });
  const end = () => ended(child);
  const log = () =>
    written + (logFile !== undefined && existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  const peer: Peer = { log, end, [Symbol.asyncDispose]: end };
  const deadline = Date.now() + readyWithinMs;
  while (!(await takesConnections(readyAt))) {
    const dead = failed !== undefined || !runs(child);
    if (dead || Date.now() > deadline) {
      await end();
      const why = dead ? `died (${failed?.message ?? child.exitCode ?? child.signalCode})` : "is not ready";
      throw new Error(`${program} ${args.join(" ")} ${why}:\n${log()}`);
    }
    await sleep(pollMs);
  }
  return peer;
}

const runs = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

async function ended(child: ChildProcess): Promise<void> {
  if (!runs(child)) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  await gone;
  clearTimeout(timer);
}

async function takesConnections({ address, port }: Place): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
