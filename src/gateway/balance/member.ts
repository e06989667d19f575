import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { Server } from "../../routing/routes.ts";
import { isOwnShortage } from "../upstream/failures.ts";
import { UnderWay } from "./under-way.ts";

/** What the operator wants of a server. */
export type AdminState =
  | "enabled"
  /** No new clients; those with its cookie until the drain time is over. */
  | "draining"
  /** Nothing. */
  | "disabled";

/** One server of a pair, as requests are given to it. Lives on over a reload as long as the server is the same. */
export class Member {
  readonly server: Server;
  /** Of its probe on the board; undefined = it cannot be probed. */
  readonly key: string | undefined;
  readonly affinity: string;
  admin: AdminState = "enabled";
  /** While it drains: until when clients with its cookie still get it. */
  drainUntilMs = 0;
  /** New clients may get it: up by its probes, or kept by `minServers`. Worked out by its pair. */
  serving = false;
  /** Attempts under way, under whichever configuration they began. */
  underWay = new UnderWay();
  /** Attempts in a row that the server did not take or answer. */
  failuresInRow = 0;
  /** Not given new clients before this moment while others are there. */
  asideUntilMs = 0;

  constructor(server: Server, key: string | undefined, affinity: string) {
    this.server = server;
    this.key = key;
    this.affinity = affinity;
  }

  /** Takes over what is known of the same server under the configuration before. */
  goOnAs(before: Member): void {
    this.underWay = before.underWay;
    this.admin = before.admin;
    this.drainUntilMs = before.drainUntilMs;
    this.failuresInRow = before.failuresInRow;
    this.asideUntilMs = before.asideUntilMs;
  }

  /** Put aside for a failure or two, which may have been the requests' own doing. */
  get suspected(): boolean {
    return this.failuresInRow < failuresProving;
  }

  /** True when it is put aside or comes back by this attempt. */
  took(attempt: Attempt, nowMs: number): boolean {
    const { failure } = attempt;
    if (failure === undefined) {
      const wasAside = this.asideUntilMs > nowMs;
      this.failuresInRow = 0;
      this.asideUntilMs = 0;
      return wasAside;
    }
    if (!isOfServer.has(failure.kind) || isOwnShortage(failure)) return false;
    if (failure.stale) {
      // Most likely it had only been idle for too long; but so do connections end to a server that has just broken down.
      this.asideUntilMs = Math.max(this.asideUntilMs, nowMs + shortestAsideMs);
      return true;
    }
    this.failuresInRow += 1;
    const times = Math.min(Math.max(this.failuresInRow - failuresProving, 0), 10);
    this.asideUntilMs = nowMs + Math.min(shortestAsideMs * 2 ** times, longestAsideMs);
    return true;
  }
}

/** So many in a row are the server's. */
const failuresProving = 3;
const shortestAsideMs = 5_000;
const longestAsideMs = 60_000;

/** Failures that tell of the server, whatever was asked. */
const isOfServer: ReadonlySet<AttemptFailure["kind"]> = new Set([
  "dns",
  "connect-refused",
  "connect-timeout",
  "connect-unreachable",
  "connect-reset",
  "tls-alert",
  "tls-not-tls",
  "tls-timeout",
  "tls-closed",
  "tls-certificate",
  "tls-failed",
  "send-reset",
  "response-timeout",
  "response-reset",
  "response-closed",
]);
