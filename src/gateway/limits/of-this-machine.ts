import { readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { GateLimits } from "./gate.ts";
import type { MemoryUse } from "./overload-watch.ts";

/** What this machine gives one process. */
export interface Means {
  /** Files and sockets it may have open at a time, beside those it needs anyway; undefined = nobody says. */
  readonly openFiles: number | undefined;
  readonly memoryBytes: number;
}

export function meansOfThisMachine(): Means {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const memoryBytes = constrained > 0 && constrained < total ? constrained : total;
  return { openFiles: filesLeft(), memoryBytes };
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
export function memoryMeter(
  connections: () => number,
  read: () => NodeJS.MemoryUsage = process.memoryUsage,
): () => MemoryUse {
  let now = read();
  const programBytes = Math.max(0, now.rss - now.heapTotal - now.external);
  return () => {
    try {
      now = read();
    } catch {
      // It is read from a file, which cannot be opened when too many are: what was read last stands until then.
    }
    const used = programBytes + now.heapUsed + now.external + connections() * connectionBytes;
    return { memoryBytes: Math.min(now.rss, used), heapBytes: now.heapUsed };
  };
}

export function heapLimitBytes(): number {
  return getHeapStatistics().heap_size_limit;
}

/** For clients that are only told that there are too many, and for doors, probes, the log and the admin port. */
const reservedFiles = 96;

/** The soft limit, which Node raises to the hard one when it starts, without what is open or will be. */
function filesLeft(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    if (line === null) return undefined;
    return Math.max(0, Number(line[1]) - readdirSync("/proc/self/fd").length - reservedFiles);
  } catch {
    return undefined;
  }
}
