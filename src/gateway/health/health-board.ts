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
}

type Listener = (entry: BoardEntry, before: BoardEntry | undefined) => void;

/** What stands there before the first probe has ended. */
export function unprobed(key: string, state: ServerState): BoardEntry {
  return { key, state, notSent: undefined, cause: undefined, message: undefined, observation: undefined };
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
