import {
  afterProbe,
  type EndedProbe,
  type HealthChange,
  type HealthRules,
  healthRulesOf,
  initialState,
  type ServerState,
} from "../health/server-state.ts";
import type { Pair } from "../routing/routes.ts";
import type { Clock } from "./clock.ts";
import { type JudgedProbe, serverKey } from "./judged-probe.ts";
import { SendLimiter, sendBounds } from "./limits.ts";
import type { PlannedProbe } from "./probe-list.ts";
import { WatchGroups } from "./watch-groups.ts";

/** One server under the settings that probe it alike, and how it stands. */
export interface WatchedServer {
  /** Place in the list, from 1. */
  readonly number: number;
  readonly probe: PlannedProbe;
  readonly rules: HealthRules;
  readonly state: ServerState;
  /** Probes that came back, and those of them that failed. */
  readonly probes: number;
  readonly failures: number;
}

/** What a watch tells while it runs. */
export type WatchEvent =
  | {
      readonly kind: "probed";
      /** Epoch milliseconds. */
      readonly atMs: number;
      /** As it stands after the probe. */
      readonly server: WatchedServer;
      readonly result: JudgedProbe;
      /** The server went up or down by it. */
      readonly change: HealthChange | undefined;
    }
  | {
      readonly kind: "kept";
      readonly atMs: number;
      readonly server: WatchedServer;
      readonly pair: Pair;
      readonly minServers: number;
      /** Treated as healthy though its probes fail; false = no longer. */
      readonly kept: boolean;
    };

export interface WatchOptions {
  /** Sends one and judges what came back. Rejects when the signal is aborted, or when Causeway itself fails. */
  readonly send: (probe: PlannedProbe, signal: AbortSignal) => Promise<JudgedProbe>;
  readonly clock: Clock;
  /** From 0 up to, but not, 1; spreads the first probes. */
  readonly jitter: () => number;
  /** How a server stood before, when a watch goes on where another ended; undefined = it is new. */
  readonly stateBefore?: (probe: PlannedProbe) => ServerState | undefined;
  /** Probes to every server before it ends; undefined = no end. */
  readonly rounds: number | undefined;
  /** Ends after so many milliseconds. */
  readonly forMs: number | undefined;
  readonly signal: AbortSignal;
  /** One at a time and in order; a server is not probed again before its event was taken. */
  readonly onEvent: (event: WatchEvent) => Promise<void>;
}

export interface WatchEnd {
  /** `done` = every server has had its rounds, or nothing can be sent to it. */
  readonly why: "done" | "time" | "interrupted";
  readonly servers: readonly WatchedServer[];
}

/**
 * Probes every server of a list again and again as one instance of the gateway does, each at its own interval, and follows
 * how it stands. What runs when the watch ends is given up. Rejects only when Causeway itself fails, after everything was
 * ended.
 */
export async function watchProbes(probes: readonly PlannedProbe[], options: WatchOptions): Promise<WatchEnd> {
  return new Watch(probes, options).run();
}

/** A watched server in the making. */
type Stream = { -readonly [Key in keyof WatchedServer]: WatchedServer[Key] };

class Watch {
  readonly #options: WatchOptions;
  readonly #limiter = new SendLimiter(sendBounds);
  readonly #streams: readonly Stream[];
  readonly #groups: WatchGroups<Stream>;
  readonly #stop = new AbortController();
  /** Wakes those who wait for their next probe; one listener for all, there may be thousands. */
  readonly #sleepers = new Set<() => void>();
  #lastEvent: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #why: WatchEnd["why"] = "done";

  constructor(probes: readonly PlannedProbe[], options: WatchOptions) {
    this.#options = options;
    const nowMs = options.clock.nowMs();
    this.#streams = probes.map((probe, index) => ({
      number: index + 1,
      probe,
      rules: healthRulesOf(probe.generation, probe.plan),
      state: options.stateBefore?.(probe) ?? initialState(nowMs, options.jitter()),
      probes: 0,
      failures: 0,
    }));
    this.#groups = new WatchGroups(this.#streams);
  }

  async run(): Promise<WatchEnd> {
    const { signal, forMs, clock } = this.#options;
    const interrupt = (): void => this.#end("interrupted");
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    const cancelTimer = forMs === undefined ? () => {} : clock.after(forMs, () => this.#end("time"));
    await Promise.all(this.#streams.map((stream) => this.#follow(stream)));
    cancelTimer();
    signal.removeEventListener("abort", interrupt);
    if (this.#failure !== undefined) throw this.#failure.error;
    return { why: this.#why, servers: this.#streams };
  }

  #end(why: WatchEnd["why"]): void {
    if (this.#stop.signal.aborted) return;
    this.#why = why;
    this.#stop.abort();
    for (const wake of this.#sleepers) wake();
  }

  /** Never rejects: a failure of our own ends the whole watch and is kept for its end. */
  async #follow(stream: Stream): Promise<void> {
    const { rounds = Number.POSITIVE_INFINITY } = this.#options;
    try {
      do {
        await this.#sleepUntil(stream.state.nextProbeAtMs);
        if (this.#stop.signal.aborted) return;
      } while ((await this.#probeOnce(stream)) && stream.probes < rounds);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failure = { error };
      this.#end("interrupted");
    }
  }

  /** Whether there is sense in probing it again: what cannot be sent now never can. */
  async #probeOnce(stream: Stream): Promise<boolean> {
    const { clock, send } = this.#options;
    const { signal } = this.#stop;
    let startedMs = clock.nowMs();
    const result = await this.#limiter.run(serverKey(stream.probe), () => {
      signal.throwIfAborted();
      startedMs = clock.nowMs();
      return send(stream.probe, signal);
    });
    const atMs = clock.epochMs();
    const wasUp = stream.state.up;
    if (result.sent) take(stream, { verdict: result.verdict, startedMs, endedMs: clock.nowMs(), atMs });
    const change = stream.state.up === wasUp ? undefined : stream.state.changes.at(-1);
    const keepings = this.#groups.changesAt(stream);
    await this.#tell({ kind: "probed", atMs, server: { ...stream }, result, change });
    for (const { member, ...keeping } of keepings) {
      await this.#tell({ kind: "kept", atMs, server: { ...member }, ...keeping });
    }
    return result.sent;
  }

  #tell(event: WatchEvent): Promise<void> {
    this.#lastEvent = this.#lastEvent.then(() => this.#options.onEvent(event));
    return this.#lastEvent;
  }

  /** Wakes also when the watch ends. */
  #sleepUntil(dueMs: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#sleepers.delete(wake);
        resolve();
      };
      const cancel = clock.after(Math.max(0, dueMs - clock.nowMs()), wake);
      this.#sleepers.add(wake);
      if (this.#stop.signal.aborted) wake();
    });
  }
}

function take(stream: Stream, ended: EndedProbe): void {
  stream.state = afterProbe(stream.state, ended, stream.rules);
  stream.probes += 1;
  if (ended.verdict.outcome === "unhealthy") stream.failures += 1;
}
