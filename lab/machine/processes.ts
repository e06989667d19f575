import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { netPath } from "./namespaces.ts";

/** A program that runs inside a namespace. */
export interface Started {
  readonly child: ChildProcess;
  readonly log: string;
}

export interface Wish {
  readonly command: readonly string[];
  /** File that its output goes to. */
  readonly log: string;
  /** TCP ports it is waited for to listen on. */
  readonly ports?: readonly number[];
  readonly udpPort?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Stands for /etc/resolv.conf inside. */
  readonly resolvConf?: string;
}

const patienceMs = 15_000;

/** Starts a program in a namespace and waits until it listens. */
export async function startInside(namespace: string, wish: Wish): Promise<Started> {
  const log = openSync(wish.log, "a");
  const child = spawn("nsenter", insideArguments(namespace, wish), {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...wish.env },
  });
  closeSync(log);
  const started = { child, log: wish.log };
  await listening(started, wish);
  return started;
}

/** Of `nsenter`: the namespace, and a resolver file that nobody else sees. */
export function insideArguments(
  namespace: string,
  { command, resolvConf }: Pick<Wish, "command" | "resolvConf">,
): string[] {
  const inside = [`--net=${netPath(namespace)}`];
  if (resolvConf === undefined) return [...inside, ...command];
  const script = `mount --bind "$0" /etc/resolv.conf && exec "$@"`;
  return [...inside, "unshare", "--mount", "sh", "-c", script, resolvConf, ...command];
}

async function listening({ child, log }: Started, { command, ports = [], udpPort }: Wish): Promise<void> {
  const end = Date.now() + patienceMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${command[0]} ended: ${readFileSync(log, "utf8").slice(-2000)}`);
    }
    if (
      ports.every((port) => listens(child.pid, "tcp", port)) &&
      (udpPort === undefined || listens(child.pid, "udp", udpPort))
    )
      return;
    if (Date.now() > end) {
      child.kill("SIGKILL");
      throw new Error(`${command[0]} does not listen: ${readFileSync(log, "utf8").slice(-2000)}`);
    }
    await sleep(20);
  }
}

/** By the tables of the process's own network namespace. TCP state 0A = listening. */
function listens(pid: number | undefined, protocol: "tcp" | "udp", port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["", "6"].some((family) => {
    let table: string;
    try {
      table = readFileSync(`/proc/${pid}/net/${protocol}${family}`, "utf8");
    } catch {
      return false;
    }
    return table.split("\n").some((line) => {
      const [, local = "", , state] = line.trim().split(/\s+/);
      return local.endsWith(wanted) && (protocol === "udp" || state === "0A");
    });
  });
}

/** Asks it to end, and makes it after two seconds. */
export async function endProcess({ child }: Started, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(timer);
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a namespace to its end, or until the time is up. */
export function runInside(
  namespace: string,
  wish: Pick<Wish, "command" | "env" | "resolvConf"> & {
    readonly timeoutMs: number;
    readonly input?: string;
  },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn("nsenter", insideArguments(namespace, wish), {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...wish.env },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), wish.timeoutMs);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(wish.input ?? "");
  });
}
