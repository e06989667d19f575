/** What a gateway can run short of. */
export type Resource = "connections" | "requests" | "memory" | "heap" | "delay";

/** 0 = all is well; 1 = keep-alive is given up; 2 = requests are refused. */
export type Level = 0 | 1 | 2;

/** What was seen of this process at one moment. */
export interface Usage {
  readonly connections: number;
  readonly requests: number;
  /** What is really in use, without what the process only keeps for later. */
  readonly memoryBytes: number;
  readonly heapBytes: number;
  /** How late the event loop came to what was due, for a while on end: a single hiccup is none. */
  readonly delayMs: number;
}

/** Of each resource, how much there is. */
export interface Capacity {
  readonly connections: number;
  readonly requests: number;
  readonly memoryBytes: number;
  readonly heapBytes: number;
  readonly delayMs: number;
}

/** Shares of the capacity: 1 = all of it. */
export type Readings = Readonly<Record<Resource, number>>;

export interface Overload {
  readonly level: Level;
  /** What brought it there; undefined = nothing did. */
  readonly because: Resource | undefined;
  readonly readings: Readings;
  readonly levels: Readonly<Record<Resource, Level>>;
  /** Not left for a lower level before. */
  readonly heldUntilMs: number;
}

/** Entered from `from` on, left below `until`: what lies between keeps it from flapping. */
interface Step {
  readonly from: number;
  readonly until: number;
}

/** Connections and requests are refused one by one at their limits: as levels they only give up keep-alive. */
const steps: Readonly<Record<Resource, readonly [Step, Step | undefined]>> = {
  connections: [{ from: 0.95, until: 0.85 }, undefined],
  requests: [{ from: 0.9, until: 0.75 }, undefined],
  memory: [
    { from: 0.85, until: 0.75 },
    { from: 0.95, until: 0.85 },
  ],
  heap: [
    { from: 0.85, until: 0.75 },
    { from: 0.95, until: 0.85 },
  ],
  delay: [
    { from: 0.5, until: 0.25 },
    { from: 1, until: 0.5 },
  ],
};

export const resources: readonly Resource[] = ["connections", "requests", "memory", "heap", "delay"];

/** So long a level lasts at least. */
const holdMs = 2_000;

const none: Readings = { connections: 0, requests: 0, memory: 0, heap: 0, delay: 0 };

export const noOverload: Overload = {
  level: 0,
  because: undefined,
  readings: none,
  levels: { connections: 0, requests: 0, memory: 0, heap: 0, delay: 0 },
  heldUntilMs: 0,
};

export function readingsOf(usage: Usage, capacity: Capacity): Readings {
  return {
    connections: usage.connections / capacity.connections,
    requests: usage.requests / capacity.requests,
    memory: usage.memoryBytes / capacity.memoryBytes,
    heap: usage.heapBytes / capacity.heapBytes,
    delay: usage.delayMs / capacity.delayMs,
  };
}

/** The next state: up at once, down only after a while and when the reading is well below. */
export function judgedOverload(before: Overload, readings: Readings, nowMs: number): Overload {
  const levels = { ...before.levels };
  let [level, because]: [Level, Resource | undefined] = [0, undefined];
  for (const resource of resources) {
    levels[resource] = levelOf(resource, before.levels[resource], readings[resource]);
    if (levels[resource] > level) [level, because] = [levels[resource], resource];
  }
  if (level < before.level && nowMs < before.heldUntilMs) {
    return { ...before, readings, levels };
  }
  const heldUntilMs = level === 0 ? 0 : nowMs + holdMs;
  return { level, because, readings, levels, heldUntilMs };
}

function levelOf(resource: Resource, before: Level, reading: number): Level {
  const [first, second] = steps[resource];
  if (second !== undefined && reading >= (before === 2 ? second.until : second.from)) return 2;
  return reading >= (before > 0 ? first.until : first.from) ? 1 : 0;
}

/** Whether something is short at this very moment, apart from the time for which a level lasts. */
export function isPressed({ levels }: Overload): boolean {
  return resources.some((resource) => levels[resource] > 0);
}
