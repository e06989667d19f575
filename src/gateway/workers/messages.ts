import type { AdminState } from "../balance/member.ts";
import type { CertificateWithKey } from "../config/self-signed.ts";
import type { KeptExchange } from "../explain/kept-exchange.ts";
import type { BoardEntry } from "../health/health-board.ts";
import type { GateFigures } from "../limits/gate.ts";
import type { ActivityFigures } from "../metrics/activity-sum.ts";
import type { MetricsFigures } from "../metrics/metrics.ts";
import type { InvalidResponse } from "../upstream/invalid-response.ts";

/** Everything by which a process makes the same configuration of the same bytes. */
export interface PortableConfiguration {
  readonly number: number;
  /** Resource id of the gateway that is served. */
  readonly gateway: string;
  readonly records: readonly PortableRecord[];
  readonly listedTypes: readonly string[];
  /** By path: what preparing read. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly selfSigned: ReadonlyMap<string, CertificateWithKey>;
  readonly ticketSecret: Buffer;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Where each door is listened at: `doorName` → port. */
  readonly ports: ReadonlyMap<string, number>;
}

/** A resource as it stood in a document. */
export interface PortableRecord {
  readonly id: string;
  readonly type: string;
  readonly document: string;
  readonly pointer: string;
  readonly value: unknown;
  readonly listed: boolean;
}

/** What the operator wants of a server. */
export interface AdminWish {
  readonly pairId: string;
  readonly address: string;
  readonly admin: AdminState;
  /** What is left of its drain time, where it has begun already. */
  readonly drainForMs?: number | undefined;
}

/** What its attempts tell of a server. */
export interface PassiveSignal {
  readonly pairId: string;
  readonly address: string;
  readonly failuresInRow: number;
  /** 0 = it is back. */
  readonly asideForMs: number;
}

/** Words of a call and its options by name. */
export interface PlainArguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** How a worker begins, or begins again. */
export interface WorkerStart {
  /** From 1. */
  readonly worker: number;
  readonly workers: number;
  /** What was called, to be read as the main process read it. */
  readonly call: PlainArguments;
  readonly configuration: PortableConfiguration;
  readonly board: readonly BoardEntry[];
  readonly wishes: readonly AdminWish[];
  /** Where rows of the access log go: a file it appends to itself, or the main process; undefined = there is no log. */
  readonly log: { readonly file: string } | "main" | undefined;
  /** Somebody may ask for figures. */
  readonly tally: boolean;
  /** The system shares ports among processes; otherwise the main process does. */
  readonly sharedPorts: boolean;
}

export type ToWorker =
  | { readonly kind: "start"; readonly start: WorkerStart }
  /** Make it ready, and refuse what cannot be served. */
  | { readonly kind: "stage"; readonly configuration: PortableConfiguration }
  | { readonly kind: "commit" }
  | { readonly kind: "abandon" }
  | { readonly kind: "board"; readonly entries: readonly BoardEntry[] }
  | { readonly kind: "wish"; readonly wish: AdminWish }
  | { readonly kind: "passive"; readonly signal: PassiveSignal }
  | { readonly kind: "figures"; readonly what: FiguresKind }
  | { readonly kind: "records"; readonly start: string }
  | { readonly kind: "reopen-log" }
  | { readonly kind: "stop"; readonly drainMs: number };

export type ToMain =
  /** It can be told to start. */
  | { readonly kind: "here" }
  | { readonly kind: "passive"; readonly signal: PassiveSignal }
  /** Whole rows. */
  | { readonly kind: "log"; readonly batch: Buffer };

/** A server as one worker has it. */
export interface MemberFigures {
  readonly pairId: string;
  readonly address: string;
  readonly removed: boolean;
  readonly busy: number;
  readonly aside: boolean;
}

/** What is asked for at once. */
export interface Figures {
  readonly metrics: MetricsFigures;
  readonly activity: ActivityFigures;
  readonly members: readonly MemberFigures[];
  readonly connections: number;
  readonly gate: GateFigures;
  readonly invalid: readonly InvalidResponse[];
  readonly records: readonly KeptExchange[];
}

export type FiguresKind = Exclude<keyof Figures, "records">;

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isNumber = (value: unknown): boolean => typeof value === "number";
const isText = (value: unknown): boolean => typeof value === "string";
const isList = (value: unknown): boolean => Array.isArray(value);
const isThing = (value: unknown): boolean => typeof value === "object" && value !== null;
const isBytes = (value: unknown): boolean => Buffer.isBuffer(value);

const toWorker: Readonly<Record<ToWorker["kind"], Fields>> = {
  start: { start: isThing },
  stage: { configuration: isThing },
  commit: {},
  abandon: {},
  board: { entries: isList },
  wish: { wish: isThing },
  passive: { signal: isThing },
  figures: { what: isText },
  records: { start: isText },
  "reopen-log": {},
  stop: { drainMs: isNumber },
};

const toMain: Readonly<Record<ToMain["kind"], Fields>> = {
  here: {},
  passive: { signal: isThing },
  log: { batch: isBytes },
};

/** Undefined: it has not the shape of a message. Both sides are the same program: this tells a fault, not an attack. */
export const readToWorker = (value: unknown): ToWorker | undefined => read<ToWorker>(value, toWorker);
export const readToMain = (value: unknown): ToMain | undefined => read<ToMain>(value, toMain);

function read<T extends { readonly kind: string }>(
  value: unknown,
  shapes: Readonly<Record<T["kind"], Fields>>,
): T | undefined {
  if (!hasKind(value)) return undefined;
  const entries: readonly (readonly [string, Fields])[] = Object.entries(shapes);
  const fields = entries.find(([kind]) => kind === value.kind)?.[1];
  if (fields === undefined) return undefined;
  const fits = Object.entries(fields).every(([name, isRight]) => isRight(value[name]));
  return fits ? (value as unknown as T) : undefined;
}

function hasKind(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && "kind" in value;
}
