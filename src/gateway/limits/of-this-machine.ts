import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { GateLimits } from "./gate.ts";
import type { MemoryUse } from "./overload-watch.ts";

/** What this machine gives one process. */
export interface Means {
  /** Files and sockets open at a time; undefined = nobody says. */
  readonly openFiles: number | undefined;
  readonly memoryBytes: number;
}

export function meansOfThisMachine(): Means {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const memoryBytes = constrained > 0 && constrained < total ? constrained : total;
  return { openFiles: openFilesLimit(), memoryBytes };
}

/** What the call says; undefined = as the machine allows. */
export interface WishedLimits {
  readonly connections: number | undefined;
  readonly connectionsPerClient: number | undefined;
  readonly requests: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** Where nobody says how many sockets there may be. */
const otherwiseFiles = 16_384;
/** Sockets of clients, and of servers on their behalf; the rest is for doors, files, probes. */
const connectionShare = 0.6;
const requestShare = 0.35;
/** The rest is for the system, and for what comes beside others on the machine. */
const memoryShare = 0.75;

/** No more is taken on than there are sockets for, so that no server is called unreachable for want of one. */
export function gateLimitsFor(wished: WishedLimits, { openFiles }: Pick<Means, "openFiles">): GateLimits {
  const files = openFiles ?? otherwiseFiles;
  const connections = wished.connections ?? Math.max(16, Math.floor(files * connectionShare));
  return {
    connections,
    connectionsPerClient: wished.connectionsPerClient ?? connections,
    handshakes: Math.max(16, Math.floor(connections / 2)),
    requests: wished.requests ?? Math.max(16, Math.floor(files * requestShare)),
  };
}

export function memoryLimitFor(wished: WishedLimits, means: Pick<Means, "memoryBytes">): number {
  return wished.memoryBytes ?? Math.floor(means.memoryBytes * memoryShare);
}

/** A gateway that is later than that, for a second on end, cannot keep up. */
export const longestDelayMs = 1_000;

/** What the system holds for a connection beside the heap. */
const connectionBytes = 4 * 1024;

/**
 * What this process really uses: the program itself, live objects and buffers, and sockets. Memory that the allocator
 * keeps after a rush is ready to be used again, and does not count.
 */
export function memoryMeter(connections: () => number): () => MemoryUse {
  const { rss, heapTotal, external } = process.memoryUsage();
  const programBytes = Math.max(0, rss - heapTotal - external);
  return () => {
    const now = process.memoryUsage();
    const used = programBytes + now.heapUsed + now.external + connections() * connectionBytes;
    return { memoryBytes: Math.min(now.rss, used), heapBytes: now.heapUsed };
  };
}

export function heapLimitBytes(): number {
  return getHeapStatistics().heap_size_limit;
}

/** The soft limit, which Node raises to the hard one when it starts. */
function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}
