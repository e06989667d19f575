import { Gate } from "../gateway/limits/gate.ts";
import {
  gateLimitsFor,
  heapLimitBytes,
  longestDelayMs,
  meansOfThisMachine,
  memoryLimitFor,
  memoryMeter,
  type WishedLimits,
} from "../gateway/limits/of-this-machine.ts";
import { OverloadWatch } from "../gateway/limits/overload-watch.ts";
import { limitWords } from "../gateway/limits/refusals.ts";
import { systemClock } from "../probe/clock.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import { say } from "./write-out.ts";

/** Reads the limits of a call; throws `UsageError`. */
export function limitsFrom(args: Arguments): WishedLimits {
  return {
    connections: countFrom(args, "max-connections"),
    connectionsPerClient: countFrom(args, "max-connections-per-client"),
    requests: countFrom(args, "max-requests"),
    memoryBytes: bytesFrom(args.text("max-memory")),
  };
}

/** Of one of so many processes: what a call says of the whole run is shared out; files are counted by process. */
export function gateFor({ connections, requests, ...wished }: WishedLimits, workers: number): Gate {
  const share = (count: number | undefined) => (count === undefined ? undefined : Math.ceil(count / workers));
  const limits = { ...wished, connections: share(connections), requests: share(requests) };
  return new Gate(gateLimitsFor(limits, meansOfThisMachine()));
}

/** Watches this process until it is closed, and says when its level changes. */
export function watchOverload(gate: Gate, wished: WishedLimits, workers: number, io: Io): OverloadWatch {
  return new OverloadWatch({
    gate,
    clock: systemClock,
    capacity: {
      memoryBytes: Math.floor(memoryLimitFor(wished, meansOfThisMachine()) / workers),
      heapBytes: heapLimitBytes(),
      delayMs: longestDelayMs,
    },
    memory: memoryMeter(() => gate.connections),
    onLevel: (level, because) => {
      const why = because === undefined ? "" : `: ${limitWords[because]}`;
      void say(io, `causeway: ${levelWords[level]}${why}`);
    },
  });
}

const levelWords = [
  "the load is normal again",
  "much is going on: idle connections are closed, and others after their response",
  "too much is going on: requests get 503",
] as const;

function countFrom(args: Arguments, option: string): number | undefined {
  const text = args.text(option);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new UsageError(`--${option} takes a whole number above 0, not "${text}"`);
}

const units: Readonly<Record<string, number>> = { M: 1024 ** 2, G: 1024 ** 3 };
/** Less would not hold the program itself. */
const leastMemoryBytes = 128 * 1024 ** 2;

function bytesFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = "", unit = ""] = /^(\d{1,6})([MG])$/i.exec(text) ?? [];
  const bytes = Number(digits) * (units[unit.toUpperCase()] ?? 0);
  if (bytes >= leastMemoryBytes) return bytes;
  throw new UsageError(`--max-memory takes a size from 128M on, such as 512M or 4G, not "${text}"`);
}
