import type { AttemptFailure } from "../../model/attempt.ts";
import type { Generation } from "../../model/gateway.ts";
import { endsOfConnection } from "../upstream/failures.ts";
import { idempotentMethods } from "./idempotent.ts";

/** How the request has fared so far. */
export interface Progress {
  readonly generation: Generation;
  readonly method: string;
  /** Its body can be sent from the beginning. */
  readonly bodyWhole: boolean;
  /** The attempt that failed went over a reused connection. */
  readonly reused: boolean;
  /** A byte of a response had come by it. */
  readonly answered: boolean;
  /** It was sent again to the same server because a reused connection had ended. */
  readonly repeatedStale: boolean;
  /** It was sent again to another server because one that may have had it did not answer. */
  readonly repeatedElsewhere: boolean;
}

/**
 * What is done after an attempt that failed before a response head came (docs/gateway-phases.md, "What may be done
 * again"): `fresh`: once more to the same server over a fresh connection; `other`: to another server; `other-or-fresh`: to
 * another one, or else to the same over a fresh connection.
 */
export type Repeat = "fresh" | "other" | "other-or-fresh" | "no";

export function mayRepeat(failure: AttemptFailure, progress: Progress): Repeat {
  const { generation, method, bodyWhole } = progress;
  if (failure.kind === "aborted" || !bodyWhole) return "no";
  // The same server is not there to be asked again, and another one would begin anew what ran for so long.
  if (failure.kind === "response-drained") return failure.nothingSent ? "other" : "no";
  const again = idempotentMethods.has(method);
  if (failure.stale && !progress.repeatedStale && (failure.nothingSent || again)) return "fresh";
  if (failure.nothingSent) return progress.reused ? "other-or-fresh" : "other";
  if (!again || progress.repeatedElsewhere) return "no";
  if (failure.kind === "response-timeout") return generation === "v2" ? "other" : "no";
  return !progress.answered && endsOfConnection.has(failure.kind) ? "other" : "no";
}

/** What the client gets when nothing is done again (request-handling.md §9). */
export function statusOfFailure({ kind }: AttemptFailure, generation: Generation): number {
  return kind === "response-timeout" && generation === "v2" ? 504 : 502;
}
