import { initialState } from "../../health/server-state.ts";
import type { Clock } from "../../probe/clock.ts";
import type { PlannedProbe } from "../../probe/probe-list.ts";
import { type WatchEvent, watchProbes } from "../../probe/watch.ts";
import { type HealthBoard, isProbed, unprobed, withFailure } from "./health-board.ts";
import type { ProbeSending } from "./probe-sending.ts";
import type { ProbeTarget } from "./probe-targets.ts";

/** What the prober needs of the world. */
export interface ProberOptions extends Pick<ProbeSending, "send" | "causeOf"> {
  readonly board: HealthBoard;
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly jitter: () => number;
  /** Causeway itself failed: probing begins again after a pause. */
  readonly onFailure: (error: unknown) => void;
}

/** After a failure of our own. */
const pauseMs = 1_000;

/**
 * Probes the servers of one configuration after another, as one instance of the gateway does, and writes the board. One a
 * process group: workers are told what the board says.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #closing = new AbortController();
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #keys: ReadonlySet<string> = new Set();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Probes these from now on. What the board knows of a probe that stays the same is kept, its schedule too. */
  probe(targets: readonly ProbeTarget[]): void {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const { board } = this.#options;
    this.#keys = new Set(targets.map(({ key }) => key));
    board.retain(this.#keys);
    this.#prepare(targets);
    this.#running = this.#running.then(() => this.#follow(targets, stop.signal));
  }

  /**
   * Probes once what the board knows nothing of yet, as another configuration wants it: so its servers are known when it
   * comes to be served. After so long it is over, whatever has come back. `forgetAhead` undoes it.
   */
  async probeAhead(
    targets: readonly ProbeTarget[],
    sending: Pick<ProbeSending, "send" | "causeOf">,
    withinMs: number,
  ): Promise<void> {
    const { board, clock } = this.#options;
    const unknown = targets.filter(({ key }) => !isProbed(board.get(key)));
    if (unknown.length === 0) return;
    const keys = keysOf(unknown);
    await watchProbes([...keys.keys()], {
      send: sending.send,
      clock,
      jitter: () => 0,
      signal: this.#closing.signal,
      rounds: 1,
      forMs: withinMs,
      onEvent: async (event) => this.#take(event, keys, sending),
    });
  }

  /** The other configuration is not served after all. */
  forgetAhead(): void {
    this.#options.board.retain(this.#keys);
  }

  /** Gives up what is under way; resolves when nothing is open any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stop.abort();
    await this.#running;
  }

  /** Everything that will be probed stands on the board from the start. */
  #prepare(targets: readonly ProbeTarget[]): void {
    const { board, clock, jitter } = this.#options;
    const nowMs = clock.nowMs();
    for (const { key } of targets) {
      if (board.get(key) !== undefined) continue;
      const state = initialState(nowMs, jitter());
      board.set(unprobed(key, state));
    }
  }

  async #follow(targets: readonly ProbeTarget[], signal: AbortSignal): Promise<void> {
    const { board, send, clock, jitter, onFailure } = this.#options;
    const keys = keysOf(targets);
    while (!signal.aborted) {
      try {
        await watchProbes(
          targets.map(({ probe }) => probe),
          {
            send,
            clock,
            jitter,
            signal,
            rounds: undefined,
            forMs: undefined,
            stateBefore: (probe) => board.get(keys.get(probe) ?? "")?.state,
            onEvent: async (event) => this.#take(event, keys, this.#options),
          },
        );
        return;
      } catch (error) {
        onFailure(error);
        await pause(clock, signal);
      }
    }
  }

  #take(
    event: WatchEvent,
    keys: ReadonlyMap<PlannedProbe, string>,
    { causeOf }: Pick<ProbeSending, "causeOf">,
  ): void {
    if (event.kind !== "probed") return;
    const { server, result } = event;
    const key = keys.get(server.probe);
    if (key === undefined) return;
    const { state } = server;
    const { board } = this.#options;
    const before = board.get(key) ?? unprobed(key, state);
    if (!result.sent) {
      board.set({ ...unprobed(key, state), notSent: result.why });
      return;
    }
    const { observation, verdict } = result;
    const failures = withFailure(before, state, verdict.outcome === "unhealthy" ? observation : undefined);
    const cause = verdict.outcome === "healthy" ? undefined : causeOf(server.probe, result);
    board.set({ ...unprobed(key, state), cause, message: verdict.messages[0], observation, failures });
  }
}

function keysOf(targets: readonly ProbeTarget[]): ReadonlyMap<PlannedProbe, string> {
  return new Map(targets.map(({ key, probe }) => [probe, key]));
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(pauseMs, done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
