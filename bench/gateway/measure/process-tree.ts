import { readdirSync, readFileSync } from "node:fs";

/** One process as /proc/<pid>/stat tells it; times in clock ticks. */
interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that ended and were waited for. */
  readonly childTicks: number;
}

/** USER_HZ: what the kernel counts in towards programs, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * The fields of a stat line. The name of the program stands in brackets and may hold spaces and brackets itself, so fields
 * are counted from the last bracket on.
 */
export function readStat(line: string): ProcessStat | undefined {
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = line.slice(close + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  const stat = {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    ownTicks: field(14) + field(15),
    childTicks: field(16) + field(17),
  };
  return Object.values(stat).every(Number.isFinite) ? stat : undefined;
}

/** The process with this id and all below it; empty when it has ended. */
export function treeOf(root: number, all: readonly ProcessStat[]): readonly ProcessStat[] {
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function allProcesses(): readonly ProcessStat[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readStat(textOf(`/proc/${name}/stat`));
    return stat === undefined ? [] : [stat];
  });
}

/** Ended between the listing and the reading = empty. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** User and system time in seconds that a process and all below it have used so far; steps of 10 ms for each process. */
export function cpuSeconds(root: number): number {
  const tree = treeOf(root, allProcesses());
  if (tree.length === 0) throw new Error(`process ${root} has ended`);
  return tree.reduce((sum, { ownTicks, childTicks }) => sum + ownTicks + childTicks, 0) / ticksPerSecond;
}

/** Processor time in seconds that all programs of the machine have used so far. */
export function machineCpuSeconds(): number {
  return busyTicks(textOf("/proc/stat")) / ticksPerSecond;
}

/** The first line of /proc/stat: user, nice, system, idle, waiting for disks, interrupts, soft interrupts, taken by the host. */
export function busyTicks(text: string): number {
  const [user, nice, system, , , interrupts, soft] = (/^cpu +(.*)$/m.exec(text)?.[1] ?? "")
    .split(" ")
    .map(Number);
  return [user, nice, system, interrupts, soft].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
}

/** Memory of a process and all below it in KiB, what they share counted once (proportional set size). */
export function memoryKib(root: number): number {
  return treeOf(root, allProcesses()).reduce((sum, { pid }) => {
    const pss = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`));
    return sum + Number(pss?.[1] ?? 0);
  }, 0);
}
