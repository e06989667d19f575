import type { HealthChange, HealthRules, ServerState } from "../health/server-state.ts";
import type { Pair } from "../routing/routes.ts";
import type { ProbeEnd, ProbeShown } from "./probe-report.ts";

/** One server that is watched; `WatchedServer` of the probe room fits. */
export interface WatchedShown {
  /** From 1, over all gateways. */
  readonly number: number;
  readonly probe: ProbeShown;
  readonly rules: HealthRules;
  readonly state: ServerState;
  readonly probes: number;
  readonly failures: number;
}

/** A probe that came back, or could not be sent. */
export interface ProbedShown {
  readonly kind: "probed";
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly server: WatchedShown;
  readonly result: ProbeEnd;
  readonly change: HealthChange | undefined;
}

/** A server that `minServers` begins, or ends, to keep in service. */
export interface KeptShown {
  readonly kind: "kept";
  readonly atMs: number;
  readonly server: WatchedShown;
  readonly pair: Pair;
  readonly minServers: number;
  readonly kept: boolean;
}

/** What happened; `WatchEvent` of the probe room fits. */
export type WatchEventShown = ProbedShown | KeptShown;

export interface WatchEndShown {
  readonly why: "done" | "time" | "interrupted";
  readonly servers: readonly WatchedShown[];
}

/** Writes a watch as it goes; each answer is whole lines, or nothing. */
export interface WatchWriter {
  start(atMs: number): string;
  event(event: WatchEventShown): string;
  end(end: WatchEndShown, atMs: number): string;
}

/** Whether a watch is worth a word when only what matters most is to be said. */
export function isNews(event: WatchEventShown): boolean {
  return event.kind === "kept" || event.change !== undefined || !event.result.sent;
}

/** Every server got its success, and kept it. */
export function allUp({ servers }: WatchEndShown): boolean {
  return servers.length > 0 && servers.every(({ state }) => state.up);
}
