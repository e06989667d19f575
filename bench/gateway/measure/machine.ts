import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { cpuSeconds, machineCpuSeconds } from "./process-tree.ts";
import { printed } from "./processes.ts";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  /** The load of the last minute when the run began: what else was going on. */
  readonly loadBefore: number;
  readonly at: string;
}

export function describeMachine(): Machine {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readOr("/etc/os-release", ""))?.[1] ?? "Linux";
  return {
    processor: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${system}, Linux ${release()}`,
    node: process.version,
    loadBefore: Number(readOr("/proc/loadavg", "0").split(" ")[0]),
    at: new Date().toISOString(),
  };
}

export const machineLine = (machine: Machine): string =>
  `${machine.cores} cores of ${machine.processor}, ${machine.memoryGib} GiB, ${machine.system}, Node ${machine.node.slice(1)}; load before the run ${machine.loadBefore}`;

/**
 * Begins to watch what else goes on; the answer, at the end, is the share of all processor time that programs took which
 * were not started here. Above some hundredths the figures are not worth keeping.
 */
export function watchOthers(): () => number {
  const began = performance.now();
  const machine = machineCpuSeconds();
  const own = cpuSeconds(process.pid);
  return () => {
    const others = machineCpuSeconds() - machine - (cpuSeconds(process.pid) - own);
    const allS = ((performance.now() - began) / 1000) * availableParallelism();
    return Math.max(0, others / allS);
  };
}

/** Connections a process may have, as far as the system lets it raise the limit. */
export const openFilesLimit = (): number => {
  const hard = Number(printed("sh", "-c", "ulimit -Hn")?.trim());
  return Number.isFinite(hard) ? hard : Number.MAX_SAFE_INTEGER;
};

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
