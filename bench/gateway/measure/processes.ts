import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Cores it may use, as taskset names them: `0`, `0,1`. Undefined = all. */
  readonly cpus?: string | undefined;
  /** Takes what it prints; undefined = it is handed to the caller at the end. */
  readonly outputFile?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that was started here, in a group of its own. */
export interface Started {
  readonly pid: number;
  /** The exit code; null = ended by a signal. */
  readonly ended: Promise<number | null>;
  /** What it printed so far, when it has no file for that. */
  output(): string;
  /** To the process alone, not to those below it. */
  signal(name: NodeJS.Signals): void;
  /** Asks the whole group to end, and insists after the time given. */
  end(graceMs?: number): Promise<void>;
}

const running = new Set<number>();
const maxOutputBytes = 1024 * 1024;

/** To a group; it may have ended by itself. */
function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Ended.
  }
}

/** Ends everything that was started here and is still there, without asking. For the end of this process. */
export function endAll(): void {
  for (const pid of running) signalGroup(pid, "SIGKILL");
  running.clear();
}

export function start({ program, args, cpus, outputFile, env }: Command): Started {
  const words = cpus === undefined ? [program, ...args] : ["taskset", "-c", cpus, program, ...args];
  const file = outputFile === undefined ? undefined : openSync(outputFile, "a");
  const child = spawn(words[0] ?? program, words.slice(1), {
    stdio: ["ignore", file ?? "pipe", file ?? "pipe"],
    detached: true,
    env: { ...process.env, ...env },
  });
  if (file !== undefined) closeSync(file);
  const { pid } = child;
  if (pid === undefined) {
    child.once("error", () => {});
    throw new Error(`${program} cannot be started`);
  }
  running.add(pid);
  const printed = collect(child);
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  return {
    pid,
    ended,
    output: printed,
    signal: (name) => {
      if (running.has(pid)) process.kill(pid, name);
    },
    end: (graceMs = 2000) => end(pid, ended, graceMs),
  };
}

async function end(pid: number, ended: Promise<unknown>, graceMs: number): Promise<void> {
  if (!running.has(pid)) return;
  signalGroup(pid, "SIGTERM");
  const over = new AbortController();
  await Promise.race([ended, sleep(graceMs, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
  // Those below it as well, and those that were stopped.
  signalGroup(pid, "SIGKILL");
  await ended;
  running.delete(pid);
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      if (text.length < maxOutputBytes) text += chunk.toString("latin1");
    });
  }
  return () => text;
}

/** Waits until connections are taken at a port of loopback; throws with what was printed when the process ends instead. */
export async function listening(
  process: Started,
  address: string,
  port: number,
  logFile?: string,
): Promise<void> {
  let over = false;
  process.ended.then(() => {
    over = true;
  });
  for (let round = 0; round < 400; round++) {
    if (await connects(address, port)) return;
    if (over) break;
    await sleep(25);
  }
  const said = logFile === undefined ? process.output() : readFileSync(logFile, "utf8");
  throw new Error(`nothing listens on ${address}:${port}\n${said.slice(-2000)}`);
}

function connects(address: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: address, port });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

/** Runs a short command to its end and gives what it printed; undefined = it cannot be run. */
export function printed(program: string, ...args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, [...args], { encoding: "utf8", timeout: 10_000 });
  return error === undefined ? `${stdout}${stderr}` : undefined;
}
