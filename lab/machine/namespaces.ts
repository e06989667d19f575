import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Every namespace of the lab is `cwlab<pid of the run>-…`: a later run finds what a dead one left. */
const mark = "cwlab";
export const runPrefix = `${mark}${process.pid}-`;

/** Runs a program with text on its standard input; throws with what it said when it fails. */
export function feed(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(" ")}: ${err.trim()}\n${input}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

export function netPath(namespace: string): string {
  return `/run/netns/${namespace}`;
}

/** Ids of the processes inside, whoever started them. */
export async function processesIn(namespace: string): Promise<readonly number[]> {
  try {
    const { stdout } = await run("ip", ["netns", "pids", namespace]);
    return stdout.split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Ends what runs in them and takes them away. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  const pids = await Promise.all(names.map(processesIn));
  for (const pid of pids.flat()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  const known = new Set(namespacesNow());
  const lines = names.filter((name) => known.has(name)).map((name) => `netns delete ${name}`);
  if (lines.length > 0) await feed("ip", ["-force", "-batch", "-"], lines.join("\n")).catch(() => "");
}

function namespacesNow(): readonly string[] {
  try {
    return readdirSync("/run/netns");
  } catch {
    return [];
  }
}

/** What runs that are dead by now left behind. */
export async function sweep(): Promise<readonly string[]> {
  const stale = namespacesNow().filter((name) => {
    const pid = new RegExp(`^${mark}(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !isLab(Number(pid));
  });
  await removeNamespaces(stale);
  return stale;
}

/** A process id may have gone to another program since. */
function isLab(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("lab/");
  } catch {
    return false;
  }
}

/**
 * Cleans up when this process ends in whatever way: it reads from a pipe that only we hold, outside of our process group so
 * that Ctrl-C does not reach it. `folder` goes too.
 */
export function startJanitor(folder: string): ChildProcess {
  const script = `cat >/dev/null
for path in /run/netns/${runPrefix}*; do
  [ -e "$path" ] || continue
  name=\${path##*/}
  for pid in $(ip netns pids "$name"); do kill -9 "$pid" 2>/dev/null; done
  ip netns delete "$name"
done
rm -rf -- "$0"`;
  const child = spawn("bash", ["-c", script, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  return child;
}
