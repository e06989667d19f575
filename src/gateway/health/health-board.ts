import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { HealthMessageKey } from "../../health/message.ts";
import type { ServerState } from "../../health/server-state.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";

/** How the servers stand that one probe stands for. Plain data but for the observation, so that workers can be told. */
export interface BoardEntry {
  /** Equal before and after a reload while the probe asks and judges the same (`probe-targets.ts`). */
  readonly key: string;
  readonly state: ServerState;
  /** Why no probe can be sent; such a server never comes up. */
  readonly notSent: string | undefined;
  /** What the last probe's failure means; undefined when it went well, or that cannot be told from it. */
  readonly cause: CauseId | undefined;
  /** What backend health shows for the last probe (health-probes.md §8), where something is documented. */
  readonly message: HealthMessageKey | undefined;
  /** The last probe as it went; only where the prober runs. */
  readonly observation: ProbeObservation | undefined;
  /** The last failure of each of the latest times that the server was down, the newest last; only where the prober runs. */
  readonly failures: readonly DownTime[];
}

/** A time for which a server was down. */
export interface DownTime {
  /** Of the change that took it down; epoch milliseconds. */
  readonly sinceMs: number;
  readonly observation: ProbeObservation;
}

type Listener = (entry: BoardEntry, before: BoardEntry | undefined) => void;

/** What stands there before the first probe has ended. */
export function unprobed(key: string, state: ServerState): BoardEntry {
  return {
    key,
    state,
    notSent: undefined,
    cause: undefined,
    message: undefined,
    observation: undefined,
    failures: [],
  };
}

/** Whether a probe has come back, whatever it told, or none can ever be sent. */
export function isProbed(entry: BoardEntry | undefined): boolean {
  return entry !== undefined && (entry.notSent !== undefined || entry.state.last !== undefined);
}

/** Enough for who asks soon after; each holds the answer to a probe. */
const keptFailures = 3;

/** The failures that are kept once another probe has ended. */
export function withFailure(
  { failures }: Pick<BoardEntry, "failures">,
  { up, changes }: ServerState,
  observation: ProbeObservation | undefined,
): readonly DownTime[] {
  const sinceMs = changes.at(-1)?.atMs;
  // Before its first success it is not yet up, which is another thing than down again.
  if (up || observation === undefined || sinceMs === undefined) return failures;
  const before = failures.at(-1)?.sinceMs === sinceMs ? failures.slice(0, -1) : failures;
  return [...before, { sinceMs, observation }].slice(-keptFailures);
}

/**
 * The entry as it tells of a moment: with the last probe while the server has neither come up nor gone down since, and with
 * the last failure of the time when it was down then, where that is kept. Undefined = nothing is known of that moment.
 */
export function entryAt(entry: BoardEntry | undefined, atMs: number): BoardEntry | undefined {
  if (entry === undefined || !entry.state.changes.some((change) => change.atMs > atMs)) return entry;
  const sinceMs = entry.state.changes.findLast((change) => change.atMs <= atMs)?.atMs;
  const then = entry.failures.find((failure) => failure.sinceMs === sinceMs);
  return then && { ...entry, observation: then.observation };
}

/** The state of all servers by the probes: written by the prober, or by what it tells a worker; read by everybody. */
export class HealthBoard {
  readonly #entries = new Map<string, BoardEntry>();
  readonly #listeners = new Set<Listener>();

  get(key: string): BoardEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): Iterable<BoardEntry> {
    return this.#entries.values();
  }

  set(entry: BoardEntry): void {
    const before = this.#entries.get(entry.key);
    this.#entries.set(entry.key, entry);
    for (const listener of this.#listeners) listener(entry, before);
  }

  /** Forgets what no probe stands for any more. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#entries.keys()) if (!keys.has(key)) this.#entries.delete(key);
  }

  /** After every change; the answer ends it. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
